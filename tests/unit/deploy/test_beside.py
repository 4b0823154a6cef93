"""What names the transport beside an address: in the same settings, never in those of another."""

from __future__ import annotations

import pytest

from migrator.deploy.beside import said_beside

URL = "http://localhost:8000/sse"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"- url: {URL}\n  transport: sse\n", ["transport"]),
        (f"- transport: sse\n  url: {URL}\n", ["transport"]),
        (f"- name: a\n  transport: sse\n  url: {URL}\n- name: b\n", ["transport"]),
        (f"- url: {URL}\n- url: other\n  transport: sse\n", []),
        (f"- transport: sse\n- url: {URL}\n", []),
        (f"- url: x\n  transport: sse\n- url: {URL}\n", []),
        (f"a:\n  url: {URL}\n  transport: sse\nb:\n  transport: sse\n", ["transport"]),
        (f"- MCP_TRANSPORT=sse\n- MCP_URL={URL}\n", ["MCP_TRANSPORT"]),
        (f"MCP_URL={URL}\nMCP_TRANSPORT=sse\n", ["MCP_TRANSPORT"]),
        (f"[a]\ntransport = sse\n[b]\nurl = {URL}\n", []),
        (f'{{"url": "{URL}", "transport": "sse"}}', ["transport"]),
        (f'{{ transport = "sse",\n  url = "{URL}" }},', ["transport"]),
        (f"{{ transport: 'sse', url: '{URL}' }}", ["transport"]),
        (f'transport: sse\nurl: "${{MCP_URL:-{URL}}}"\n', ["transport"]),
    ],
)
def test_the_word_beside_an_address(text: str, keys: list[str]) -> None:
    start = text.index(URL)
    found = list(said_beside(text, start, start + len(URL)))
    assert [key for _, key in found] == keys
    assert all(text[at : at + 3] == "sse" for at, _ in found)
