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
