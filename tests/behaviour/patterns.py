"""The folders of a pattern directory as subjects: single-file servers with their notes in meta.json."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.behaviour.environments import Environment
from tests.behaviour.subject import Call, Route, Start, Subject

PROJECT = Path(__file__).resolve().parents[2]
FILE = "server.py"
WITH_MANIFEST = "+pinned"  # ends the name of a subject that has one
LITERAL_PORT = "8931"  # what the fastmcp patterns write into their code

# Not models of a move: see their notes, and issue 2.
LEFT_OUT = ("run_json", "run_path_sse_kept")
LEFT_OUT_PREFIXES = ("dual", "gone", "keep")
LEFT_OUT_PARTS = ("nolifespan", "no_lifespan")
BUT_NOT = ("fastapi_mount_no_lifespan_arg",)  # has one in its answer: the host had none before

# Starts that meta.json leaves out: the old word said aloud, and the way that must stay standard input and output.
OLD_WORD_ALOUD = {
    "fastmcp/argparse_transport": ("--transport", "sse"),
    "fastmcp/argparse_passthrough": ("--transport", "sse"),
}
OLD_WORD_IN_ENV = {"fastmcp/env_transport": {"MCP_TRANSPORT": "sse"}}
HAS_STDIO = {
    "fastmcp/argparse_transport": Start((FILE, "--transport", "stdio")),
    "fastmcp/argparse_passthrough": Start((FILE, "--transport", "stdio")),
    "official/run_argparse": Start((FILE, "--transport", "stdio")),
    "official/lowlevel_click": Start((FILE, "--transport", "stdio")),
    "official/run_env": Start((FILE,), {"MCP_TRANSPORT": "stdio"}),
}
PORT_HAS_NO_EFFECT = {"fastmcp-2": ("fastmcp/settings_global",)}  # set too late: the variable decides
STDIO_BY_DEFAULT = ("official/lowlevel_click",)
FAMILIES = {"official": ("official-1", "official-2"), "fastmcp": ("fastmcp-2", "fastmcp-3", "fastmcp-4")}


# for a checkout alone: the patterns are no part of it
ABSENT = pytest.mark.skip(
    reason="no pattern directory: neither beside the project (../shared/patterns) nor under MCP_MIGRATE_SHARED"
)


def folder() -> Path | None:
    """The pattern directory: under MCP_MIGRATE_SHARED, or beside the project. None when there is none."""
    named = os.environ.get("MCP_MIGRATE_SHARED")
    shared = Path(named) if named else PROJECT.parent / "shared"
    found = shared / "patterns"
    return found if found.is_dir() else None


def subjects(patterns: Path, environment: Environment, manifest: bool = False) -> list[Subject]:
    """What can be judged in this environment, by name.

    manifest: each with a requirements.txt that pins the environment's SDK; otherwise the imports alone must tell.
    """
    family = next(name for name, generations in FAMILIES.items() if environment.generation in generations)
    found = []
    for path in sorted((patterns / family).iterdir()):
        before = path / ("before_v2.py" if environment.generation == "official-2" else "before.py")
        name = f"{family}/{path.name}"
        if before.is_file() and not _left_out(path.name) and name not in environment.too_old_for:
            found.append(_subject(name, before, environment, manifest))
    return found


def plain_name(subject: Subject) -> str:
    """The pattern's own name."""
    return subject.name.removesuffix(WITH_MANIFEST)


def _left_out(name: str) -> bool:
    return name not in BUT_NOT and (
        name in LEFT_OUT or name.startswith(LEFT_OUT_PREFIXES) or any(part in name for part in LEFT_OUT_PARTS)
    )


def _subject(name: str, before: Path, environment: Environment, manifest: bool) -> Subject:
    notes = json.loads((before.parent / "meta.json").read_text("utf-8"))
    text = before.read_text("utf-8")
    env = dict(notes.get("env") or {})
    by_variable = LITERAL_PORT not in text or name in PORT_HAS_NO_EFFECT.get(environment.generation, ())
    fixed = {"FASTMCP_PORT": "{port}"} if name.startswith("fastmcp/") and by_variable else {}
    plain = Start((FILE,), fixed)
    arguments = tuple(notes.get("argv") or OLD_WORD_ALOUD.get(name, ()))
    start = Start((FILE, *arguments), {**fixed, **env, **OLD_WORD_IN_ENV.get(name, {})})
    more = () if start == plain or name in STDIO_BY_DEFAULT else (plain,)
    return Subject(
        name=f"{name}{WITH_MANIFEST}" if manifest else name,
        tree=_writer(before, environment.pins if manifest else ()),
        start=start,
        routes=_routes(notes),
        port=LITERAL_PORT if LITERAL_PORT in text else "",
        more_starts=more,
        stdio=HAS_STDIO.get(name),
        headers=notes.get("headers") or {},
        call=Call(),
        health="/health" if notes.get("check_health") or '"/health"' in text else "",
        reference={FILE: reference(before.parent, environment)},
    )


def reference(path: Path, environment: Environment) -> Path:
    """The pattern's own answer for an environment."""
    wanted = {
        "official-1.9": "after_v1early.py",
        "official-1.22": "after_v1early.py",
        "official-1.24": "after_v1late.py",
        "official-1": "after_v1late.py",
        "official-2": "after_v2.py",
        "fastmcp-2.10": "after_v2.py",
        "fastmcp-2": "after_v2.py",
        "fastmcp-3": "after_v3.py",
        "fastmcp-4": "after_v4.py",
    }
    return path / wanted[environment.name]


def _writer(before: Path, pins: tuple[str, ...]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        shutil.copyfile(before, folder / FILE)
        if pins:
            (folder / "requirements.txt").write_text("\n".join(pins) + "\n")

    return write


def _routes(notes: dict[str, Any]) -> tuple[Route, ...]:
    old, model = (_listed(notes.get(key) or default) for key, default in (("sse", "/sse"), ("http", "/mcp")))
    return tuple(Route(a, model=b) for a, b in zip(old, model, strict=True))


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
