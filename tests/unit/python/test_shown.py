"""Addresses that a server's own files hand out."""

from __future__ import annotations

from pathlib import Path

from migrator.model import Outcome, Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """from mcp.server.fastmcp import FastMCP

PORT = 8000
mcp = FastMCP("calc", port=PORT)


def config():
    return {"calc": {"type": "sse", "url": f"http://localhost:{PORT}/sse"}}


def other(port):
    return f"http://localhost:{port}/sse-events"


mcp.run("sse")
"""


def test_a_client_configuration_that_a_server_puts_together_is_told(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    plan = make_plan(tmp_path, Settings())
    told = [f for f in plan.findings if f.rule == "MCP204"]
    assert [(f.outcome, f.place.line) for f in told] == [(Outcome.BY_HAND, 8)]
    assert 'f"http://localhost:{PORT}/mcp"' in told[0].instruction
    after = plan.changes[0].after.decode()
    assert '"type": "sse", "url": f"http://localhost:{PORT}/sse"' in after  # word and address are one edit
    assert "/sse-events" in after


TOLD = """import sys

from fastmcp import FastMCP

mcp = FastMCP("calc")


def serve(transport: str, host: str, port: int) -> None:
    if transport == "stdio":
        mcp.run()
        return
    print(f"SSE is at http://{host}:{port}/sse (SSE_PATH), not HTTP+SSE {sys.SSE}")
    print(f"{transport} at http://{host}:{port}/{transport}")
    print(f"files at http://{host}:{port}/{host}")
    mcp.run(transport=transport, host=host, port=port)


serve(sys.argv[1] if len(sys.argv) > 1 else "sse", "127.0.0.1", 8000)
"""


def test_what_is_printed_names_the_new_transport_and_its_path(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(TOLD)
    after = make_plan(tmp_path, Settings()).changes[0].after.decode()
    assert 'f"Streamable HTTP is at http://{host}:{port}/mcp (SSE_PATH), not HTTP+SSE {sys.SSE}"' in after
    assert 'f"{transport} at http://{host}:{port}/mcp"' in after
    assert 'f"files at http://{host}:{port}/{host}"' in after


PEOPLE = """from mcp.server.fastmcp import FastMCP

mcp = FastMCP("calc", port=8000)


def banner(console, table, port):
    table.add_row("Local", f"http://localhost:{port}/sse")
    console.print(Panel(f"SSE at http://localhost:{port}/sse"))
    log.info("serving %s/sse", BASE)
    print("\\n".join(["ready", "http://localhost:{}/sse".format(port)]))
    hint = f"Open http://localhost:{port}/sse in your client"
    page = f'<code>http://{HOST}/sse</code> <a href="/sse">open</a>'
    kept = [f"curl -N http://localhost:{port}/sse", f"http://localhost:{port}/files/sse is a file"]
    print(f'claude mcp add --transport sse calc http://localhost:{port}/sse')
    print(json.dumps({"type": "sse", "url": f"http://localhost:{port}/sse"}))
    print(requests.get(f"http://localhost:{port}/sse").status_code)
    wait_for(f"http://localhost:{port}/sse")
    paths = "/sse /messages/".split()
    log.info("posts go to http://localhost:%d/messages/", port)
    tool(description="what is at /sse and elsewhere")
    return "none" if port is None else f"http://localhost:{port}/sse"


mcp.run("sse")
"""


def changed(before: str, after: str) -> dict[int, str]:
    both = zip(before.splitlines(), after.splitlines(), strict=True)
    return {n: new.strip() for n, (old, new) in enumerate(both, 1) if old != new}


def edited(folder: Path, before: str) -> tuple[Plan, dict[int, str]]:
    """The plan for a server of one file, and the lines that it changes."""
    (folder / "server.py").write_text(before)
    plan = make_plan(folder, Settings())
    return plan, changed(before, plan.changes[0].after.decode())


def test_what_people_read_names_the_new_path_and_what_programs_read_is_told(tmp_path: Path) -> None:
    plan, new = edited(tmp_path, PEOPLE)
    assert new.pop(3) and new.pop(24)
    assert new == {
        7: 'table.add_row("Local", f"http://localhost:{port}/mcp")',
        8: 'console.print(Panel(f"Streamable HTTP at http://localhost:{port}/mcp"))',
        9: 'log.info("serving %s/mcp", BASE)',
        10: 'print("\\n".join(["ready", "http://localhost:{}/mcp".format(port)]))',
        11: 'hint = f"Open http://localhost:{port}/mcp in your client"',
        12: "page = f'<code>http://{HOST}/mcp</code> <a href=\"/mcp\">open</a>'",
        21: 'return "none" if port is None else f"http://localhost:{port}/mcp"',
    }
    told = [f for f in plan.findings if f.rule == "MCP204"]
    assert [f.place.line for f in told] == [13, 15]
    assert told[0].message.startswith("lines 13, 14, 16, 17, 18, 19, 20 go on naming the old path")


WINDOW = """from tkinter import Label

from app.server import serve


def show(root, port):
    Label(root, text=f"http://localhost:{port}/sse")
    Label(root, text="the other one: http://localhost:9/sse, http://tools.example.com/sse")
    Label(root, text="Valid: stdio, sse. Then http://localhost:8000/sse")
    path = input("SSE path (default: /sse): ") or "/sse"
    root.clipboard = "http://localhost:%d/sse" % port
    serve()
"""


def test_the_programs_other_files_name_it_too(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "server.py").write_text(
        'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("calc", port=8000)\n\n\n'
        "def serve():\n    mcp.run('sse')\n"
    )
    (tmp_path / "app" / "window.py").write_text(WINDOW)
    (tmp_path / "agent.py").write_text('print("http://localhost:8000/sse")\nasync with sse_client(URL) as s: ...\n')
    plan = make_plan(tmp_path, Settings())
    after = {c.path: c.after.decode() for c in plan.changes}
    assert "agent.py" not in after
    assert set(changed(WINDOW, after["app/window.py"])) == {7}
    told = [f for f in plan.findings if f.rule == "MCP204" and f.place.path == "app/window.py"]
    assert [(f.place.line, f.outcome) for f in told] == [(8, Outcome.BY_HAND)]
    assert "lines 8, 9, 10, 11" in told[0].message and "/sse is /mcp from now on" in told[0].instruction


ENUM = """from enum import Enum

from mcp.server.fastmcp import FastMCP
from pydantic_settings import BaseSettings


class Mode(str, Enum):
    STDIO = "stdio"
    SSE = "sse"


class Settings(BaseSettings):
    mode: Mode = Mode.SSE


settings = Settings()
mcp = FastMCP("calc")


def main():
    if settings.mode is Mode.SSE:
        mcp.run("sse")
    else:
        mcp.run("stdio")
"""


def test_a_member_that_tests_name_is_told_and_the_one_that_stays_is_not(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(ENUM)
    (tmp_path / "test_mode.py").write_text(
        "from server import Mode, settings\n\n\ndef test_it():\n    assert settings.mode is Mode.SSE\n"
    )
    plan = make_plan(tmp_path, Settings())
    told = [f for f in plan.findings if "go on naming" in f.message or "goes on naming" in f.message]
    assert [(f.rule, str(f.place)) for f in told] == [("MCP506", "test_mode.py:5")]
    assert not [f for f in make_plan(tmp_path, Settings(tests=False)).findings if f.place.path == "test_mode.py"]


def test_a_test_that_starts_with_the_new_word_and_expects_the_old_path_is_told(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "server.py").write_text(
        """import argparse

from fastmcp import FastMCP

mcp = FastMCP("notes")


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", choices=["stdio", "sse"], default="stdio")
    parser.add_argument("--path")
    given = parser.parse_args()
    if given.path is None:
        given.path = "/sse" if given.transport == "sse" else "/mcp"
    return given


if __name__ == "__main__":
    given = options()
    mcp.run(transport=given.transport, path=given.path)
"""
    )
    (tmp_path / "tests/test_server.py").write_text(
        """import sys

import server


def test_path(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["server", "--transport", "sse"])
    assert server.options().transport == "sse"
    assert server.options().path == "/sse"
"""
    )
    plan = make_plan(tmp_path, Settings())
    assert {c.path for c in plan.changes} == {"server.py", "tests/test_server.py"}
    (told,) = [f for f in plan.findings if f.place.path.startswith("tests/") and f.place.line == 9]
    assert told.rule == "MCP506"


ODD = """from mcp.server.fastmcp import FastMCP
from shop.config import cfg

mcp = FastMCP("shop", port=8000)


def url():
    return f"http://{cfg['host']}:{cfg['mcp']['port']}/sse"


def banner(port):
    print(f"SSEサーバー起動: http://localhost:{port}/sse")
    log.info("SSE服务在 %s/sse", url())
    log.info("another one: %s/files/sse", url())
    log.info("the template: http://{{host}}:{{port}}/sse")


PAGE = '''<h1>SSE at /sse</h1>
<script>new EventSource("/sse")</script>'''

mcp.run("sse")
"""


def test_addresses_of_keys_words_without_spaces_and_pages_that_read_the_stream(tmp_path: Path) -> None:
    plan, new = edited(tmp_path, ODD)
    assert new.pop(4) and new.pop(21)
    assert new == {
        8: "return f\"http://{cfg['host']}:{cfg['mcp']['port']}/mcp\"",
        12: 'print(f"Streamable HTTPサーバー起動: http://localhost:{port}/mcp")',
        13: 'log.info("Streamable HTTP服务在 %s/mcp", url())',
        15: 'log.info("the template: http://{{host}}:{{port}}/mcp")',
    }
    told = [f for f in plan.findings if f.rule == "MCP204"]
    assert [f.message.partition(" go on")[0] for f in told] == ["lines 14, 18, 19"]
