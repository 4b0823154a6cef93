"""Readings of a Plan, one module a format. Each module has `render(plan, options) -> str`.

    text = reports.render("json", plan, ReportOptions(dry_run=True))

A new format is one module and one line in `FORMATS`; a module is imported when its format is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator.records import record

if TYPE_CHECKING:
    from migrator.apply import Applied
    from migrator.model import Plan

FORMATS: dict[str, str] = {
    "text": "migrator.reports.text",
    "diff": "migrator.reports.diff",
    "json": "migrator.reports.json",
    "sarif": "migrator.reports.sarif",
    "github": "migrator.reports.github",
    "gitlab": "migrator.reports.gitlab",
    "markdown": "migrator.reports.markdown",
    "html": "migrator.reports.html",
}


@record(frozen=True)
class ReportOptions:
    """How a Plan is to be shown, and to whom.

    dry_run, check: which of the three runs this was; with neither, the plan was written, and `applied`
        says what of it (it is None for dry runs and checks).
    width: columns of the terminal. color: ANSI colours may be used.
    cwd: where the user stands; the text report shows paths relative to it.
    only: when not empty, the files (relative to the plan's root) that the user asked about.
    show_diff: the text report shows the whole diff, not only the summary.
    paths, given: the paths as they were typed, and what else the command line said, by the names of the settings and
        "since": commands to type next repeat it. What a settings file says is read there again.
    """

    dry_run: bool = False
    check: bool = False
    width: int = 80
    color: bool = False
    verbose: bool = False
    quiet: bool = False
    cwd: Path = field(default_factory=Path.cwd)
    applied: Applied | None = None
    only: tuple[str, ...] = ()
    show_diff: bool = False
    paths: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)


def render(format_name: str, plan: Plan, options: ReportOptions) -> str:
    """`plan` in the format named. Raises KeyError for a name that is not in FORMATS."""
    module = import_module(FORMATS[format_name])
    result: str = module.render(plan, options)
    return result
