"""Servers in other languages stay on SSE: whoever connects to their port stays with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

STARTER = "<artifactId>spring-ai-starter-mcp-server-webmvc</artifactId>\n"
SERVER = 'from mcp.server.fastmcp import FastMCP\nmcp = FastMCP("a"{})\nmcp.run(transport="sse")\n'
NODE = """\
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
app.get("/sse", (req, res) => server.connect(new SSEServerTransport("/messages", res)));
app.listen(8080);
"""


def moved(folder: Path, files: dict[str, str], port: int) -> bool:
    """True when a client's entry for this port moves, in a project with these files and a Python server."""
    entry = json.dumps({"mcpServers": {"a": {"type": "sse", "url": f"http://localhost:{port}/sse"}}})
    for name, text in {"python/server.py": SERVER.format(", port=9000"), "mcp.json": entry, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return "mcp.json" in {c.path for c in make_plan(folder, Settings()).changes}


@pytest.mark.parametrize(
    ("files", "port"),
    [
        ({"java/pom.xml": STARTER}, 8080),
        ({"java/pom.xml": STARTER, "java/src/application.properties": "server.port = 8090\n"}, 8090),
        ({"java/pom.xml": STARTER, "java/src/application.yml": "server:\n  port: ${PORT:8090}\n"}, 8090),
        ({"java/pom.xml": STARTER, "java/application.yml": "spring.ai.mcp.server.protocol: SSE\n"}, 8080),
        ({"node/index.mjs": NODE}, 8080),
    ],
)
def test_a_client_of_a_server_that_stays_on_sse_stays(files: dict[str, str], port: int, tmp_path: Path) -> None:
    assert not moved(tmp_path, files, port)


@pytest.mark.parametrize(
    ("files", "port"),
    [
        ({"java/pom.xml": STARTER}, 9000),
        ({"java/pom.xml": STARTER, "java/src/application.properties": "server.port = 8090\n"}, 8080),
        ({"java/pom.xml": STARTER, "java/src/application.yml": "spring.ai.mcp.server.protocol: STATELESS\n"}, 8080),
        ({"java/pom.xml": "<artifactId>spring-boot-starter-web</artifactId>\n"}, 8080),
        ({"node/index.mjs": NODE}, 9000),
    ],
)
def test_a_client_of_another_port_moves(files: dict[str, str], port: int, tmp_path: Path) -> None:
    assert moved(tmp_path, files, port)


def test_a_server_of_this_run_at_the_same_port_is_the_nearer_one(tmp_path: Path) -> None:
    assert moved(tmp_path, {"java/pom.xml": STARTER, "python/server.py": SERVER.format(", port=8080")}, 8080)
