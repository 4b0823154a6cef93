"""Shows on a terminal how far a long run is. Runs that are soon done, pipes and --quiet see nothing of it.

    with progress.bar():
        progress.at("servers")      # from wherever the work is done; costs an assignment

The line is drawn by a thread of its own, so that the work never waits for it, and is gone when the work is done.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

DELAY = 1.0  # seconds until anything is drawn
INTERVAL = 0.1  # seconds between two looks
# What the steps are called, and how much of a run is behind them when they begin (percent, as measured).
STEPS = {
    "read": ("reading files", 0),
    "servers": ("following servers and what chooses their transport", 10),
    "configs": ("client configurations", 60),
    "clients": ("Python clients", 63),
    "deploy": ("start commands and documents", 78),
    "versions": ("requirements and locks", 92),
    "write": ("putting the changes together", 95),
}

wanted = False  # set by the run: a terminal is there, and nobody asked for quiet
_now = "read"


def at(step: str) -> None:
    """The work has come to `step`, one of STEPS."""
    global _now  # noqa: PLW0603
    _now = step


@contextlib.contextmanager
def bar() -> Iterator[None]:
    """Show the steps while the body runs, from DELAY on; nothing unless `wanted`."""
    if not wanted:
        yield
        return
    import threading

    at("read")
    done = threading.Event()
    thread = threading.Thread(target=_draw, args=(done,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _draw(done: Event) -> None:
    if done.wait(DELAY):
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn("line"), BarColumn(20), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("", total=100)
        while True:
            label, percent = STEPS[_now]
            progress.update(task, description=label, completed=percent)
            if done.wait(INTERVAL):
                return
