"""Client configuration inside other files, and the commands that entries start."""

from __future__ import annotations

from pathlib import Path

import pytest
from configs_support import Project, moved_line, server

from migrator.configs.moves import Known
from migrator.configs.parts import known_of
from migrator.configs.snippets import edit_snippet, snippet_parts
from migrator.configs.spans import Unparsable, apply
from migrator.model import Endpoint, Replacement
from migrator.text import TextFile


def known(tmp_path: Path, *endpoints: Endpoint, own_only: bool = False) -> Known:
    return known_of(Project(tmp_path, {}, endpoints=endpoints).context, own_only)


def edited(text: str, syntax: str, k: Known, **options: str) -> str:
    return apply(text, edit_snippet(text, syntax, k, **options))


ENTRY = '{"mcpServers": {"a": {"type": "sse", "url": "http://localhost:8000/sse"}}}'


def test_a_fence_is_edited_as_its_own_language(tmp_path: Path) -> None:
    k = known(tmp_path)
    assert edited(ENTRY, "json", k) == ENTRY.replace('"sse"', '"http"').replace("/sse", "/mcp")
    assert edited(ENTRY, "json", k, client="roo") == ENTRY.replace('"sse"', '"streamable-http"').replace("/sse", "/mcp")
    assert edited("mcpServers:\n  a: {type: sse, url: http://x/sse}", "yaml", k).endswith(
        "{type: http, url: http://x/mcp}"
    )


def test_the_inside_of_an_object(tmp_path: Path) -> None:
    inside = '"mcpServers": {\n  "a": {"url": "http://x/sse"} // one\n},'
    assert edited(inside, "jsonc", known(tmp_path)) == inside.replace("/sse", "/mcp")


def test_what_cannot_be_read_is_left(tmp_path: Path) -> None:
    k = known(tmp_path)
    for text, syntax in (('{"mcpServers": {...}, sse', "json"), ("a: {{ sse }}", "yaml"), ("x", "ini")):
        assert edit_snippet(text, syntax, k) == []
    with pytest.raises(Unparsable):
        snippet_parts(TextFile("a.md", "x sse", "utf-8", b""), 0, 5, "ini", k)


def test_offsets_are_those_of_the_file(tmp_path: Path) -> None:
    head = "# Client\n\n```json\n"
    file = TextFile("README.md", f"{head}{ENTRY}\n```\n", "utf-8", b"")
    parts = snippet_parts(file, len(head), len(head) + len(ENTRY), "json", known(tmp_path, server()))
    edits = [e for p in parts for e in p.edits if isinstance(e, Replacement)]
    assert file.replaced(edits).decode() == file.text.replace('"sse"', '"http"').replace("/sse", "/mcp")
    assert [(p.unit, p.findings[0].place.line) for p in parts] == [("unit-1", 4)]
    assert edit_snippet(ENTRY, "json", known(tmp_path), base=100)[0][0] > 100


def test_documents_change_only_what_is_ours(tmp_path: Path) -> None:
    k = known(tmp_path, server(), own_only=True)
    assert "8000/mcp" in edited(ENTRY, "json", k)
    other = ENTRY.replace("localhost:8000", "x.com")
    assert edited(other, "json", k) == other
    assert moved_line("npx mcp-remote https://x.com/sse", k) == "npx mcp-remote https://x.com/sse"
    assert moved_line("npx mcp-remote http://localhost:8000/sse", k).endswith(" http://localhost:8000/mcp")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("claude mcp add -t sse w http://localhost:8000/sse", "claude mcp add -t http w http://localhost:8000/mcp"),
        (
            'claude mcp add-json w \'{"type": "sse", "url": "http://localhost:8000/sse"}\' -s user',
            'claude mcp add-json w \'{"type": "http", "url": "http://localhost:8000/mcp"}\' -s user',
        ),
        (
            'code --add-mcp \'{"name":"w","type":"sse","url":"http://localhost:8000/sse"}\'',
            'code --add-mcp \'{"name":"w","type":"http","url":"http://localhost:8000/mcp"}\'',
        ),
        ("python server.py --transport sse", "python server.py --transport sse"),
        ("claude mcp add-json w '{broken'", "claude mcp add-json w '{broken'"),
    ],
)
def test_commands(tmp_path: Path, before: str, after: str) -> None:
    assert moved_line(before, known(tmp_path, server(), own_only=True)) == after
