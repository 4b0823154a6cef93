"""What turns a project into its migrated form: the program itself, another command, or the known answer."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.settings import Settings
from tests.behaviour.subject import Subject

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 180


@dataclass(frozen=True)
class ToolRun:
    """How one run of the tool went."""

    status: int
    output: str
    seconds: float


Tool = Callable[[Subject, Path], ToolRun]


def program(subject: Subject, folder: Path) -> ToolRun:
    """This project's own command line."""
    options = [part for name, value in subject.options.items() for part in (f"--{name.replace('_', '-')}", value)]
    return _run([sys.executable, "-m", "migrator", *options, str(folder)])


def inside(subject: Subject, folder: Path) -> ToolRun:
    """The program's functions, called in this process: faster than its command line, and without it."""
    from migrator.apply import apply
    from migrator.pipeline import make_plan

    begin = time.monotonic()
    settings = replace(Settings(), **subject.options)
    try:
        apply(make_plan(folder, settings), folder, settings)
    except Exception:
        return ToolRun(2, traceback.format_exc(), time.monotonic() - begin)
    return ToolRun(0, "", time.monotonic() - begin)


def command(text: str) -> Tool:
    """Any other command; "{dir}" in it stands for the project, which otherwise comes last."""

    def run(subject: Subject, folder: Path) -> ToolRun:
        words = shlex.split(text)
        words = [word.replace("{dir}", str(folder)) for word in words] if "{dir}" in text else [*words, str(folder)]
        return _run(words)

    return run


def reference(subject: Subject, folder: Path) -> ToolRun:
    """Put the known answer there: shows that the judge itself is right."""
    for name, source in subject.reference.items():
        shutil.copyfile(source, folder / name)
    if subject.golden is not None and subject.golden.is_dir():
        shutil.copytree(subject.golden, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return ToolRun(0, "", 0.0)


def nothing(subject: Subject, folder: Path) -> ToolRun:
    """Change nothing: shows that the judge notices."""
    return ToolRun(0, "", 0.0)


def named(text: str) -> Tool:
    """The tool for what --tool says."""
    return {"": program, "inside": inside, "reference": reference, "nothing": nothing}.get(text) or command(text)


def _run(words: list[str]) -> ToolRun:
    begin = time.monotonic()
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
        )
    except subprocess.TimeoutExpired:
        return ToolRun(-1, f"did not end within {SECONDS} s", time.monotonic() - begin)
    except OSError as error:
        return ToolRun(-1, str(error), time.monotonic() - begin)
    return ToolRun(done.returncode, done.stdout + done.stderr, time.monotonic() - begin)
