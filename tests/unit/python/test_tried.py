"""SDKs that are imported in turn: which one a server is of, by what the project says that it installs."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

OFFICIAL, OFFICIAL_2 = "from mcp.server.fastmcp import FastMCP", "from mcp.server.mcpserver import MCPServer as FastMCP"
FASTMCP = "from fastmcp import FastMCP"
LOCK = 'version = 1\n\n[[package]]\nname = "mcp"\nversion = "1.24.0"\n'
REST = 'mcp = FastMCP("calc")\nmcp.run(transport="sse")\n'


@pytest.mark.parametrize(
    ("first", "then", "files", "generation"),
    [
        (FASTMCP, OFFICIAL, {"requirements.txt": "fastmcp==3.1.0\n"}, "fastmcp-3"),
        (FASTMCP, OFFICIAL, {"requirements.txt": "mcp>=1.9,<2\n"}, ""),  # fastmcp may be there, too
        (FASTMCP, OFFICIAL, {"requirements.txt": 'fastmcp; python_version > "3.11"\n'}, ""),
        (FASTMCP, OFFICIAL, {}, ""),
        (OFFICIAL, FASTMCP, {"requirements.txt": "mcp>=1.9,<2\n"}, "official-1"),
        (OFFICIAL, FASTMCP, {"requirements.txt": "mcp>=1.9\n"}, ""),  # 2.x has no such module
        (OFFICIAL_2, OFFICIAL, {"requirements.txt": "mcp>=1.9,<2\n"}, "official-1"),
        (OFFICIAL_2, OFFICIAL, {"requirements.txt": "mcp>=2.1\n"}, "official-2"),
        (OFFICIAL_2, OFFICIAL, {"requirements.txt": "mcp>=1.9\n"}, ""),
        (
            FASTMCP,
            OFFICIAL,
            {
                "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["mcp<2"]\n'
                '[project.optional-dependencies]\nmore = ["fastmcp"]\n',
                "uv.lock": LOCK,
            },
            "official-1",
        ),
    ],
)
def test_the_one_that_is_installed(
    tmp_path: Path, first: str, then: str, files: dict[str, str], generation: str
) -> None:
    code = f"try:\n    {first}\nexcept ImportError:\n    {then}\n\n{REST}"
    for name, text in {"server.py": code, **files}.items():
        (tmp_path / name).write_text(text)
    (endpoint,) = make_plan(tmp_path, Settings()).endpoints
    assert (endpoint.generation if endpoint.moved else "") == generation


def test_what_catches_no_import_error_keeps_both(tmp_path: Path) -> None:
    code = f"try:\n    {FASTMCP}\nexcept ValueError:\n    {OFFICIAL}\n\n{REST}"
    (tmp_path / "server.py").write_text(code)
    (tmp_path / "requirements.txt").write_text("fastmcp==3.1.0\n")
    (endpoint,) = make_plan(tmp_path, Settings()).endpoints
    assert not endpoint.moved
