"""Every pattern and every case in every environment, as a table.

    python -m tests.behaviour.matrix [--tool CMD] [--only NAME] [--env NAME] [--venvs DIR]

--tool CMD    what migrates: nothing said is this project's command line, "inside" its functions without it; "reference" puts the known answer there and
              "nothing" changes nothing (both test the judge); anything else is a command, "{dir}" the project folder
--only NAME   subjects whose name contains NAME (several times: any of them)
--env NAME    environments whose name begins with NAME (several times); nothing said: those that a test run starts;
              "all": every one
--venvs DIR   ready environments (folders mcp1, mcp2, fastmcp2, ...); missing ones are built in the cache
--accept      what comes out of a case that is right otherwise becomes its after/ tree
--manifest    give each pattern a requirements.txt that pins the environment's SDK
--jobs N      judgements at the same time (2)
"""

from __future__ import annotations

import argparse
import concurrent.futures
import sys
from pathlib import Path

from migrator.verify.launch import end_on_sigterm, stop_all
from tests.behaviour import cases, patterns, shapes, tools
from tests.behaviour.environments import Environment, chosen, environments, ready_folder
from tests.behaviour.judge import judge
from tests.behaviour.subject import Subject
from tests.behaviour.verdict import Verdict


def main() -> int:
    """Print the table. Status 1 when something is not as it must be."""
    end_on_sigterm()
    options = _options()
    tool = tools.named(options.tool)
    ready = options.venvs or ready_folder()
    pairs = [
        (subject, environment)
        for environment in _environments(options.env)
        for subject in _subjects(options, environment)
        if not options.only or any(part in subject.name for part in options.only)
    ]
    if not pairs:
        print("nothing to judge: no pattern directory, or no name fits", file=sys.stderr)
        return 2
    pythons = {environment.name: environment.python(ready) for _, environment in pairs}
    verdicts: list[Verdict] = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [
            pool.submit(judge, subject, environment, pythons[environment.name], tool, accept=options.accept)
            for subject, environment in pairs
        ]
        try:
            for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
                verdict = job.result()
                verdicts.append(verdict)
                print(
                    f"[{number}/{len(jobs)}] {verdict.word:16} {verdict.subject} on {verdict.environment} {verdict.seconds} s"
                )
                sys.stdout.flush()
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()  # the judgements that still wait for a server end at once
    return _report(verdicts, {environment.name: environment for _, environment in pairs})


def _report(verdicts: list[Verdict], used: dict[str, Environment]) -> int:
    cells = {(verdict.subject, verdict.environment): verdict for verdict in verdicts}
    names = sorted({verdict.subject for verdict in verdicts})
    width = max(map(len, names), default=10)
    print("\n" + " ".join([" " * width, *(f"{name:16}" for name in used)]))
    for name in names:
        row = [cells.get((name, environment)) for environment in used]
        print(" ".join([name.ljust(width), *(f"{'' if cell is None else cell.word:16}" for cell in row)]).rstrip())
    bad = [verdict for verdict in verdicts if not verdict.ok and not _known(verdict, used[verdict.environment])]
    for verdict in sorted(bad, key=lambda verdict: (verdict.environment, verdict.subject)):
        print(f"\n{verdict}")
    known = sum(_known(verdict, used[verdict.environment]) for verdict in verdicts)
    fine = sum(verdict.ok for verdict in verdicts)
    print(f"\n{fine} of {len(verdicts) - known} as they must be; {known} more don't serve SSE there before")
    return 1 if bad else 0


def _known(verdict: Verdict, environment: Environment) -> bool:
    return (
        verdict.word == "before-fails"
        and verdict.subject.removesuffix(patterns.WITH_MANIFEST) in environment.before_fails
    )


def _environments(wanted: list[str]) -> list[Environment]:
    if "all" in wanted:
        return list(environments().values())
    if not wanted:
        return list(chosen())
    exact = [environments()[name] for name in wanted if name in environments()]
    return exact or [e for e in environments().values() if e.name.startswith(tuple(wanted))]


def _subjects(options: argparse.Namespace, environment: Environment) -> list[Subject]:
    folder = options.patterns or patterns.folder()
    found = patterns.subjects(folder, environment, options.manifest) if folder else []
    return found + cases.subjects(environment) + shapes.subjects(environment)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default="")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("--venvs", type=Path)
    parser.add_argument("--patterns", type=Path)
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--manifest", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
