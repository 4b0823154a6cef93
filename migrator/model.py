"""The values that pass from step to step. Frozen, and JSON-serialisable through `to_json`.

    scan -> read -> link -> decide -> rewrite -> Plan -> report | apply | verify

Everything a report, the dry run, `check` or `apply` says is a reading of one `Plan`.
Paths are relative to `Plan.root`, with "/" between parts. Lines count from 1, columns from 0 (characters).
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from migrator.records import record


class Severity(enum.StrEnum):
    """How much a finding weighs: see `Finding.counts`."""

    ERROR = "error"  # it will not work
    WARNING = "warning"  # deprecated transport in use
    NOTE = "note"  # worth knowing


class Outcome(enum.StrEnum):
    """What becomes of the place a finding names."""

    FIX = "fix"  # this run changes it (or would, in a dry run)
    BY_HAND = "by-hand"  # it needs the user; `Finding.instruction` says what to do
    INFO = "info"  # nothing has to change


@dataclass(frozen=True, order=True)
class Place:
    """A span in a file of the project."""

    path: str
    line: int = 0  # 0: the file as a whole
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@record(frozen=True)
class Finding:
    """What we tell the user about one place."""

    rule: str  # "MCP101": its text is in rules/rules.toml
    severity: Severity
    outcome: Outcome
    place: Place
    message: str  # one sentence about this place
    instruction: str = ""  # by hand: the exact next step, may hold code
    unit: str = ""  # id of the move unit it belongs to, "" for none
    assumed: bool = False  # rests on an assumption that the user should check
    check: str = ""  # assumed: how to check it
    accepted: str = ""  # why `check` lets it pass: "ignored: theirs, not ours", "baseline"

    @property
    def counts(self) -> bool:
        """True when `check` fails on it: hazards, notes and what was accepted never do."""
        return self.severity is not Severity.NOTE and not self.rule.startswith("MCP6") and not self.accepted


@record(frozen=True)
class Selector:
    """What chooses a server's transport at run time, seen from outside its code."""

    kind: str  # "option" | "flag" | "environment" | "argument" | "setting" | "code"
    names: tuple[str, ...]  # ("--transport", "-t"), ("MCP_TRANSPORT",), ("transport",) ...
    old_word: str  # "sse", or a flag's own spelling; "/sse" where it gives the path
    new_word: str  # what to write instead
    accepts_old: bool  # the old word still works from outside and means the new transport
    place: Place


@record(frozen=True)
class Published:
    """A port of this machine that a container with a server hands on to it."""

    port: str
    place: Place  # what says so


@record(frozen=True)
class Endpoint:
    """One thing that speaks SSE (or did, before this run): a server that we can see."""

    name: str  # unique in the plan, for people and --endpoint: "server.py:mcp"
    unit: str
    generation: str  # "official-1" | "official-2" | "fastmcp-2" | "fastmcp-3" | "fastmcp-4" | a framework's name
    place: Place  # where the server object is made
    old_url: str  # "http://127.0.0.1:8000/sse"; unknown parts as {host}, {port}
    new_url: str
    old_path: str  # "/sse" ("" when it can't be told)
    new_path: str  # "/mcp"
    port: str = ""  # "8000" when it is a literal
    usual_port: str = ""  # where nothing outside says another: the default of an option or a variable
    message_path: str = ""  # where SSE clients post: "/messages/"
    selected_by: str = ""  # for people: "--transport streamable-http", "always"
    selectors: tuple[Selector, ...] = ()
    keeps_word: bool = False  # the old word goes on selecting it: what the new word selects is another branch, apart
    stateless: bool = True
    stateless_if: str = ""  # the user's own expression that decides it at run time: "settings.stateless"
    session_reasons: tuple[str, ...] = ()  # why it keeps a session: "server.py:12 ctx.elicit(...)"
    files: tuple[str, ...] = ()  # Python files that make, choose, mount or run it: start commands name them
    moved: bool = True  # False: by hand
    needs_sdk: str = (
        ""  # lowest release of its SDK that something it does needs: "1.29.0" for progress without a session
    )
    published: tuple[Published, ...] = ()

    @property
    def listens(self) -> str:
        """The port where it listens unless something outside says another, "" when it can't be told."""
        return self.port or self.usual_port


@record(frozen=True)
class Replacement:
    """New text for the characters start:end of a file's decoded text (any file but Python code).

    Offsets count characters of the text without BOM, line endings as they are (see text.TextFile).
    `start == end` inserts.
    """

    path: str
    start: int
    end: int
    text: str


@record(frozen=True)
class MoveUnit:
    """What moves together or not at all."""

    id: str
    endpoints: tuple[str, ...]  # names
    moved: bool
    blocks: tuple[Finding, ...] = ()  # why it stays: file, line, reason, what to write by hand
    step: str = ""  # which step of the pipeline blocked it


@record(frozen=True)
class FileChange:
    """One file, before and after. `before` is b"" with `created` for a new file."""

    path: str
    before: bytes
    after: bytes
    units: tuple[str, ...] = ()
    created: bool = False
    follows: tuple[str, ...] = ()  # units that must be on disk for this to be right, and that don't need it


@record(frozen=True)
class Plan:
    """Everything one run found and would write."""

    root: str
    endpoints: tuple[Endpoint, ...] = ()
    units: tuple[MoveUnit, ...] = ()
    changes: tuple[FileChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    regenerate: tuple[str, ...] = ()  # shell commands that bring the locks up to date
    files_scanned: int = 0
    settings: dict[str, Any] = field(default_factory=dict)  # those that differ from the defaults

    @property
    def left(self) -> tuple[Finding, ...]:
        """Findings that stay after this run's fixes and make `check` fail."""
        return tuple(f for f in self.findings if f.counts and f.outcome is Outcome.BY_HAND)

    @property
    def deprecated(self) -> tuple[Finding, ...]:
        """Findings that make `check` fail on the tree as it is now."""
        return tuple(f for f in self.findings if f.counts and f.outcome is not Outcome.INFO)

    def of_unit(self, unit: str) -> Iterator[Finding]:
        """The findings that belong to a move unit."""
        return (f for f in self.findings if f.unit == unit)


@record(frozen=True)
class Part:
    """What a room that is not the Python servers adds to the plan (configs, clients, deploy, versions).

    With `unit` it belongs to that move unit: its edits are written only if the unit moves, and those of `also`.
    Without any, it stands alone and is written whole or not at all.
    `needed=True` makes the unit stay when one of the edits can't be made.
    """

    findings: tuple[Finding, ...] = ()
    edits: tuple[Any, ...] = ()  # Replacement, or python.edits operations for .py files
    unit: str = ""
    needed: bool = False
    regenerate: tuple[str, ...] = ()
    kept: tuple[Place, ...] = ()  # words and addresses that are left to the user together: no other room changes one
    serves: Endpoint | None = None  # what only a runner or a variable starts over SSE: its unit is who starts it
    also: tuple[str, ...] = ()  # the units of an address that may be any of several servers'


def to_json(value: Any) -> Any:
    """`value` as dicts, lists, strings and numbers. Bytes are decoded as UTF-8 with replacement."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(v) for v in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, enum.Enum):
        return value.value
    return value
