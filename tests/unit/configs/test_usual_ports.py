"""The port that a server listens on unless something outside says another tells its address, too."""

import json
from pathlib import Path

import pytest

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

HEAD = "import argparse\nimport os\n\nfrom mcp.server.fastmcp import FastMCP\n\n"
RUN = 'mcp = FastMCP("w", port={port})\nmcp.run(transport="sse")\n'
OPTION = 'p = argparse.ArgumentParser()\np.add_argument("--port", type=int, default={default})\na = p.parse_args()\n'
SERVED = "import uvicorn\n\nuvicorn.run(mcp.sse_app(), port={port})\n"


def plan_of(root: Path, code: str, url: str) -> Plan:
    (root / "server.py").write_text(HEAD + code)
    (root / "requirements.txt").write_text("mcp>=1.28.1,<2\n")
    (root / ".mcp.json").write_text(json.dumps({"mcpServers": {"w": {"type": "sse", "url": url}}}))
    return make_plan(root, Settings())


@pytest.mark.parametrize(
    "code",
    [
        RUN.format(port='int(os.getenv("PORT", "8090"))'),
        RUN.format(port='int(os.environ.get("PORT", 8090))'),
        f'PORT = int(os.getenv("PORT", "8090"))\n{RUN.format(port="PORT")}',
        OPTION.format(default="8090") + RUN.format(port="a.port"),
        OPTION.format(default='os.getenv("PORT", "8090")') + RUN.format(port="a.port"),
        'mcp = FastMCP("w")\n' + SERVED.format(port='int(os.getenv("PORT", "8090"))'),
        'class Settings:\n    port: int = 8090\n\n\ns = Settings()\n' + RUN.format(port="s.port"),
    ],
)  # fmt: skip
def test_an_address_with_the_usual_port_is_certain(tmp_path: Path, code: str) -> None:
    plan = plan_of(tmp_path, code, "http://localhost:8090/sse")
    (endpoint,) = plan.endpoints
    assert endpoint.listens == "8090"
    (finding,) = [f for f in plan.findings if f.rule == "MCP301"]
    assert not finding.assumed and finding.unit == endpoint.unit


@pytest.mark.parametrize(
    "port", ['int(os.environ["PORT"])', 'int(os.getenv("PORT", "8090")) if os.getenv("X") else 9000']
)
def test_another_port_stays_an_assumption(tmp_path: Path, port: str) -> None:
    plan = plan_of(tmp_path, RUN.format(port=port), "http://localhost:8090/sse")
    assert plan.endpoints[0].usual_port == ""
    assert [f.assumed for f in plan.findings if f.rule == "MCP301"] == [True]


def test_a_port_that_is_written_down_is_not_a_usual_one(tmp_path: Path) -> None:
    (endpoint,) = plan_of(tmp_path, RUN.format(port=8090), "http://localhost:8090/sse").endpoints
    assert (endpoint.port, endpoint.usual_port, endpoint.listens) == ("8090", "", "8090")


def test_an_address_whose_port_is_open_is_that_of_a_server_whose_port_is_open(tmp_path: Path) -> None:
    code = RUN.format(port='int(os.getenv("PORT", "8090"))')
    plan = plan_of(tmp_path, code, "http://localhost:${PORT}/sse")
    assert [f.assumed for f in plan.findings if f.rule == "MCP301"] == [False]


def test_the_ports_of_several_servers_are_none_s(tmp_path: Path) -> None:
    code = (
        "def options(port):\n"
        '    p = argparse.ArgumentParser()\n    p.add_argument("--port", type=int, default=port)\n    return p.parse_args()\n\n\n'
        'def start(mcp, port):\n    mcp.settings.port = port\n    mcp.run("sse")\n\n\n'
        'if os.getenv("ONE"):\n    start(FastMCP("one"), options(8091).port)\n'
        'elif os.getenv("TWO"):\n    start(FastMCP("two"), options(8092).port)\n'
        'else:\n    start(FastMCP("three"), int(os.getenv("PORT", "8093")))\n'
    )
    plan = plan_of(tmp_path, code, "http://localhost:8093/sse")
    assert {e.usual_port for e in plan.endpoints} == {""}


def test_a_server_that_is_handed_over_unseen_has_no_port_that_is_known(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, 'def sse(mcp: FastMCP):\n    mcp.run("sse")\n', "http://localhost:8090/sse")
    assert [e.new_url for e in plan.endpoints] == ["http://{host}:{port}/mcp"]


def test_an_address_is_of_the_server_that_has_its_whole_path(tmp_path: Path) -> None:
    code = (
        "import uvicorn\nfrom starlette.applications import Starlette\nfrom starlette.routing import Mount\n\n"
        'mcp = FastMCP("a", port=int(os.environ["PORT"]))\n'
        'app = Starlette(routes=[Mount("/inner", mcp.sse_app())])\n'
        'if os.getenv("ALONE"):\n    mcp.run("sse")\n'
    )
    plan = plan_of(tmp_path, code, "http://localhost:8090/inner/sse")
    assert len(plan.endpoints) == 2
    (change,) = [c for c in plan.changes if c.path == ".mcp.json"]
    assert b"http://localhost:8090/inner/mcp" in change.after


def test_an_app_that_something_else_serves_is_not_on_its_servers_own_port(tmp_path: Path) -> None:
    code = 'mcp = FastMCP("a", port=int(os.getenv("PORT", "8090")))\napp = mcp.sse_app()\n'
    (endpoint,) = plan_of(tmp_path, code, "http://localhost:8090/sse").endpoints
    assert (endpoint.new_url, endpoint.usual_port) == ("http://{host}:{port}/mcp", "")
