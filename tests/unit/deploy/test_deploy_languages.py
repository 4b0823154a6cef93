"""Other languages: what is found in them makes a check fail, and what is not SSE does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.main import main
from migrator.pipeline import make_plan
from migrator.settings import Settings

STARTER = "<artifactId>spring-ai-starter-mcp-server-webmvc</artifactId>"


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("a.ts", 'import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";\n', "MCP901"),
        ("a.mjs", 'await import("@modelcontextprotocol/sdk/client/sse.js");\n', "MCP901"),
        ("a.ts", 'MyMCP.serveSSE("/sse").fetch(request); // McpAgent\n', "MCP901"),
        ("a.ts", 'import { McpAgent } from "agents/mcp";\nMyMCP.mount(\n  "/sse"\n);\n', "MCP901"),
        ("a.ts", 'import { FastMCP } from "fastmcp";\nserver.start({ transportType: "sse" });\n', "MCP901"),
        ("a.ts", 'import { createMcpHandler } from "mcp-handler";\nc(s, {}, { disableSse: true });\n', "MCP901"),
        ("pom.xml", f"{STARTER}\n", "MCP902"),
        ("mcp.properties", "spring.ai.mcp.server.protocol = sse\n", "MCP902"),
        ("mcp/A.java", "var a = HttpClientSseClientTransport.builder(url).build();\n", "MCP902"),
        ("mcp.env", "SPRING_AI_MCP_SERVER_PROTOCOL='SSE'\n", "MCP902"),
    ],
)
def test_a_check_fails(name: str, text: str, rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert main(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert rule in out
    assert "after:" in out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ts", "// SSEServerTransport of @modelcontextprotocol/sdk is deprecated\n"),
        ("a.ts", 'import { streamSSE } from "hono/streaming"; // mcp\napp.get("/sse", h);\n'),
        ("a.ts", 'import { FastMCP } from "fastmcp";\nserver.start({ transportType: "httpStream" });\n'),
        ("pom.xml", f"<spring-ai.version>2.0.1</spring-ai.version>{STARTER}\n"),
        ("mcp.env", "SPRING_AI_MCP_SERVER_PROTOCOL=STATELESS # not sse\n"),
    ],
)
def test_what_is_not_sse_is_left_alone(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert [f for f in make_plan(tmp_path, Settings()).findings if f.rule.startswith("MCP9")] == []


PAGE = "export const events = new EventSource(`http://localhost:7000/sse?q=${q}`);\n"


@pytest.mark.parametrize(("text", "lines"), [(PAGE, []), (f"// MCP\n{PAGE}", [2]), (PAGE.replace("7000", "8100"), [1])])
def test_a_pages_own_stream_is_not_the_servers(text: str, lines: list[int], tmp_path: Path) -> None:
    (tmp_path / "page.ts").write_text(text)
    (tmp_path / "server.py").write_text(
        'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x", port=8100)\nmcp.run("sse")\n'
    )
    found = [f for f in make_plan(tmp_path, Settings()).findings if f.place.path == "page.ts"]
    assert [(f.rule, f.place.line) for f in found] == [("MCP901", n) for n in lines]
