"""--allowed-host: the named host is answered, localhost too, and any other is refused."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings
from migrator.verify import handshake
from migrator.verify.launch import Server, free_port
from tests.behaviour.environments import Environment, chosen, ready_folder
from tests.behaviour.judge import server_environment
from tests.behaviour.subject import Start

pytestmark = pytest.mark.behaviour

NAMED, FOREIGN = "mcp.example.com", "evil.example.com"
SERVERS = {
    "official-1": {
        "served": """
            mcp = FastMCP("adder")
            uvicorn.run(mcp.sse_app(), host="0.0.0.0", port=PORT)
            """,
        "mounted": """
            mcp = FastMCP("adder")
            app = Starlette(routes=[Mount("/", app=mcp.sse_app())])
            uvicorn.run(app, host="0.0.0.0", port=PORT)
            """,
        "run": """
            mcp = FastMCP("adder", port=PORT)
            mcp.settings.host = "0.0.0.0"
            mcp.run(transport="sse")
            """,
        "subclass": """
            class Adder(FastMCP):
                def __init__(self, name):
                    super().__init__(name)

            mcp = Adder("adder")
            uvicorn.run(mcp.sse_app(), host="0.0.0.0", port=PORT)
            """,
        "others named": """
            checks = TransportSecuritySettings(allowed_hosts=["a.example.com", "127.0.0.1:*"])
            mcp = FastMCP("adder", transport_security=checks)
            uvicorn.run(mcp.sse_app(), host="0.0.0.0", port=PORT)
            """,
    },
    "official-2": {
        "served": """
            mcp = MCPServer("adder")
            uvicorn.run(mcp.sse_app(), host="0.0.0.0", port=PORT)
            """,
        "mounted": """
            mcp = MCPServer("adder")
            app = Starlette(routes=[Mount("/", app=mcp.sse_app())])
            uvicorn.run(app, host="0.0.0.0", port=PORT)
            """,
        "run": """
            mcp = MCPServer("adder")
            mcp.run(transport="sse", port=PORT)
            """,
    },
}
HEAD = """\
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.routing import Mount
"""
IMPORTS = {
    "official-1": "from mcp.server.fastmcp import FastMCP\n",
    "official-2": "from mcp.server.mcpserver import MCPServer\n",
}
CASES = [
    pytest.param(environment, code, id=f"{name}-{environment.name}")
    for environment in chosen()
    for name, code in SERVERS.get(environment.generation, {}).items()
    if environment.name in ("official-1", "official-2")
]


@pytest.mark.parametrize(("environment", "code"), CASES)
def test_only_named_hosts_are_answered(environment: Environment, code: str, tmp_path: Path) -> None:
    port = free_port()
    text = HEAD + IMPORTS[environment.generation] + dedent(code).replace("PORT", str(port))
    (tmp_path / "server.py").write_text(text)
    for change in make_plan(tmp_path, Settings(allowed_hosts=(NAMED,))).changes:
        (tmp_path / change.path).write_bytes(change.after)
    python = environment.python(ready_folder())
    variables = server_environment(Start(("server.py",)), port, python)
    with Server([str(python), "server.py"], tmp_path, port, variables) as server:
        started = server.start(30)
        assert started.up, started.error
        for host in (NAMED, f"{NAMED}:8443"):
            assert handshake.http_tools(server.base, "/mcp", {"Host": host}).ok, host
        assert handshake.http_tools(server.base, "/mcp", {"Host": FOREIGN}).status == 421
        assert handshake.http_tools(server.base, "/mcp").ok  # by its address, as before
