"""What a run costs: counted in parsed files, not timed."""

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.python.code import Code
from migrator.python.module import Module
from migrator.settings import Settings

SERVER = """\
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("a")


def main():
    mcp.run(transport="sse")


if __name__ == "__main__":
    main()
"""
# every word that the search for callers, routes, checks and lifespans asks for, in code that never meets the server
OTHER = """\
import os.path


def handle(path, request, app, messages):
    assert request.url.path == path, "asserted"
    return main(app, messages, "name")


def main(app, messages, name):
    app.mount("/", name)
    app.add_middleware(CORSMiddleware)
    app.router.lifespan_context = lifespan


async def lifespan(scope, receive, send):
    await Mangum(scope, receive, send)
"""


def test_files_that_never_meet_the_server_are_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    for i in range(30):
        folder = tmp_path / f"package_{i}"
        folder.mkdir()
        (folder / "part.py").write_text(OTHER)
    parsed: list[str] = []
    parse = Code.parse

    def counted(self: Code, path: str) -> Module:
        parsed.append(path)
        return parse(self, path)

    monkeypatch.setattr(Code, "parse", counted)
    plan = make_plan(tmp_path, Settings())
    assert [c.path for c in plan.changes] == ["server.py"]
    assert len(set(parsed)) == len(parsed)
    assert not [p for p in parsed if p != "server.py"][2:], "a file is parsed only when it may meet a server"
