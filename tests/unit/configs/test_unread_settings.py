"""SSE addresses of unknown hosts in settings that only a program's own code reads: told, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Outcome, Severity
from migrator.pipeline import make_plan
from migrator.settings import Settings

SETTINGS = [
    ("config.yaml", "mcp:\n  url: https://x.example/sse\n", "mcp.url"),
    ("settings.toml", '[tools]\nmcp_url = "https://x.example/sse"\n', "tools.mcp_url"),
    ("app.json", '{"theMcpServer": {"endpoint": "https://x.example/sse"}}\n', "theMcpServer.endpoint"),
]


@pytest.mark.parametrize(("name", "text", "keys"), SETTINGS)
def test_an_address_under_a_key_of_mcp_is_told(tmp_path: Path, name: str, text: str, keys: str) -> None:
    (tmp_path / name).write_text(text)
    plan = make_plan(tmp_path, Settings())
    assert not plan.changes
    (finding,) = plan.findings
    assert (finding.severity, finding.outcome) == (Severity.NOTE, Outcome.BY_HAND)
    assert finding.message.startswith(f"{keys} is https://x.example/sse")
    assert "write https://x.example/mcp" in finding.instruction


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.yaml", "events:\n  url: https://x.example/sse\nmcp: false\n"),
        ("config.yaml", "mcp:\n  url: https://x.example/mcp\nstream: https://x.example/sse\n"),
        ("config.yaml", "mcp:\n  docs: see https://x.example/sse for more\n"),
        ("tests/config.yaml", "mcp:\n  url: https://x.example/sse\n"),
        ("config.yaml", "mcphost:\n  other: https://x.example/events\n  note: /sse\n"),
    ],
)
def test_other_streams_are_not(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert not make_plan(tmp_path, Settings()).findings
