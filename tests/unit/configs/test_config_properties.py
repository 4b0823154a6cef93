"""Whatever the text: nothing raises, and what comes out parses and holds what was meant."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml
from configs_support import Project, moved_line, read, server
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from migrator.configs.entries import NOTATIONS
from migrator.configs.moves import Known
from migrator.configs.parts import known_of
from migrator.configs.snippets import edit_snippet
from migrator.configs.spans import Unparsable, apply

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = ["sse", "SSE", "http", "streamable-http", "stdio", "remote", "", "${T}", "sse "]
URLS = [
    "http://localhost:8000/sse",
    "https://mcp.asana.com/sse",
    "https://mcp.sentry.dev/sse/org",
    "https://x.com/sse?token=t&a=%20",
    "${URL}",
    "${URL:-http://x.com/sse}",
    "{{ host }}/sse",
    "http://[::1/sse",
    "sse",
    "http://x.com/sse#é\t\"'\\",
]
ENTRY = st.dictionaries(
    st.sampled_from(
        ["type", "transport", "url", "serverUrl", "httpUrl", "command", "args", "env", "headers", "name", "é"]
    ),
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(URLS),
        st.text(max_size=8),
        st.none(),
        st.lists(st.sampled_from(["npx", "mcp-remote", "mcp-proxy", "--transport", *WORDS, *URLS]), max_size=5),
        st.dictionaries(st.sampled_from(["SSE_URL", "A"]), st.sampled_from(URLS), max_size=2),
    ),
    max_size=5,
)
CONFIG = st.dictionaries(
    st.sampled_from(["mcpServers", "servers", "mcp", "extensions", "inputs", "remote", "other"]),
    st.one_of(st.dictionaries(st.text(max_size=5), ENTRY, max_size=4), st.lists(ENTRY, max_size=3), ENTRY),
    max_size=3,
)
PATHS = st.sampled_from([".mcp.json", ".vscode/mcp.json", "cline_mcp_settings.json", ".qwen/settings.json", "x.json"])


@cache
def known() -> Known:
    return known_of(Project(Path(mkdtemp()), {}, endpoints=(server(),)).context)


@QUICK
@given(st.text(), st.sampled_from(["json", "yaml", "toml"]))
def test_random_text_never_raises(text: str, syntax: str) -> None:
    check(text, syntax, "x")


@QUICK
@given(
    st.lists(
        st.sampled_from(
            [*"{}[]:,\"'\n #-=*&!|>\\", "sse", "url", "mcpServers", "http://x/sse", "type", "  ", "//", "/*"]
        )
    ),
    st.sampled_from(["json", "yaml", "toml"]),
)
def test_text_made_of_syntax_never_raises(pieces: list[str], syntax: str) -> None:
    check("".join(pieces), syntax, ".mcp.json")


def check(text: str, syntax: str, path: str) -> None:
    """The text stays or still parses; a second pass has nothing to do."""
    notation = NOTATIONS[syntax]
    after = apply(text, edit_snippet(text, syntax, known(), path))
    if after == text:
        return
    try:
        notation.parse(after)
    except Unparsable:
        notation.parse("{" + after + "\n}")
    assert edit_snippet(after, syntax, known(), path) == []


@QUICK
@given(CONFIG, PATHS, st.sampled_from([None, 1, 2, "\t"]), st.booleans(), st.sampled_from(["\n", "\r\n"]))
@example({"mcpServers": {"type": None, "url": "http://localhost:8000/sse"}}, ".mcp.json", None, False, "\n")
@example(
    {"extensions": {"": {"type": "sse", "url": "http://localhost:8000/sse"}}}, ".qwen/settings.json", 1, True, "\n"
)
@example({"mcpServers": {"a": {"httpUrl": [], "url": "http://x/sse"}}}, ".qwen/settings.json", 2, False, "\n")
def test_json_of_any_shape(
    config: dict[str, Any], path: str, indent: int | str | None, ascii: bool, newline: str
) -> None:
    text = json.dumps(config, indent=indent, ensure_ascii=ascii).replace("\n", newline)
    after = apply(text, edit_snippet(text, "json", known(), path))
    assert same_but_for_entries(config, json.loads(after))
    assert edit_snippet(after, "json", known(), path) == []
    if newline == "\r\n":
        assert after.count("\n") == after.count("\r\n")


@QUICK
@given(CONFIG, st.sampled_from([True, False, None]))
@example({"mcpServers": {"\x85": {}}}, True)
@example({"extensions": [{"type": "sse", "url": "http://localhost:8000/sse"}]}, True)
@example({"mcpServers": [{"type": "http://localhost:8000/sse", "url": "http://localhost:8000/sse"}]}, True)
def test_yaml_of_any_shape(config: dict[str, Any], flow: bool | None) -> None:
    text = yaml.safe_dump(config, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    after = apply(text, edit_snippet(text, "yaml", known(), "librechat.yaml"))
    assert same_but_for_entries(yaml.safe_load(text), yaml.safe_load(after))  # PyYAML does not give back all it wrote
    assert edit_snippet(after, "yaml", known(), "librechat.yaml") == []


def same_but_for_entries(before: Any, after: Any) -> bool:
    """The same shape: only texts differ, keys are only renamed or added, and nothing else is touched."""
    if isinstance(before, dict) and isinstance(after, dict):
        gone, new = before.keys() - after.keys(), after.keys() - before.keys()
        allowed = {"type", "transport", "httpUrl", "transportType", "url", "serverUrl"}
        return gone | new <= allowed and all(
            same_but_for_entries(before[k], after[k]) for k in before.keys() & after.keys()
        )
    if isinstance(before, list) and isinstance(after, list):
        added = [x for x in after if x == "--transport=streamablehttp"]
        rest = [x for x in after if x != "--transport=streamablehttp"] if added else after
        return len(rest) == len(before) and all(map(same_but_for_entries, before, rest))
    return type(before) is type(after) and (before == after or isinstance(before, str))


@QUICK
@given(
    st.lists(
        st.sampled_from(
            [
                "npx",
                "mcp-remote",
                "claude",
                "mcp",
                "add",
                "--transport",
                "sse",
                "'",
                '"',
                "\\",
                " ",
                "http://x/sse",
                "--",
                "{",
                "}",
            ]
        )
    )
)
@example(["mcp-remote", "--transport", "http://x/sse"])
def test_commands_never_raise(pieces: list[str]) -> None:
    line = " ".join(pieces)
    after = moved_line(line, known())
    assert moved_line(after, known()) == after


def test_the_readers_of_these_tests_agree() -> None:
    assert read("a.json", b'{"a": "//x", /* y */ "b": [1, ], }') == {"a": "//x", "b": [1]}
