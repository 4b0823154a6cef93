"""A framework's own examples use it as if it were installed; everybody else's modules are what the tree holds."""

from pathlib import Path

from migrator.pipeline import make_plan
from migrator.settings import Settings

EXAMPLE = """\
from agents.mcp import MCPServerSse

server = MCPServerSse(params={"url": "http://localhost:8000/sse"})
"""
FRAMEWORK = "class MCPServerSse:\n    def __init__(self, params): ...\n"


def changed(folder: Path, name: str) -> list[str]:
    files = {
        "pyproject.toml": f'[project]\nname = "{name}"\nversion = "1"\n',
        "src/agents/__init__.py": "",
        "src/agents/mcp.py": FRAMEWORK,
        "src/agents/inside.py": EXAMPLE,
        "examples/client.py": EXAMPLE,
        "tests/test_client.py": EXAMPLE,
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return [c.path for c in make_plan(folder, Settings()).changes]


def test_examples_of_a_framework_follow(tmp_path: Path) -> None:
    assert changed(tmp_path, "openai_agents") == ["examples/client.py"]


def test_a_project_with_modules_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    assert changed(tmp_path, "my-agents") == []
