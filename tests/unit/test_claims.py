"""Sentences of the report that were once false: about sessions, versions, addresses, and what is said twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.reports import ReportOptions
from migrator.reports.reading import read
from migrator.reports.sentences import connections, legacy_tip, old_words
from migrator.settings import Settings

FAST = "from mcp.server.fastmcp import FastMCP\n"
ADD = '\n\n@mcp.tool()\ndef add(a: int, b: int) -> int:\n    """Add."""\n    return a + b\n\n\n'


def plan_of(root: Path, **files: str) -> Plan:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_py", ".py").replace("_txt", ".txt").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return make_plan(root, Settings())


def said(plan: Plan, rule: str) -> list[str]:
    return [f"{f.place}: {f.message}" for f in plan.findings if f.rule == rule]


CHOSEN = (
    f"import os\n\n{FAST}\nKIND = os.getenv('TRANSPORT', 'sse')\n\n\n"
    "def lifespan(server):\n    yield {'db': connect()}\n\n\n"
    "if KIND == 'stdio':\n    mcp = FastMCP('a', lifespan=lifespan)\nelse:\n"
    "    mcp = FastMCP('a', host='0.0.0.0', port=9000, lifespan=lifespan)\n"
    f"{ADD}mcp.run(transport=KIND)\n"
)


def test_a_server_made_for_stdio_alone_is_no_endpoint(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, server_py=CHOSEN)
    (endpoint,) = plan.endpoints
    assert endpoint.new_url == "http://127.0.0.1:9000/mcp"
    assert "FastMCP('a', lifespan=lifespan)" in plan.changes[0].after.decode()
    assert said(plan, "MCP602") == [
        "server.py:15: this lifespan ran once per client session and now runs once per request (mcp 1.x, stateless)"
    ]


def test_an_event_store_is_the_need_of_the_low_level_server_it_is_given_to(tmp_path: Path) -> None:
    other = (
        "from mcp.server.lowlevel import Server\nfrom mcp.server.streamable_http_manager import StreamableHTTPSessionManager\n"
        "from store import Store\n\n\napp = Server('b')\nmanager = StreamableHTTPSessionManager(app=app, event_store=Store())\n"
    )
    plan = plan_of(tmp_path, server_py=f"{FAST}\nmcp = FastMCP('a'){ADD}mcp.run('sse')\n", resumable_py=other)
    (endpoint,) = plan.endpoints
    assert endpoint.stateless and not endpoint.session_reasons


BOTH = """from contextlib import asynccontextmanager

from mcp.server.lowlevel import Server
from mcp.server.sse import SseServerTransport
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.routing import Mount, Route

server = Server("a")
sse = SseServerTransport("/messages/")
manager = StreamableHTTPSessionManager(app=server, stateless=True)


@server.call_tool()
async def call(name, arguments):
    await server.request_context.session.send_tool_list_changed()
    return []


async def handle_sse(request):
    async with sse.connect_sse(request.scope, request.receive, request._send) as (read, write):
        await server.run(read, write, server.create_initialization_options())


async def handle(scope, receive, send):
    await manager.handle_request(scope, receive, send)


@asynccontextmanager
async def lifespan(app):
    async with manager.run():
        yield


app = Starlette(
    routes=[Route("/sse", handle_sse), Mount("/messages/", app=sse.handle_post_message), Mount("/mcp", app=handle)],
    lifespan=lifespan,
)
"""


def test_a_half_that_keeps_no_session_is_not_said_to_keep_them(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, server_py=BOTH)
    (endpoint,) = plan.endpoints
    assert endpoint.moved and endpoint.stateless and not endpoint.session_reasons
    (message,) = said(plan, "MCP601")
    assert "keeps its sessions" not in message
    assert message.endswith("the Streamable HTTP that stays keeps no session today either")


def test_the_message_path_has_the_prefix_of_its_mount(tmp_path: Path) -> None:
    inner = BOTH.replace("manager = StreamableHTTPSessionManager(app=server, stateless=True)\n", "")
    inner = inner.split("async def handle(")[0] + (
        "inner = Starlette(routes=[Route('/sse', handle_sse), Mount('/messages/', app=sse.handle_post_message)])\n"
        "app = Starlette(routes=[Mount('/tools', app=inner)])\n"
    )
    plan = plan_of(tmp_path, server_py=inner)
    (endpoint,) = plan.endpoints
    assert (endpoint.old_path, endpoint.message_path) == ("/tools/sse", "/tools/messages/")


MOUNTED = f"{FAST}from starlette.applications import Starlette\nfrom starlette.routing import Mount\n\nmcp = FastMCP('a'){ADD}"
MOUNTED += 'app = Starlette(routes=[Mount("/", app=mcp.sse_app())])\n'


@pytest.mark.parametrize(
    ("requirement", "said_of_it"),
    [
        ("mcp~=1.8.0", "mcp~=1.8.0, which was required so far, did not check it"),
        ("mcp>=1.9,<2", "mcp before 1.23.0 did not check it"),
        ("mcp==1.9.4", "mcp 1.9.4 did not check it"),
        ("mcp>=1.24,<2", "its SSE endpoint was checked in the same way"),
    ],
)
def test_what_the_release_so_far_did_about_hosts(tmp_path: Path, requirement: str, said_of_it: str) -> None:
    plan = plan_of(tmp_path, server_py=MOUNTED, requirements_txt=f"{requirement}\n")
    (message,) = said(plan, "MCP603")  # once: not at the requirement as well
    assert message.startswith("server.py:5") and message.endswith(f"({said_of_it})")


def test_a_port_that_two_branches_set_is_not_one_of_them(tmp_path: Path) -> None:
    code = f"import os\n\n{FAST}\nmcp = FastMCP('a'){ADD}if os.getenv('P'):\n    mcp.settings.port = int(os.getenv('P'))\nelse:\n    mcp.settings.port = 8081\nmcp.run('sse')\n"
    (endpoint,) = plan_of(tmp_path, server_py=code).endpoints
    assert endpoint.new_url == "http://127.0.0.1:{port}/mcp"
    assert (endpoint.port, endpoint.usual_port) == ("", "8081")


def test_a_path_from_outside_is_shown_as_it_usually_is_on_both_sides(tmp_path: Path) -> None:
    code = (
        "import argparse\nfrom fastmcp import FastMCP\n\nmcp = FastMCP('a')\n"
        "parser = argparse.ArgumentParser()\nparser.add_argument('--path', default='/tools')\nargs = parser.parse_args()\n"
        "mcp.run(transport='sse', path=args.path)\n"
    )
    (endpoint,) = plan_of(tmp_path, server_py=code, requirements_txt="fastmcp>=2.14,<3\n").endpoints
    assert endpoint.old_url.endswith(":8000/tools") and endpoint.new_url.endswith(":8000/tools")


def test_a_command_is_called_one(tmp_path: Path) -> None:
    code = (
        f"import typer\n\n{FAST}\nmcp = FastMCP('a'){ADD}cli = typer.Typer()\n\n\n@cli.command()\ndef sse():\n    mcp.run('sse')\n\n\n"
        "@cli.command()\ndef stdio():\n    mcp.run()\n\n\ncli()\n"
    )
    (endpoint,) = plan_of(tmp_path, server_py=code).endpoints
    assert endpoint.selected_by == "the command streamable-http"
    assert old_words(endpoint) == ["the command sse still works and means streamable-http"]


def test_a_reason_at_the_servers_own_place_is_counted_once(tmp_path: Path) -> None:
    code = "from mcp.server.sse import SseServerTransport\n\nsse = SseServerTransport('/messages/', url_prefix='/a')\n"
    reading = read(plan_of(tmp_path, server_py=code), ReportOptions(dry_run=True))
    assert [str(place) for task in reading.by_hand for place in task.places] == ["server.py:3"]


def test_a_prerelease_of_a_major_is_of_that_major(tmp_path: Path) -> None:
    code = "from fastmcp import FastMCP\n\nmcp = FastMCP('a')\nmcp.run(transport='sse')\n"
    plan = plan_of(tmp_path, server_py=code, requirements_txt="fastmcp==4.0.0b1\n")
    assert not [f for f in plan.findings if f.rule.startswith("MCP4")]  # nor is the pin raised


def test_no_old_path_to_answer_for_where_the_path_stays(tmp_path: Path) -> None:
    code = "from fastmcp import FastMCP\n\nmcp = FastMCP('a')\nmcp.run(transport='sse', path='/mcp')\n"
    reading = read(plan_of(tmp_path, server_py=code), ReportOptions(dry_run=True))
    assert reading.moves and connections(reading)
    assert legacy_tip(reading) == ""


EITHER = f"try:\n    from fastmcp import FastMCP\nexcept ImportError:\n    {FAST}\nmcp = FastMCP('a'){ADD}"


def test_the_fallback_of_two_sdks_asks_nothing_of_the_requirements(tmp_path: Path) -> None:
    either = "fastmcp>=2.14; python_version < '3.99'\nmcp>=1.9\n"
    plan = plan_of(tmp_path, server_py=f"{EITHER}mcp.run(transport='sse')\n", requirements_txt=either)
    (endpoint,) = plan.endpoints  # one server, whichever import succeeds
    assert endpoint.generation == "fastmcp-2" and not endpoint.moved
    assert not [f for f in plan.findings if f.rule.startswith("MCP4")]


SETTINGS = "from pydantic_settings import BaseSettings, CliApp, SettingsConfigDict\n"


@pytest.mark.parametrize(
    ("written", "start", "selected"),
    [
        ('class S(BaseSettings, env_prefix="X_"):\n    kind: str = "sse"\n', "S().kind", "X_KIND=streamable-http"),
        (
            'class S(BaseSettings, cli_parse_args=True, env_prefix="X_"):\n    kind: str = "sse"\n',
            "S().kind",
            "--kind streamable-http, X_KIND=streamable-http",
        ),
        (
            'class S(BaseSettings):\n    model_config = SettingsConfigDict(cli_prefix="app", cli_kebab_case=True)\n    my_kind: str = "sse"\n',
            "CliApp.run(S).my_kind",
            "--app.my-kind streamable-http, MY_KIND=streamable-http",
        ),
        (
            'class S(BaseSettings):\n    kind: str = "sse"\n',
            "S(**json.load(open('s.json'))).kind",
            "KIND=streamable-http, kind: streamable-http",
        ),
    ],
)
def test_what_fills_a_settings_class_is_what_selects(tmp_path: Path, written: str, start: str, selected: str) -> None:
    code = f"import json\n\n{SETTINGS}{FAST}\nmcp = FastMCP('a'){ADD}{written}\n\nmcp.run(transport={start})\n"
    (endpoint,) = plan_of(tmp_path, server_py=code).endpoints
    assert endpoint.selected_by == selected


ALONE = f"from fastmcp import FastMCP\n\nmcp = FastMCP('a'){ADD}if __name__ == '__main__':\n    mcp.run()\n"
RUN = '["fastmcp", "run", "server.py", "--transport", "sse"]'


def test_a_server_that_only_a_runner_starts_has_a_row(tmp_path: Path) -> None:
    files = {
        "server_py": ALONE,
        "requirements_txt": "fastmcp>=2.14,<3\n",
        "README.md": "```\nfastmcp run server.py --transport sse\n```\n",
    }
    plan = plan_of(tmp_path, Dockerfile=f"FROM python:3.12\nCMD {RUN}\n", **files)
    (endpoint,) = plan.endpoints
    assert (endpoint.old_url, endpoint.new_url) == ("http://127.0.0.1:8000/sse", "http://127.0.0.1:8000/mcp")
    assert endpoint.moved and endpoint.stateless and endpoint.selected_by == "fastmcp run --transport http"
    reading = read(plan, ReportOptions(dry_run=True))
    assert legacy_tip(reading) == ""  # a runner serves one transport alone
    assert connections(reading)[0][1][1:] == ["/sse is gone"]


def test_a_runner_that_stays_stays_in_the_map(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, server_py=ALONE, Dockerfile=f"FROM python:3.12\nCMD {RUN}\n")
    (endpoint,) = plan.endpoints
    assert not endpoint.moved and endpoint.old_url == "http://127.0.0.1:8000/sse"


COMPOSE = "services:\n  a:\n    build: .\n    command: python server.py\n    environment:\n      FASTMCP_TRANSPORT: sse\n      FASTMCP_PORT: '8123'\n"


@pytest.mark.parametrize(
    ("requirement", "rows", "does"),
    [
        ("fastmcp>=2.14,<3", [], "FASTMCP_TRANSPORT does nothing on fastmcp 2.14"),
        ("fastmcp>=2.14,<4", ["http://127.0.0.1:8123/mcp"], "FASTMCP_TRANSPORT starts the server over SSE"),
        ("fastmcp>=3.1,<4", ["http://127.0.0.1:8123/mcp"], "FASTMCP_TRANSPORT starts the server over SSE"),
    ],
)
def test_a_variable_that_starts_a_server_has_a_row_where_it_is_read(
    tmp_path: Path, requirement: str, rows: list[str], does: str
) -> None:
    files = {"server_py": ALONE, "requirements_txt": f"{requirement}\n", "compose.yaml": COMPOSE}
    plan = plan_of(tmp_path, Dockerfile="FROM python:3.12\nCOPY . .\n", **files)
    assert [e.new_url for e in plan.endpoints] == rows
    assert f"compose.yaml:6: {does}" in said(plan, "MCP505")
    assert all(not e.stateless for e in plan.endpoints)  # the variable says nothing of it


LIFE = "from contextlib import asynccontextmanager\n\n{fast}\n\n@asynccontextmanager\nasync def life(server):\n{body}\n\n\nmcp = FastMCP('a', lifespan=life){add}mcp.run('sse')\n"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    yield {}", False),
        ("    print('up')\n    try:\n        yield dict(a=1)\n    finally:\n        print('down')", False),
        ("    db = connect()\n    yield {'db': db}", True),
        ("    async with pool() as p:\n        yield p", True),
    ],
)
def test_only_a_lifespan_that_opens_something_is_told_of(tmp_path: Path, body: str, told: bool) -> None:
    plan = plan_of(tmp_path, server_py=LIFE.format(fast=FAST, add=ADD, body=body))
    assert bool(said(plan, "MCP602")) is told


def test_what_to_write_for_a_server_with_sessions_keeps_them(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom mcp.server.fastmcp import Context, FastMCP\n\nmcp = FastMCP('a')\n\n\n"
        "@mcp.tool()\nasync def ask(ctx: Context) -> str:\n    return str(await ctx.elicit('name?', schema=dict))\n\n\n"
        'kind = sys.argv[1] if sys.argv[1:] else "sse"\ngetattr(mcp, f"run_{kind}_async")()\n'
    )
    plan = plan_of(tmp_path, server_py=code)
    (block,) = plan.units[0].blocks
    assert block.instruction.startswith(
        'Write (mcp.run_stdio_async if kind == "stdio" else mcp.run_streamable_http_async)'
    )
    assert "stateless" not in block.instruction


def test_a_branch_that_keeps_its_word_is_selected_as_before(tmp_path: Path) -> None:
    code = (
        f"import argparse\n\n{FAST}\nmcp = FastMCP('a'){ADD}"
        "parser = argparse.ArgumentParser()\nparser.add_argument('-t', '--transport', choices=['sse', 'http'])\n"
        "args = parser.parse_args()\nif args.transport == 'sse':\n    mcp.settings.port = 8001\n    mcp.run('sse')\n"
        "elif args.transport == 'http':\n    mcp.settings.port = 8002\n    mcp.run('streamable-http')\n"
    )
    (endpoint,) = plan_of(tmp_path, server_py=code).endpoints
    assert endpoint.keeps_word and endpoint.selected_by == "--transport sse"


def test_every_variable_of_an_option_selects(tmp_path: Path) -> None:
    code = (
        f"import typer\n\n{FAST}\nmcp = FastMCP('a'){ADD}"
        "def main(kind: str = typer.Option('sse', '--kind', '-k', envvar=['A_KIND', 'KIND'])):\n    mcp.run(kind)\n\n\ntyper.run(main)\n"
    )
    (endpoint,) = plan_of(tmp_path, server_py=code).endpoints
    assert endpoint.selected_by == "--kind streamable-http, A_KIND=streamable-http, KIND=streamable-http"


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ('os.getenv("RPC_PATH", "/rpc")', "http://{host}:{port}/rpc/"),
        ("sys.argv[2]", "http://{host}:{port}{path}"),
    ],
)
def test_a_low_level_half_that_stays_is_where_it_answers(tmp_path: Path, path: str, new: str) -> None:
    code = BOTH.replace('Mount("/mcp", app=handle)', f"Mount({path}, app=handle)").replace(
        "stateless=True", "stateless=False"
    )
    (endpoint,) = plan_of(tmp_path, server_py=f"import os\nimport sys\n{code}").endpoints
    assert endpoint.moved and endpoint.new_url == new


def test_a_path_that_can_not_be_told_is_written_nowhere(tmp_path: Path) -> None:
    code = BOTH.replace('Mount("/mcp", app=handle)', "Mount(sys.argv[2], app=handle)")
    config = '{"mcpServers": {"a": {"type": "sse", "url": "http://localhost:8000/sse"}}}\n'
    plan = plan_of(
        tmp_path,
        server_py=f"import sys\n{code}\n\nimport uvicorn\nuvicorn.run(app, port=8000)\n",
        **{"mcp.json": config},
    )
    assert [c.path for c in plan.changes] == ["server.py"]
    assert any("its code computes the path" in m for m in said(plan, "MCP301") + said(plan, "MCP302"))


@pytest.mark.parametrize(
    "call",
    [
        'gateway.register("/x", mcp.sse_app())',
        'getattr(gateway, "mount")("/x", mcp.sse_app())',
        'gateway.put_in(mcp.sse_app(), prefix="/x")',
    ],
)
def test_an_application_that_is_put_somewhere_unknown_stays(tmp_path: Path, call: str) -> None:
    plan = plan_of(tmp_path, server_py=f"from gatewaylib import gateway\n\n{FAST}\nmcp = FastMCP('a'){ADD}{call}\n")
    (endpoint,) = plan.endpoints
    assert not endpoint.moved and "{" in endpoint.old_url
    reading = read(plan, ReportOptions(dry_run=True))
    assert len([p for task in reading.by_hand for p in task.places]) == 1


def test_nothing_is_told_of_code_that_goes(tmp_path: Path) -> None:
    code = (
        f"import sys\n\n{FAST}from starlette.middleware.cors import CORSMiddleware\nimport uvicorn\n\nmcp = FastMCP('a'){ADD}"
        'if sys.argv[1] == "sse":\n    app = mcp.sse_app()\n    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_headers=["X"])\n'
        'elif sys.argv[1] == "http":\n    app = mcp.streamable_http_app()\n'
        '    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_headers=["X"])\nuvicorn.run(app, port=8000)\n'
    )
    plan = plan_of(tmp_path, server_py=code)
    assert plan.changes[0].after.count(b"app.add_middleware") == 1
    assert [m.partition(": ")[0] for m in said(plan, "MCP606")] == ["server.py:20"]


def test_an_event_store_that_nobody_gives_keeps_no_session(tmp_path: Path) -> None:
    code = (
        "from fastmcp import FastMCP\n\n\nclass Own(FastMCP):\n    def http_app(self, path=None, event_store=None, **rest):\n"
        "        return super().http_app(path=path, event_store=event_store, **rest)\n\n\nmcp = Own('a')\nmcp.run(transport='sse')\n"
    )
    plan = plan_of(tmp_path, server_py=code, requirements_txt="fastmcp>=2.14,<3\n")
    assert not said(plan, "MCP601")
