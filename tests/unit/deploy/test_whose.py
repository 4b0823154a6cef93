"""Which client a block of a document is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator import rulebook
from migrator.configs.clients import Clients
from migrator.deploy.whose import whose
from migrator.pipeline import make_plan
from migrator.settings import Settings

CLIENTS = Clients(rulebook.load().all_toml("clients"))


@pytest.mark.parametrize(
    ("before", "client"),
    [
        ("Add to `~/.cursor/mcp.json`:\n\n```json\n", "cursor"),
        ("Open cline_mcp_settings.json and add\n\n```json\n", "cline"),
        ("### Claude Desktop\n\nOpen the settings.\n\n```json\n", "claude-desktop"),
        ("<summary><b>VS Code</b></summary>\n\n```json\n", "vscode"),
        ("- Roo Code:\n  ```json\n", "roo"),
        ("## Roo\n\n```json\n", "roo"),
        ("### VSCode\n\n```json\n", "vscode"),
        ("## Claude\n\n```json\n", ""),  # several begin so
        ("## Cursor or Windsurf\n\n```json\n", ""),  # either
        ("We like Cline a lot.\n\n```json\n", ""),  # a sentence
        ("`.cursor/mcp.json`\n```json\n{}\n```\nAnd then:\n```json\n", ""),  # of the block before
        ("`.cursor/mcp.json`\n\n# Something else\n\n```json\n", ""),
        ("## Raspberry Pi\n\n```json\n", ""),
    ],
)
def test_the_nearest_line_that_names_one(before: str, client: str) -> None:
    text = before + '{"a": 1}\n```\n'
    assert whose(text, len(before), CLIENTS) == client
    text = text.replace("\n", "\r\n")
    assert whose(text, len(before.replace("\n", "\r\n")), CLIENTS) == client


def test_a_comment_in_the_block_names_its_file() -> None:
    text = "## Cursor\n\n```jsonc\n// .vscode/mcp.json\n{}\n```\n"
    assert whose(text, text.index("//"), CLIENTS) == "vscode"


def test_what_is_to_be_added_to_a_file_gets_the_word_of_its_client(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(
        'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s", port=8000)\nmcp.run("sse")\n'
    )
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    text = '# S\n\nIn `cline_mcp_settings.json`:\n\n```json\n"s": {\n  "url": "http://localhost:8000/sse"\n}\n```\n'
    (tmp_path / "README.md").write_text(text)
    plan = make_plan(tmp_path, Settings())
    (change,) = [c for c in plan.changes if c.path == "README.md"]
    added = '"s": {\n  "type": "streamableHttp",\n  "url": "http://localhost:8000/mcp"\n}'
    assert added in change.after.decode()


@pytest.mark.parametrize("root", ["", '[project]\nname = "all"\nversion = "0"\n'])
def test_a_readme_above_a_member_is_about_it(tmp_path: Path, root: str) -> None:
    member = tmp_path / "packages" / "server"
    member.mkdir(parents=True)
    if root:
        (tmp_path / "pyproject.toml").write_text(root)
    (member / "pyproject.toml").write_text('[project]\nname = "s"\nversion = "0"\ndependencies = ["fastmcp==2.14.2"]\n')
    (member / "s.py").write_text(
        'import os\nfrom fastmcp import FastMCP\n\nmcp = FastMCP("s")\nmcp.run("sse", port=int(os.environ["PORT"]))\n'
    )
    (tmp_path / "README.md").write_text("# All\n\n```sh\nnpx mcp-remote http://localhost:8000/sse\n```\n")
    plan = make_plan(tmp_path, Settings())
    assert any(c.path == "README.md" and b"8000/mcp" in c.after for c in plan.changes)
