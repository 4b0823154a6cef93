"""`python -m benchmarks`: our dry run and check beside ripgrep or grep, ruff, and other migration tools.

Two trees of one size are raced over: one without anything to move, which is what hooks and CI meet, and one with servers,
where LibCST is imported and plans are made: that costs about the same whatever the size of the tree.
The bars are ratios of medians within one run: at most 7 times ripgrep's wall time, under a third of ruff
without its cache, under a fiftieth of the fastest migration tool. This is a benchmark to look at, not a test: shared
machines make timings lie.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks import tree
from benchmarks.measure import Contender, once, race, table

PATTERN = "sse_app|SseServerTransport|sse_client|run_sse_async|create_sse_app|SSETransport|[\"']sse[\"']|/sse"
RUFF = ["check", "--no-cache", "--isolated", "--exit-zero", "--select", "TID251"]
BANNED = 'lint.flake8-tidy-imports.banned-api."mcp.server.sse".msg = "deprecated"'


def main() -> int:
    """Build the trees, race, print. Returns the exit status: 0, or 2 when our own command failed."""
    options = _options()
    if options.tree is not None:
        return _on(options.tree, 5 if options.servers is None else options.servers, options)
    status = 0
    for servers in [0, 5] if options.servers is None else [options.servers]:
        place = Path(tempfile.mkdtemp(prefix="mcp-migrate-bench-"))
        try:
            status = max(status, _on(place / "tree", servers, options))
        finally:
            shutil.rmtree(place, ignore_errors=True)
    return status


def _on(place: Path, servers: int, options: argparse.Namespace) -> int:
    if not place.exists():
        print(f"building {options.files} files ({servers} servers over SSE) in {place} ...", flush=True)
        tree.build(place, options.files, servers)
        if not options.no_git and not tree.track(place):
            print("git is not here: the tree is walked")
    size = sum(p.stat().st_size for p in place.rglob("*") if p.is_file() and ".git" not in p.parts)
    version, load = sys.version.split()[0], os.getloadavg()[0]
    print(f"{size / 2**20:.0f} MiB, Python {version}, {os.cpu_count()} processors, load {load:.1f}\n")
    return _race(place, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--files", type=int, default=10_000, help="size of the tree (10000)")
    parser.add_argument("--servers", type=int, help="one tree, in which so many files serve MCP over SSE (two: 0, 5)")
    parser.add_argument("--rounds", type=int, default=7, help="counted runs of each command (7)")
    parser.add_argument("--tree", type=Path, help="build the tree there and keep it, or use what is there")
    parser.add_argument("--no-git", action="store_true", help="don't put the tree under git")
    parser.add_argument(
        "--peers", type=Path, help="virtual environment with other migration tools: mcp-migrate, mcp-codemod"
    )
    parser.add_argument("--patience", type=float, default=900, help="seconds after which a slow tool is stopped (900)")
    return parser.parse_args()


def _race(place: Path, options: argparse.Namespace) -> int:
    checkout = Path(__file__).resolve().parent.parent
    os.environ["PYTHONPATH"] = os.pathsep.join([str(checkout), *filter(None, [os.environ.get("PYTHONPATH")])])
    ours = Contender("mcp-migrate --dry-run (this one)", [sys.executable, "-m", "migrator", "--dry-run", "."], (0,))
    check = Contender("mcp-migrate check (this one)", [sys.executable, "-m", "migrator", "check", "."])
    grep = _grep()
    contenders = [grep, ours, check, Contender("python -c pass", [sys.executable, "-c", "pass"], (0,))]
    ruff = _tool("ruff")
    if ruff:
        contenders.append(Contender("ruff check --no-cache --select TID251", [ruff, *RUFF, "--config", BANNED, "."]))
    race(contenders, options.rounds, place, options.patience)
    peers = [c for c in _peers(options.peers) if c.command]
    for peer in peers:
        print(f"running {peer.name} once ...", flush=True)
        once(peer, place, options.patience)
    if not grep.wall or not ours.wall:
        print(f"{grep.name}: {grep.failure or 'ok'}; {ours.name}: {ours.failure or 'ok'}")
        return 2
    print(table(contenders + peers, grep), end="\n\n")
    by_name = {c.name.split()[0]: c for c in contenders if c.wall}
    _bar(ours, grep, 7)
    if "ruff" in by_name:
        _bar(ours, by_name["ruff"], 1 / 3)
    measured = [p for p in peers if p.wall]
    if measured:
        _bar(ours, min(measured, key=lambda p: p.median_cpu), 1 / 50)
    print()
    return 0


def _bar(ours: Contender, other: Contender, limit: float) -> None:
    """Print how many times the other's time ours is. On a busy machine the processor's time tells more."""
    wall, cpu = ours.median_wall / other.median_wall, ours.median_cpu / other.median_cpu
    least = " or less: it was stopped" if other.failure else ""
    verdict = "met" if wall <= limit else "missed"
    print(
        f"{other.name}: {_ratio(wall)} of its wall time, {_ratio(cpu)} of its processor time{least} (bar {_ratio(limit)}: {verdict})"
    )


def _ratio(value: float) -> str:
    if value >= 10 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.95 else f"1/{1 / value:.1f}".removesuffix(".0")


def _grep() -> Contender:
    if rg := shutil.which("rg"):
        return Contender("rg -l --no-unicode, 9 names", [rg, "-l", "--no-unicode", PATTERN, "."])
    return Contender("grep -rlE, 9 names", ["grep", "-rlE", PATTERN, "."])


def _tool(name: str) -> str | None:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def _peers(environment: Path | None) -> list[Contender]:
    if environment is None:
        return []
    commands = {"mcp-migrate": ["check", "--include-tests", "."], "mcp-codemod": ["."]}
    found = []
    for name, arguments in commands.items():
        program = environment / "bin" / name
        if program.exists():
            found.append(Contender(f"{name} from PyPI", [str(program), *arguments], (0, 1, 2)))
        else:
            print(f"{program}: not installed")
    return found


if __name__ == "__main__":
    sys.exit(main())
