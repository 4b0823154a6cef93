"""Lists of words in texts, without the old one."""

from __future__ import annotations

import pytest

from migrator.python.words.texts import without_word


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Transport type (stdio, sse, or streamable-http)", "Transport type (stdio or streamable-http)"),
        ("Must be either 'stdio', 'sse', or 'http'", "Must be either 'stdio' or 'http'"),
        ("`stdio`, `sse` (old), or `http`", "`stdio` or `http`"),
        ("sse, stdio, or http", "stdio or http"),
        ("stdio, http, sse, or grpc", "stdio, http, or grpc"),
        ("stdio, http, or sse", "stdio or http"),
        ("stdio, sse or http", "stdio or http"),
        ("stdio, sse, http", "stdio, http"),
        ("'sse' or 'http'", "'http'"),
    ],
)
def test_no_comma_is_left_between_two(text: str, left: str) -> None:
    assert without_word(text) == left
