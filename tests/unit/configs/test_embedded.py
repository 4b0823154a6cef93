"""Configuration that stands as text in another file moves as what it is: the word together with the address."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.configs.embedded import regions
from migrator.model import Outcome
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s", port=8000)\nmcp.run("sse")\n'
OLD = '{"mcpServers": {"s": {"type": "sse", "url": "http://localhost:8000/sse"}}}'
NEW = '{"mcpServers": {"s": {"type": "http", "url": "http://localhost:8000/mcp"}}}'
YAML = "mcpServers:\n  s:\n    type: sse\n    url: http://localhost:8000/sse\n"
FILES = {
    "agent.yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n  .mcp.json: |\n    {0}\n",
    ".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - run: |\n          cat > .mcp.json <<'EOF'\n          {0}\n          EOF\n",
    "flow.yml": "with:\n  mcp_config: '{0}'\n",
    "setup.sh": "#!/bin/sh\ncat > ~/.mcp.json <<EOF\n{0}\nEOF\n",
    "once.sh": "echo '{0}' > .mcp.json\n",
    "Dockerfile": "FROM x\nRUN echo '{0}' > /app/.mcp.json\n",
    ".env.example": "CONFIG='{0}'\n",
    "README.md": "# S\n\n```sh\ncat > .mcp.json <<EOF\n{0}\nEOF\n```\n",
}


def after(root: Path, path: str, text: str, server: bool) -> str:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())
    if server:
        (root / "server.py").write_text(SERVER)
        (root / "requirements.txt").write_text("mcp==1.28.1\n")
    plan = make_plan(root, Settings())
    return next((c.after.decode() for c in plan.changes if c.path == path), text)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("path", FILES)
def test_word_and_address_change_together(tmp_path: Path, path: str, newline: str) -> None:
    form = FILES[path].replace("\n", newline)
    assert after(tmp_path, path, form.replace("{0}", OLD), True) == form.replace("{0}", NEW)


@pytest.mark.parametrize("path", [p for p in FILES if p != "README.md"])
def test_other_hosts_are_followed_as_in_a_file_of_its_own(tmp_path: Path, path: str) -> None:
    old, new = (t.replace("localhost:8000", "x.example.org") for t in (OLD, NEW))
    assert after(tmp_path, path, FILES[path].replace("{0}", old), False) == FILES[path].replace("{0}", new)


def test_the_name_of_the_file_says_who_reads_it(tmp_path: Path) -> None:
    text = "kind: ConfigMap\napiVersion: v1\ndata:\n  librechat.yaml: |\n" + "".join(
        f"    {line}\n" for line in YAML.splitlines()
    )
    assert "type: streamable-http\n        url: http://localhost:8000/mcp" in after(tmp_path, "c.yaml", text, True)


def test_where_configuration_stands() -> None:
    text = f"a {OLD} b\n  {YAML.replace(chr(10), chr(10) + '  ')}\nrest: 1\n"
    found = [(text[r.start : r.end], r.syntax) for r in regions(text)]
    assert found[0] == (OLD, "json")
    assert found[1][1] == "yaml"
    assert found[1][0].rstrip().endswith("url: http://localhost:8000/sse")
    assert not list(regions('{"mcpServers": {"open": 1'))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env.example", "AGENT_TRANSPORT=sse\nAGENT_URL=http://localhost:8000/sse\n"),
        (".env.example", "CLIENT_TRANSPORT=sse\nMCP_URL=http://localhost:8000/sse\n"),
        ("settings.ini", "[agent]\ntransport = sse\nurl = http://localhost:8000/sse\n"),
        ("app.yaml", "agent:\n  mcp_transport: sse\n  mcp_url: http://localhost:8000/sse\n"),
        ("app.json", '{"agent": {"kind": "sse", "address": "http://localhost:8000/sse"}}'),
        ("docker-compose.yml", 'services:\n  a:\n    image: a\n    environment:\n      S: \'{"h": {"type": "sse", "url": "http://localhost:8000/sse"}}\'\n'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_address_beside_a_word_that_stays_is_by_hand(tmp_path: Path, path: str, text: str, newline: str) -> None:
    text = text.replace("\n", newline)
    assert after(tmp_path, path, text, True) == text
    found = [f for f in make_plan(tmp_path, Settings()).findings if f.place.path == path]
    assert [f.outcome for f in found] == [Outcome.BY_HAND]
    assert "beside it says SSE" in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "WEATHER_TRANSPORT=sse\nSEARCH_URL=http://localhost:8000/sse\n",
        "# transport = sse\nSEARCH_URL=http://localhost:8000/sse\n",
        "SEARCH_TRANSPORT=http\nSEARCH_URL=http://localhost:8000/sse\n",
    ],
)
def test_other_words_hold_nothing_back(tmp_path: Path, text: str) -> None:
    assert "SEARCH_URL=http://localhost:8000/mcp" in after(tmp_path, ".env.example", text, True)
