"""For every unit that did not move: which step stopped it, where, and why. For measuring, and for asking us."""

from __future__ import annotations

from migrator.model import Plan
from migrator.records import record
from migrator.reports import ReportOptions
from migrator.reports.paths import Paths
from migrator.reports.reading import asked, unit_title


@record(frozen=True)
class Row:
    """One reason why one unit stays."""

    unit: str  # by the names of its endpoints
    step: str
    place: str
    rule: str
    reason: str


def rows(plan: Plan, options: ReportOptions) -> list[Row]:
    """A row for each block; a unit without one has a single row that says so."""
    paths = Paths(plan, options)
    found = []
    for unit in asked(plan, options).units:
        if unit.moved:
            continue
        title = unit_title(unit)
        step = unit.step or "unknown"
        for block in unit.blocks:
            found.append(Row(title, step, paths.place(block.place), block.rule, block.message))
        if not unit.blocks:
            found.append(Row(title, step, "", "", "no reason was recorded"))
    return found


def render(plan: Plan, options: ReportOptions) -> str:
    """A table of columns separated by tabs, with a heading; "" when every unit moved."""
    found = rows(plan, options)
    if not found:
        return ""
    lines = [("unit", "step", "place", "rule", "reason")]
    lines += [(row.unit, row.step, row.place, row.rule, row.reason) for row in found]
    return "".join("\t".join(" ".join(cell.split()) for cell in line) + "\n" for line in lines)
