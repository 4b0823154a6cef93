"""Configuration files that the project's own code reads get the word of that code, or of its framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVERS = {"kb": {"transport": "sse", "url": "http://kb.example.org/sse"}}
LANGCHAIN = """
import json
from collections.abc import Mapping
from langchain_mcp_adapters.client import MultiServerMCPClient

def client():
    return MultiServerMCPClient(json.load(open("conf/tools.json")){})
"""
OWN = """
import json
from collections.abc import Mapping
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamablehttp_client

async def run():
    for server in json.load(open("conf/tools.json"))["mcpServers"].values():
        if server["transport"] == "sse":
            async with sse_client(server["url"]) as streams:
                print(streams)
        elif server["transport"] in ("streamableHttp", "streamable-http"):
            async with streamablehttp_client(server["url"]) as streams:
                print(streams)
"""


def moved(root: Path, code: str, config: Mapping[str, object], name: str = "tools.json") -> str:
    (root / "conf").mkdir()
    (root / "conf" / name).write_text(json.dumps(config))
    (root / "agent.py").write_text(code)
    plan = make_plan(root, Settings())
    return next((c.after.decode() for c in plan.changes if c.path == f"conf/{name}"), "")


def test_a_framework_gets_its_own_word(tmp_path: Path) -> None:
    text = moved(tmp_path, LANGCHAIN.replace("{}", '["mcpServers"]'), {"mcpServers": SERVERS})
    assert json.loads(text) == {
        "mcpServers": {"kb": {"transport": "streamable_http", "url": "http://kb.example.org/mcp"}}
    }


def test_a_file_that_never_says_mcp_is_known_by_who_reads_it(tmp_path: Path) -> None:
    text = moved(tmp_path, LANGCHAIN.replace("{}", ""), dict(SERVERS))
    assert json.loads(text) == {"kb": {"transport": "streamable_http", "url": "http://kb.example.org/mcp"}}


@pytest.mark.parametrize("name", ["tools.example.json", "tools-docker.json", "tools.json.example"])
def test_an_example_of_such_a_file_gets_the_same_word(tmp_path: Path, name: str) -> None:
    text = moved(tmp_path, LANGCHAIN.replace("{}", ""), dict(SERVERS), name)
    assert json.loads(text)["kb"]["transport"] == "streamable_http"


def test_such_a_file_that_nothing_reads_is_left(tmp_path: Path) -> None:
    assert not moved(tmp_path, LANGCHAIN.replace("tools.json", "others.json").replace("{}", ""), dict(SERVERS))


@pytest.mark.parametrize("word", ["streamableHttp", "http_stream", "streamable_http"])
def test_code_that_tells_transports_apart_gets_the_word_it_compares_with(tmp_path: Path, word: str) -> None:
    code = OWN.replace("streamableHttp", word)
    text = moved(tmp_path, code, {"mcpServers": SERVERS})
    known = word if word != "http_stream" else "streamable-http"  # no client's word: the next one
    assert json.loads(text)["mcpServers"]["kb"]["transport"] == known


def test_entries_without_a_word_get_one_where_none_means_sse(tmp_path: Path) -> None:
    code = 'import json\nfrom smolagents import ToolCollection\nToolCollection.from_mcp(json.load(open("conf/tools.json"))["mcpServers"]["kb"])\n'
    text = moved(tmp_path, code, {"mcpServers": {"kb": {"url": "http://kb.example.org/sse"}}})
    assert json.loads(text)["mcpServers"]["kb"] == {
        "transport": "streamable-http",
        "url": "http://kb.example.org/mcp",
    }


def test_a_client_that_knows_one_word_keeps_it(tmp_path: Path) -> None:
    code = (
        "import json\nfrom mcp.client.sse import sse_client\n\n\nasync def run():\n"
        '    for server in json.load(open("conf/tools.json"))["mcpServers"].values():\n'
        '        if server["transport"] != "sse":\n            raise ValueError(server)\n'
        '        async with sse_client(server["url"]) as streams:\n            print(streams)\n'
    )
    server = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s", port=8000)\nmcp.run("sse")\n'
    (tmp_path / "server.py").write_text(server)
    config = {"mcpServers": {"kb": {"transport": "sse", "url": "http://localhost:8000/sse"}}}
    assert not moved(tmp_path, code, config)
    (finding,) = [f for f in make_plan(tmp_path, Settings()).findings if f.place.path == "conf/tools.json"]
    assert "knows this word only" in finding.message
