"""Runs commands in turn (A B C A B C ...) and compares their medians: one machine, one load, one run."""

from __future__ import annotations

import os
import resource
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Contender:
    """A command, and what its runs took. `statuses`: the exit statuses that mean it did its work."""

    name: str
    command: list[str]
    statuses: tuple[int, ...] = (0, 1)
    wall: list[float] = field(default_factory=list)  # seconds
    cpu: list[float] = field(default_factory=list)  # seconds, user and system, with its children
    peak: int = 0  # KiB, its largest process
    failure: str = ""

    @property
    def median_wall(self) -> float:
        return statistics.median(self.wall)

    @property
    def median_cpu(self) -> float:
        return statistics.median(self.cpu)


def race(contenders: list[Contender], rounds: int, folder: Path, patience: float) -> None:
    """Run every contender `rounds` times in turn, after one round that is not counted."""
    for number in range(rounds + 1):
        for contender in contenders:
            if not contender.failure:
                _run(contender, folder, patience, counted=number > 0)


def once(contender: Contender, folder: Path, patience: float) -> None:
    """Run a slow contender a single time. One that takes longer than `patience` seconds counts with that."""
    _run(contender, folder, patience, counted=True)


def _run(contender: Contender, folder: Path, patience: float, counted: bool) -> None:
    # without its bytecode a program is timed at compiling itself
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    silence = os.open(os.devnull, os.O_RDWR)
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            for descriptor in (0, 1, 2):
                os.dup2(silence, descriptor)
            os.execvpe(contender.command[0], contender.command, environment)
        finally:
            os._exit(127)
    os.close(silence)
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        wall = time.perf_counter() - start
        if done:
            break
        if wall > patience:
            os.kill(child, 9)
            _, status, usage = os.wait4(child, 0)
            contender.failure = f"stopped after {patience:.0f} s"
            break
        time.sleep(0.001 if wall < 5 else 0.1)
    code = os.waitstatus_to_exitcode(status)
    if not contender.failure and code not in contender.statuses:
        contender.failure = f"exit status {code}"
        return
    if counted or contender.failure:
        contender.wall.append(wall)
        contender.cpu.append(usage.ru_utime + usage.ru_stime)
        contender.peak = max(contender.peak, usage.ru_maxrss)


def table(contenders: list[Contender], base: Contender) -> str:
    """Medians, and how many times those of `base` they are.

    A process starts as a copy of this one, so a smaller peak than this one's can't be seen.
    """
    least = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = [f"{'':<44} {'wall ms':>9} {'cpu ms':>9} {'peak MB':>8} {'wall x':>8} {'cpu x':>7}  runs"]
    for c in contenders:
        if not c.wall:
            lines.append(f"{c.name:<44} {c.failure}")
            continue
        wall, cpu = c.median_wall, c.median_cpu
        peak = f"< {least / 1024:.0f}" if c.peak <= least * 1.02 else f"{c.peak / 1024:.0f}"
        lines.append(
            f"{c.name:<44} {wall * 1000:>9.0f} {cpu * 1000:>9.0f} {peak:>8} "
            f"{wall / base.median_wall:>8.2f} {cpu / base.median_cpu:>7.2f}  {len(c.wall)}"
            + (f"  ({c.failure})" if c.failure else "")
        )
    return "\n".join(lines)
