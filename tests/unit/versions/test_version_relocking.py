"""Locks after a requirement changed: what they copy of it, and the command that makes them again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from versions_support import Judged, endpoint, pyproject, uv_lock

from migrator.model import Outcome, Severity

Judge = Callable[..., Judged]


def test_the_lock_keeps_a_copy_of_the_requirement(judged: Judge) -> None:
    own = '[[package]]\nname = "x"\nversion = "0"\nsource = { virtual = "." }\n[package.metadata]\nrequires-dist = [{ name = "mcp", specifier = ">=1.24" }]\n'
    files = {"pyproject.toml": pyproject("mcp>=1.24"), "uv.lock": uv_lock(mcp="1.26.0") + own}
    found = judged(files, endpoint())
    assert found.regenerate == ["uv lock --upgrade-package mcp"]
    (finding,) = found.of("MCP404")
    assert (
        finding.message
        == "uv.lock must be made again: it was made for another requirement, and pyproject.toml will ask for mcp>=1.24,<2"
    )
    assert (finding.outcome, finding.severity) == (Outcome.BY_HAND, Severity.WARNING)
    files["pyproject.toml"] = pyproject("mcp<2,>=1.24.0")
    files["uv.lock"] = files["uv.lock"].replace(">=1.24", ">=1.24.0,<2")
    assert [f for f in judged(files, endpoint()).findings if f.counts] == []


@pytest.mark.parametrize(
    ("file", "text", "source", "command"),
    [
        (
            "pylock.toml",
            'lock-version = "1.0"\ncreated-by = "uv"\n[[packages]]\nname = "mcp"\nversion = "1.6.0"\n',
            "pyproject",
            "uv export --format pylock.toml --output-file pylock.toml",
        ),
        (
            "pylock.toml",
            'lock-version = "1.0"\ncreated-by = "pip"\n[[packages]]\nname = "mcp"\nversion = "1.6.0"\n',
            "pyproject",
            "pip lock . --output pylock.toml",
        ),
        (
            "pdm.lock",
            '[metadata]\nlock_version = "4.5.0"\n[[package]]\nname = "mcp"\nversion = "1.6.0"\n',
            "pyproject",
            "pdm lock --update-reuse",
        ),
        (
            "poetry.lock",
            '[[package]]\nname = "mcp"\nversion = "1.6.0"\n[metadata]\nlock-version = "1.1"\n',
            "pyproject",
            "poetry lock --no-update",
        ),
        (
            "poetry.lock",
            '[[package]]\nname = "mcp"\nversion = "1.6.0"\n[metadata]\nlock-version = "2.1"\n',
            "pyproject",
            "poetry update mcp --lock",
        ),
        (
            "requirements.txt",
            "#    pip-compile -P mcp requirements.in\nmcp==1.6.0\n",
            "in",
            "pip-compile requirements.in --upgrade-package mcp",
        ),
        ("requirements.txt", "#    pip-compile $(rm -rf x) requirements.in\nmcp==1.6.0\n", "in", ""),
        ("requirements.txt", "mcp==1.6.0 \\\n  --hash=sha256:x\n", "in", ""),
    ],
)
def test_the_command_for_the_tool_that_wrote_the_lock(
    judged: Judge, file: str, text: str, source: str, command: str
) -> None:
    manifest = (
        {"pyproject.toml": pyproject("mcp==1.6.0")} if source == "pyproject" else {"requirements.in": "mcp==1.6.0\n"}
    )
    found = judged({**manifest, file: text}, endpoint())
    assert found.regenerate == ([command] if command else [])
    (finding,) = found.of("MCP404")
    assert finding.instruction == (f"Run: {command}" if command else "Make it again with the tool that wrote it.")


def test_a_compiled_file_whose_source_is_not_named_is_installed_beside_the_manifest(judged: Judge) -> None:
    hashed = "mcp==1.2.0 \\\n    --hash=sha256:ab\nclick==8.1.7 \\\n    --hash=sha256:cd\n"
    files = {"pyproject.toml": pyproject("mcp==1.2.0"), "requirements.txt": hashed}
    (finding,) = judged(files, endpoint()).of("MCP404")
    assert finding.place.path == "requirements.txt"
    assert "it holds mcp 1.2.0, and pyproject.toml will ask for mcp==" in finding.message
    files["requirements.txt"] = hashed.replace("1.2.0", "1.30.0")
    files["pyproject.toml"] = pyproject("mcp>=1.28.1,<2")
    assert judged(files, endpoint()).of("MCP404") == []
