"""What a command line asks for, as one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from migrator.records import record


class Failure(Exception):
    """The run itself failed: exit status 2. The message is for people."""


@record(frozen=True)
class Order:
    """What the command line asked for. `settings`: by field name, only what was given."""

    paths: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    check: bool = False
    dry_run: bool = False
    formats: tuple[str, ...] = ("text",)
    outputs: tuple[str, ...] = ()
    quiet: bool = False
    verbose: bool = False
    show: str = ""  # "settings" | "files" | "why-not": that instead of a report
    keep: str = ""  # "write" | "prune": the baseline, instead of a report
    since: str | None = None  # a revision: only files that changed since are asked about
    interactive: bool = False  # ask about each endpoint
    stdin: str | None = None  # the name of the file that comes on standard input, in place of paths

    @property
    def writes(self) -> bool:
        """Only a plain run writes."""
        return not (self.check or self.dry_run or self.show or self.keep)


def order_of(paths: Sequence[str], flags: set[str], **more: Any) -> Order:
    """The order for paths and the flags of main.FLAGS; `more` are other fields of Order."""
    return Order(
        paths=tuple(paths),
        check="check" in flags,
        dry_run=bool(flags & {"dry_run", "diff"}),
        formats=more.pop("formats", ()) or (("diff",) if "diff" in flags else ("text",)),
        quiet="quiet" in flags,
        verbose="verbose" in flags,
        **more,
    )


def check_questions(order: Order) -> None:
    """Raises Failure for questions that don't go together."""
    if order.keep and (order.check or order.dry_run):
        other = "check" if order.check else "--dry-run"
        raise Failure(f"--{order.keep}-baseline writes the baseline: it doesn't go with {other}")
    others = {
        "check": order.check,
        "--dry-run": order.dry_run,
        "--quiet": order.quiet,
        "--format": order.formats != ("text",),
        "--output": bool(order.outputs),
        "--stdin-filename": order.stdin is not None,
        f"--{order.show}": bool(order.show),
        f"--{order.keep}-baseline": bool(order.keep),
    }
    wrong = [name for name, given in others.items() if given]
    if order.interactive and wrong:
        raise Failure(f"--interactive asks and writes: it doesn't go with {wrong[0]}")
