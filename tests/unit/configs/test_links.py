"""Install badges that carry an entry."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from configs_support import BOOK, Project, server

from migrator.configs.links import link_changes
from migrator.configs.parts import known_of
from migrator.configs.spans import apply

ROWS = BOOK.toml("tools.toml")["link"]
OLD = '{"url":"http://localhost:8000/sse"}'
NEW = '{"url":"http://localhost:8000/mcp"}'
TYPED = '{"type": "sse", "url": "https://weather.example.com/sse"}'
TYPED_NEW = '{"type": "http", "url": "https://weather.example.com/mcp"}'


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def moved(text: str, tmp_path: Path, own_only: bool = False) -> str:
    known = known_of(Project(tmp_path, {}, endpoints=(server(),)).context, own_only)
    return apply(text, link_changes(text, ROWS, known, "README.md"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"[![x](a.svg)](https://cursor.com/install-mcp?name=w&config={b64(OLD)})",
            f"[![x](a.svg)](https://cursor.com/install-mcp?name=w&config={b64(NEW)})",
        ),
        (
            f"https://cursor.com/en/install-mcp?name=w&config={b64(OLD).replace('=', '%3D')} x",
            f"https://cursor.com/en/install-mcp?name=w&config={b64(NEW).replace('=', '%3D')} x",
        ),
        (
            f"cursor://anysphere.cursor-deeplink/mcp/install?name=w&config={b64(OLD).rstrip('=')}",
            f"cursor://anysphere.cursor-deeplink/mcp/install?name=w&config={b64(NEW).rstrip('=')}",
        ),
        (
            f"https://insiders.vscode.dev/redirect/mcp/install?name=w&config={quote(TYPED)}&quality=insiders",
            f"https://insiders.vscode.dev/redirect/mcp/install?name=w&config={quote(TYPED_NEW, safe='')}&quality=insiders",
        ),
        (f"vscode:mcp/install?{quote(TYPED, safe='')}", f"vscode:mcp/install?{quote(TYPED_NEW, safe='')}"),
    ],
)
def test_links(tmp_path: Path, before: str, after: str) -> None:
    if "redirect" in before:
        before = before.replace(quote(TYPED), quote(TYPED, safe=""))
    assert moved(before, tmp_path) == after


@pytest.mark.parametrize(
    "text",
    [
        f"https://cursor.com/install-mcp?name=w&config={b64(json.dumps({'command': 'uvx sse'}))}",
        "https://cursor.com/install-mcp?name=w&config=not-base64-at-all",
        f"https://example.com/install-mcp?config={b64(OLD)}",
        "https://vscode.dev/redirect/mcp/install?config=%7B%22type%22%3a%22sse%22%7D",
        "",
    ],
)
def test_links_that_are_left(tmp_path: Path, text: str) -> None:
    assert moved(text, tmp_path) == text


def test_documents_change_only_what_is_ours(tmp_path: Path) -> None:
    foreign = f"vscode:mcp/install?{quote(TYPED, safe='')}"
    assert moved(foreign, tmp_path, own_only=True) == foreign
    assert moved(f"https://cursor.com/install-mcp?config={b64(OLD)}", tmp_path / "2", own_only=True).endswith(b64(NEW))
