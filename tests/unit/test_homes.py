"""Which documents are about which of several servers."""

from __future__ import annotations

from pathlib import Path

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """from fastmcp import FastMCP

mcp = FastMCP("echo")
mcp.run(transport="sse", port=8001)
"""
SAYS = "# Gateway\n\nIts SSE transport is at `http://localhost:4444/sse`.\n\n## Plugins\n\n"
PROJECT = '[project]\nname = "member"\nversion = "1"\ndependencies = ["fastmcp>=2.14,<3"]\n'
MEMBERS = {f"plugins/{name}/pyproject.toml": PROJECT for name in ("vault", "other", "third")}
CATALOG = '{"mcpServers": {"other": {"type": "sse", "url": "http://localhost:8103/sse"}}}\n'


def planned(root: Path, files: dict[str, str]) -> Plan:
    for name, text in ({"requirements.txt": "fastmcp>=2.14,<3\n"} | files).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return make_plan(root, Settings())


def told(plan: Plan, path: str) -> list[str]:
    return [f.message for f in plan.findings if f.place.path == path]


def test_the_readme_above_many_projects_is_not_about_one_of_them(tmp_path: Path) -> None:
    readme = {"README.md": SAYS, "plugins/vault/README.md": "Speaks the SSE transport.\n"}
    plan = planned(tmp_path, readme | MEMBERS | {"plugins/vault/echo.py": SERVER, "mcp.json": CATALOG})
    assert not told(plan, "README.md")
    assert told(plan, "plugins/vault/README.md")
    (catalog,) = told(plan, "mcp.json")
    assert "nothing is known about localhost:8103" in catalog


def test_it_is_in_the_section_that_names_its_folder(tmp_path: Path) -> None:
    text = f"{SAYS}The vault is reached over the SSE transport.\n"
    plan = planned(tmp_path, {"README.md": text, "plugins/vault/echo.py": SERVER} | MEMBERS)
    assert [f.place.line for f in plan.findings if f.place.path == "README.md"] == [7]


def test_what_a_project_offers_its_own_users_is_not_what_an_example_serves(tmp_path: Path) -> None:
    name = PROJECT.replace("member", "mcp")
    plan = planned(tmp_path, {"README.md": SAYS, "pyproject.toml": name, "tools/echo.py": SERVER})
    assert not told(plan, "README.md")


def test_the_readme_above_the_only_project_is_about_it(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"README.md": SAYS, "server/pyproject.toml": PROJECT, "server/echo.py": SERVER})
    assert told(plan, "README.md")


def test_the_server_of_the_project_itself_is_what_the_readme_is_about(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"README.md": SAYS, "src/shop/echo.py": SERVER, "mcp.json": CATALOG})
    assert told(plan, "README.md")
    (catalog,) = told(plan, "mcp.json")
    assert "it may be the server at src/shop/echo.py" in catalog


def test_a_list_of_requirements_makes_no_project_of_a_folder_of_one(tmp_path: Path) -> None:
    files = {"docs/use.md": SAYS, "pyproject.toml": PROJECT, "deploy/docker/requirements.txt": "fastmcp>=2.14,<3\n"}
    assert told(planned(tmp_path, files | {"deploy/docker/echo.py": SERVER}), "docs/use.md")


def test_a_section_names_a_project_as_it_is_published(tmp_path: Path) -> None:
    own = {"plugins/vault/pyproject.toml": PROJECT.replace("member", "strong-room")}
    text = f"{SAYS}`strong-room --port 8001` starts the SSE transport.\n"
    plan = planned(tmp_path, {"README.md": text, "plugins/vault/echo.py": SERVER} | MEMBERS | own)
    assert [f.place.line for f in plan.findings if f.place.path == "README.md"] == [7]
