"""Are the versions that the program reads in real manifests and locks those that are recorded?

    python -m tests.corpus.versions --clones DIR

One row a repository: how many of the recorded pins are read alike, and every one that is not. Exit status 1 when a
pin is read differently and no row of EXPLAINED says why.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from migrator.scan import scan
from migrator.settings import Settings
from migrator.tree import Tree
from migrator.versions.names import folder, normalise
from migrator.versions.projects import Projects
from tests.corpus.repositories import Repository, arguments, repositories

_PIN = re.compile(r"(?P<path>.+?): (?P<name>[\w.-]+)(?:\[[^\]]*\])?\s*(?P<spec>.*?)(?P<lock> \(lock\))?$")
# Why a recorded pin is not what is read: what it looks like, and why it is right all the same.
EXPLAINED = (
    (re.compile(r"[={] *[\[{]|file://|@ |=$"), "recorded is the beginning of a table or an address, not its versions"),
)
KEYWORD = "recorded is a keyword of the project, not a requirement"
OWN = "the package is the project itself: the lock holds no release of it"


@dataclass(frozen=True)
class Difference:
    """A recorded pin that is read differently."""

    pin: str
    read: str
    why: str  # "" when it is not explained


def differences(repository: Repository) -> list[Difference]:
    """The recorded pins of a repository that the program reads differently."""
    tree = scan(repository.folder, Settings())
    # A tree without git can't show that a file is tracked although .gitignore names it: many do so with uv.lock.
    paths = {m["path"] for pin in repository.pins if (m := _PIN.fullmatch(pin))}
    listed = {path for path in paths if (repository.folder / path).is_file()}
    projects = Projects(Tree(tree.root, tuple(sorted({*tree.files, *listed}))))
    found = []
    for pin in repository.pins:
        match = _PIN.fullmatch(pin)
        if match is None:
            found.append(Difference(pin, "", "not in the form of the list"))
            continue
        read = _read(projects, match["path"], normalise(match["name"]), bool(match["lock"]))
        if _plain(match["spec"]) not in {_plain(text) for text in read}:
            why = next((why for form, why in EXPLAINED if form.search(pin)), "")
            why = KEYWORD if not match["spec"] and _keyword(repository.folder / match["path"], match["name"]) else why
            why = OWN if _own(projects, match["path"], normalise(match["name"])) else why
            found.append(Difference(pin, ", ".join(sorted(read)) or "nothing", why))
    return found


def _read(projects: Projects, path: str, name: str, lock: bool) -> set[str]:
    """What the program reads about a package in one file: requirements, or locked versions."""
    home = folder(path)
    found: set[str] = set()
    for directory in (home, folder(home)):
        project = projects.at(directory)
        for one in project.locks if project else ():
            if one.path == path:
                found |= {f"=={version}" for version in one.packages.get(name, ())}
        if project and not lock:
            found |= {r.spec for r in project.requirements if r.path == path and r.name == name}
    return found


def _own(projects: Projects, path: str, name: str) -> bool:
    """True when the lock at `path` is that of the package itself."""
    project = projects.at(folder(path))
    return any(lock.path == path and name in lock.own for lock in (project.locks if project else ()))


def _keyword(path: Path, name: str) -> bool:
    """True when a pyproject.toml has the name among its keywords."""
    return name in tomllib.loads(path.read_text("utf-8")).get("project", {}).get("keywords", ())


def _plain(spec: str) -> str:
    """The clauses of a requirement in one order, without marker, comment, quotes and blanks."""
    spec = re.split(r"\s#|;", spec)[0].strip("\"' ()")
    return ",".join(sorted(re.sub(r"\s", "", part) for part in spec.split(",")))


def main() -> int:
    """The table on standard output."""
    given = arguments(__doc__)
    failed = 0
    print("| repository | pins | read alike | differences |\n|---|---|---|---|")
    for repository in repositories(given.clones, given.only):
        rows = differences(repository)
        failed += sum(not row.why for row in rows)
        told = "; ".join(f"`{r.pin}` is read as `{r.read}`: {r.why or 'NOT EXPLAINED'}" for r in rows)
        print(
            f"| {repository.name} | {len(repository.pins)} | {len(repository.pins) - len(rows)} | {told} |", flush=True
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
