"""Command lines of bridges and of clients' own `mcp add`."""

from __future__ import annotations

import pytest
from configs_support import BOOK, server

from migrator.configs.commands import Tools, line_changes, shell_words
from migrator.configs.decisions import Action
from migrator.configs.spans import apply
from migrator.configs.urls import Urls
from migrator.model import Endpoint

TOOLS = Tools(BOOK.toml("tools.toml")["tool"])


def urls(*endpoints: Endpoint) -> Urls:
    return Urls(endpoints, BOOK.toml("endpoints.toml")["endpoint"], tuple, "assume")


def moved(line: str, *endpoints: Endpoint) -> str:
    words = shell_words(line)
    move = TOOLS.rewrite([w.text for w in words], urls(*endpoints))
    return apply(line, line_changes(line, words, move)) if move else line


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("npx mcp-remote http://h:1/sse", "npx mcp-remote http://h:1/mcp"),
        ("npx -y mcp-remote@latest 'http://h:1/sse'", "npx -y mcp-remote@latest 'http://h:1/mcp'"),
        (
            "mcp-remote http://h/sse --transport sse-only --header 'X: ${K}'",
            "mcp-remote http://h/mcp --transport http-only --header 'X: ${K}'",
        ),
        ("mcp-remote http://h/sse --transport=sse-first", "mcp-remote http://h/mcp --transport=http-first"),
        ("mcp-remote http://h/sse --transport http-first", "mcp-remote http://h/mcp --transport http-first"),
        ('mcp-remote http://h/sse "--transport " sse', 'mcp-remote http://h/mcp "--transport " sse'),
        ("cmd /c npx mcp-remote http://h/sse 3334", "cmd /c npx mcp-remote http://h/mcp 3334"),
        ("npx -y supergateway --sse http://h/sse", "npx -y supergateway --streamableHttp http://h/mcp"),
        ('supergateway --sse="http://h/sse"', 'supergateway --streamableHttp="http://h/mcp"'),
        (
            "uvx mcpo --port 1 --server-type sse -- http://h/sse",
            "uvx mcpo --port 1 --server-type streamable-http -- http://h/mcp",
        ),
        ("mcpo --server-type=sse -- http://h/sse", "mcpo --server-type=streamable-http -- http://h/mcp"),
        ("uvx mcp-proxy http://h/sse", "uvx mcp-proxy --transport=streamablehttp http://h/mcp"),
        (
            "/opt/bin/mcp-proxy --transport sse http://h/sse",
            "/opt/bin/mcp-proxy --transport streamablehttp http://h/mcp",
        ),
        (
            "uvx --from mcp-proxy==0.8 mcp-proxy http://h/sse",
            "uvx --from mcp-proxy==0.8 mcp-proxy --transport=streamablehttp http://h/mcp",
        ),
        (
            "docker run -i ghcr.io/sparfenyuk/mcp-proxy:latest http://h/sse",
            "docker run -i ghcr.io/sparfenyuk/mcp-proxy:latest --transport=streamablehttp http://h/mcp",
        ),
        ("claude mcp add --transport sse weather http://h/sse", "claude mcp add --transport http weather http://h/mcp"),
        (
            "claude mcp add -t sse -s user weather http://h/sse -H 'A: b'",
            "claude mcp add -t http -s user weather http://h/mcp -H 'A: b'",
        ),
        (
            "claude mcp add weather -- npx mcp-remote http://h/sse",
            "claude mcp add weather -- npx mcp-remote http://h/mcp",
        ),
        ("gemini mcp add --type sse weather http://h/sse", "gemini mcp add --type http weather http://h/mcp"),
        ("qwen mcp add weather http://h/sse", "qwen mcp add weather http://h/mcp"),
        (
            "copilot mcp add --transport=sse weather http://h/sse",
            "copilot mcp add --transport=http weather http://h/mcp",
        ),
        ("npx add-mcp http://h/sse --transport sse", "npx add-mcp http://h/mcp --transport http"),
        (
            "npx @modelcontextprotocol/inspector --cli http://h/sse --transport sse",
            "npx @modelcontextprotocol/inspector --cli http://h/mcp --transport http",
        ),
        ("mcp-remote http://h/sse && echo sse", "mcp-remote http://h/mcp && echo sse"),
        (
            "mcp-remote \\\n  http://h/sse \\\n  --transport sse-only",
            "mcp-remote \\\n  http://h/mcp \\\n  --transport http-only",
        ),
        ("npx mcp-remote https://mcp.sentry.dev/sse/org", "npx mcp-remote https://mcp.sentry.dev/mcp/org"),
    ],
)
def test_lines_that_reach_sse(before: str, after: str) -> None:
    assert moved(before) == after


@pytest.mark.parametrize(
    "line",
    [
        "npx mcp-remote http://h/mcp",
        "npx mcp-remote http://h/sse --transport http-only",
        "npx mcp-proxy --port 8080 --shell tsx server.js",
        "mcp-proxy --transport streamablehttp http://h/sse",
        "mcpo --port 8000 -- uvx server --transport sse",
        "claude mcp add weather http://h/sse",
        "claude mcp add weather -- python server.py --transport sse",
        "claude mcp list",
        "codex mcp add weather --url http://h/sse",
        "supergateway --streamableHttp http://h/sse",
        "supergateway --stdio 'python server.py' --ssePath /sse",
        "python server.py --transport sse",
        "echo mcp-remote",
        "npx mcp-remote https://mcp.asana.com/sse",
        "",
    ],
)
def test_lines_that_are_left(line: str) -> None:
    assert moved(line) == line


def test_an_own_server_decides_the_address() -> None:
    own = server(old_path="/sse", new_path="/rpc")
    assert moved("npx mcp-remote http://localhost:8000/sse", own).endswith("http://localhost:8000/rpc")


def test_a_bridge_that_serves_sse_is_told_with_its_new_options() -> None:
    words = [w.text for w in shell_words("npx supergateway --stdio 'uvx weather' --port 8000")]
    move = TOOLS.rewrite(words, urls())
    assert move is not None and move.serves
    assert "--outputTransport streamableHttp" in move.decision.instruction
    words += ["--outputTransport", "streamableHttp"]
    assert TOOLS.rewrite(words, urls()) is None


def test_an_address_in_the_environment() -> None:
    move = TOOLS.rewrite(["mcp-proxy", "--transport", "sse"], urls(), env={"SSE_URL": "http://h/sse"})
    assert move is not None
    assert (dict(move.words), dict(move.env)) == ({2: "streamablehttp"}, {"SSE_URL": "http://h/mcp"})
    move = TOOLS.rewrite(["mcp-proxy"], urls(), env={"SSE_URL": "http://h/sse"})
    assert move is not None and move.decision.action is Action.HAND
    assert "--transport=streamablehttp" in move.decision.instruction


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('a \'b c\' "d\\"e"', ["a", "b c", 'd"e']),
        ("a\\ b c\\\n d", ["a b", "c", "d"]),
        ("a=$(b c) <X>", ["a=$(b c)", "<X>"]),
        ("  a | b", ["a"]),
        ("a > b", ["a"]),
        ("", []),
        ("'open", []),
    ],
)
def test_shell_words(line: str, words: list[str]) -> None:
    found = shell_words(line)
    assert [w.text for w in found] == words
    assert all(line[w.start : w.end].strip() == line[w.start : w.end] for w in found)
