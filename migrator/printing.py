"""Where reports go: which formats, which files, how wide, in colour or not."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator import reports
from migrator.model import Plan

if TYPE_CHECKING:
    from migrator.scan import Looked

PIPE_WIDTH = 100  # columns, where no terminal says how many there are


class CannotPrint(ValueError):
    """A format or an output that can't be used; the message is for people."""


def check_formats(formats: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Raises CannotPrint before any work is done."""
    from migrator.rulebook import nearest

    for name in formats:
        if name not in reports.FORMATS:
            known = ", ".join(reports.FORMATS)
            raise CannotPrint(
                f'--format: there is no format "{name}"{nearest(name, list(reports.FORMATS))} (known: {known})'
            )
    if len(outputs) > len(formats):
        raise CannotPrint("--output is given more often than --format: the n-th output belongs to the n-th format")
    places = [*outputs, *["-"] * (len(formats) - len(outputs))]
    for place in set(places):
        if places.count(place) > 1:
            where = "standard output" if place == "-" else place
            raise CannotPrint(
                f"--output: more than one format would go to {where}; give each --format its own --output"
            )
        if place != "-" and not Path(place).absolute().parent.is_dir():
            raise CannotPrint(f"--output {place}: there is no such folder")


def options(**given: Any) -> reports.ReportOptions:
    """How to show a plan on this terminal, or on what stands in its place."""
    terminal = sys.stdout.isatty()
    width = PIPE_WIDTH
    if terminal or "COLUMNS" in os.environ:
        from shutil import get_terminal_size  # which imports three compressors

        width = get_terminal_size((PIPE_WIDTH, 24)).columns
    color = terminal and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        color = True
    if os.environ.get("NO_COLOR"):
        color = False
    return reports.ReportOptions(
        width=width, color=color, show_diff=given.get("dry_run", False), cwd=Path.cwd(), **given
    )


def report(plan: Plan, options: reports.ReportOptions, formats: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Render each format and put it where it belongs. Raises CannotPrint."""
    from dataclasses import replace

    places = [*outputs, *["-"] * (len(formats) - len(outputs))]
    for name, place in zip(formats, places, strict=True):
        if place == "-":
            write(reports.render(name, plan, options), for_programs=name != "text")
            continue
        text = reports.render(name, plan, replace(options, color=False, width=PIPE_WIDTH))
        try:
            Path(place).write_bytes(text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise CannotPrint(f"--output {place}: can't be written: {error.strerror or error}") from None


def write(text: str, for_programs: bool = False) -> None:
    """To standard output; no line ending is converted. For people in what their terminal can show, else in UTF-8."""
    from migrator.reports.paint import for_encoding

    if text and not text.endswith("\n"):
        text += "\n"
    encoding = "utf-8" if for_programs else sys.stdout.encoding or "utf-8"
    stream = getattr(sys.stdout, "buffer", None)
    if encoding.lower().replace("-", "") != "utf8":
        text = for_encoding(text, encoding)
    if stream is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    stream.write(text.encode(encoding, "surrogateescape"))
    stream.flush()


def from_here(path: Path) -> str:
    """`path` as one types it while standing in the current folder."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive
        return os.fspath(path)


def why_not(plan: Plan) -> str:
    """For each move unit that stays: the step that blocked it, where and why. Then how often each step did."""
    stays = [unit for unit in plan.units if not unit.moved]
    moved = len(plan.units) - len(stays)
    lines = []
    for unit in stays:
        lines.append(f"{unit.id}  blocked by: {unit.step or 'unknown'}")
        lines += [f"    {block.place}  {block.rule}  {block.message}" for block in unit.blocks]
    if stays:
        lines.append("")
    steps = Counter(unit.step or "unknown" for unit in stays)
    said = "".join(f", {number} blocked by {step}" for step, number in steps.most_common())
    lines.append(f"{moved} of {len(plan.units)} move units move{said}.")
    return "\n".join(lines)


def files(looked: Looked) -> str:
    """The files that could matter, by kind, and those left out; for --show-files."""
    number = len(looked.files)
    lines = [f"# {looked.root}: {number} file{'' if number == 1 else 's'}, {len(looked.hits)} could matter"]
    for path, kind in sorted(looked.hits, key=lambda hit: (hit[1], hit[0])):
        local = "  (local)" if path in looked.local else ""
        lines.append(f"{kind:<11} {path}{local}")
    lines += [f"{'left out':<11} {path}: {why}" for path, why in sorted(looked.skipped)]
    return "\n".join(lines) + "\n"
