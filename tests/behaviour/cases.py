"""The folders of testdata/cases as subjects. tests/README.md describes the format of case.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.behaviour.environments import Environment
from tests.behaviour.subject import Call, Route, Start, Subject

CASES = Path(__file__).resolve().parents[2] / "testdata" / "cases"
PREFIX = "cases/"  # of their names
EXPECTED = ("stateless", "stateful", "blocked")
KNOWN = {
    "title", "generations", "port", "cwd", "entry", "env", "new", "more", "stdio", "old_path", "new_path", "endpoint",
    "headers", "call", "health", "site", "options", "expect", "reason",
}  # fmt: skip


class BadCase(ValueError):
    """A case.toml that can't be used. The message names it and what is wrong."""


def subjects(environment: Environment, folder: Path = CASES) -> list[Subject]:
    """The cases that name this environment or its generation, by name. Raises BadCase."""
    found = []
    for notes in sorted(folder.glob("*/case.toml")):
        data = _read(notes)
        if {environment.name, environment.generation} & set(data["generations"]):
            found.append(
                subject_of(f"{PREFIX}{notes.parent.name}", data, notes.parent / "before", notes.parent / "after")
            )
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadCase(f"{path}: {error}") from error
    if unknown := sorted(set(data) - KNOWN):
        raise BadCase(f"{path}: unknown keys {', '.join(unknown)}")
    if missing := sorted({"title", "generations", "entry"} - set(data)):
        raise BadCase(f"{path}: {', '.join(missing)} missing")
    if data.get("expect", "stateless") not in EXPECTED:
        raise BadCase(f"{path}: expect is one of {', '.join(EXPECTED)}")
    if data.get("expect", "stateless") != "stateless" and not data.get("reason"):
        raise BadCase(f"{path}: {data['expect']} needs a reason that the plan must name")
    return data


def subject_of(
    name: str, data: dict[str, Any], tree: Path | Callable[[Path], None], golden: Path | None = None
) -> Subject:
    """A subject from the keys of a case.toml, whose project is at `tree`."""
    call = data.get("call", {})
    return Subject(
        name=name,
        tree=tree,
        start=_start(data),
        routes=tuple(_routes(data)),
        cwd=data.get("cwd", "."),
        port=str(data.get("port", "")),
        new_start=_start(data["new"], data) if "new" in data else None,
        more_starts=tuple(_start(more) for more in data.get("more", ())),
        stdio=_start(data["stdio"]) if "stdio" in data else None,
        headers=data.get("headers", {}),
        call=None if call is False else Call(**call),
        health=data.get("health", ""),
        site=data.get("site", ""),
        options=data.get("options", {}),
        expect=data.get("expect", "stateless"),
        reason=data.get("reason", ""),
        golden=golden,
    )


def _start(data: dict[str, Any], default: dict[str, Any] | None = None) -> Start:
    """A start; what it doesn't say comes from `default`."""
    rest = default or {}
    return Start(tuple(data.get("entry", rest.get("entry", ()))), data.get("env", rest.get("env", {})))


def _routes(data: dict[str, Any]) -> list[Route]:
    rows = data.get("endpoint") or [{"old": data.get("old_path", "/sse"), "new": data.get("new_path", "/mcp")}]
    return [Route(row["old"], row["new"]) for row in rows]
