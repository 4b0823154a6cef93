"""Do deployment files and documents change with their server in real repositories, and only they?

    python -m tests.corpus.deployment --clones DIR [--only NAME] [--lines]

For every repository with a server that moves, by the plan alone (nothing is written or run): the lines of files that
are not Python which say the old word, or an address with the old path, before and after. A line is *tied* when it
names what leads to a moved server: a variable that its code reads, one of its files or modules, a console script, an
address with its port and old path. That is found by this file's own rough reading, which knows nothing of the
program's, so its doubts are printed for people to look at.

    changed        lines that the plan changes, but for entries of client configurations (MCP3xx)
    loose          of these, those that name nothing of a moved server
    listed         lines left that a finding names      missed  tied lines left that no finding names
    others         lines left that are not tied

Exit status 1 when a tied line is missed.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from migrator.deploy.places import Places
from migrator.model import Endpoint, Plan
from migrator.pipeline import plan_tree
from migrator.python.code import Code
from migrator.rulebook import load
from migrator.scan import scan
from migrator.settings import Settings
from migrator.tree import Tree
from tests.corpus.repositories import Repository, arguments, repositories

_SAYS = re.compile(
    r"""--?[\w-]+[\s=,"']+sse(?![\w-])|^\s*(?:-\s*|export\s+|ENV\s+|ARG\s+|set\s+|\#\s*)?["']?[A-Z_]*(?:TRANSPORT|MODE)[A-Z_]*["']?\s*[:=]\s*["']?sse\b"""
    r"""|(?:localhost|127\.0\.0\.1|0\.0\.0\.0)[^\s]*/sse\b|--sse\b""",
    re.IGNORECASE,
)
# Kinds of files that hold starts. Sentences and lists of documents are people's to change: only their blocks count.
_KINDS = ("dockerfile", "shell", "env", "yaml", "json", "toml", "other", "markdown", "manifest")
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)")


@dataclass
class Count:
    """One repository's lines: "path:line: text"."""

    changed: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def count(repository: Repository) -> tuple[Plan, Count]:
    """The plan for a repository, and its lines."""
    tree = scan(repository.folder, Settings())
    plan = plan_tree(tree, Settings(), load())
    moved = [e for e in plan.endpoints if e.moved]
    found = Count()
    if not moved:
        return plan, found
    names = _names(tree, moved)
    changed = {change.path: change.after for change in plan.changes}
    clients = {
        (f.place.path, line) for f in plan.findings if f.rule.startswith("MCP3") for line in _around(f.place.line)
    }
    told = {(f.place.path, line) for f in plan.findings for line in (f.place.line, *_lines_of(f.message))}
    for path in dict.fromkeys(path for kind in _KINDS for path in tree.hits.get(kind, ())):
        before = tree.read(path).decode("utf-8", "replace").splitlines()
        after = changed.get(path, tree.read(path)).decode("utf-8", "replace").splitlines()
        code = set(_code(path, before))
        for number, line, new in _pairs(before, after):
            shown = f"{path}:{number}: {line.strip()[:150]}"
            if new != line and (path, number) in clients:
                continue
            if new != line:
                found.changed.append(shown)
                if not names.search("\n".join(before[max(0, number - 12) : number + 6])):
                    found.loose.append(shown)
            elif number in code and _SAYS.search(line):
                tied = names.search(line) is not None
                where = found.listed if (path, number) in told else found.missed if tied else found.others
                where.append(shown)
    return plan, found


def _names(tree: Tree, moved: list[Endpoint]) -> re.Pattern[str]:
    """Finds what leads to one of the moved servers."""
    words = {name for e in moved for s in e.selectors if s.kind == "environment" for name in s.names}
    files = {path for e in moved for path in (*e.files, e.place.path)}
    words |= {path.rpartition("/")[2] for path in files if not path.endswith(("__init__.py", "__main__.py"))}
    words |= {path.removesuffix(".py").replace("/", ".").removeprefix("src.") for path in files}
    scripts = Places(_Only(tree), ["pyproject.toml", "setup.py"]).scripts  # type: ignore[arg-type]
    words |= {name for name, targets in scripts.items() if set(targets) & files}
    paths = {e.old_path for e in moved if e.old_path.strip("/")}
    ports = {e.port for e in moved if e.port}
    urls = [rf"(?:localhost|127\.0\.0\.1|0\.0\.0\.0):{port}{re.escape(path)}" for port in ports for path in paths]
    return re.compile("|".join([*(rf"(?<![\w-]){re.escape(w)}(?![\w-])" for w in sorted(words) if w), *urls]) or "(?!)")


class _Only:
    """As much of a context as places need."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.code = Code(tree)


def _lines_of(message: str) -> Iterator[int]:
    """Further lines that a finding names in its sentence: "lines 3, 9 say"."""
    match = re.search(r"\blines ((?:\d+(?:, )?)+)", message)
    yield from map(int, match[1].split(", ")) if match else ()


def _around(line: int) -> range:
    """The lines of an entry: its word and its address stand together."""
    return range(line - 6, line + 7)


def _code(path: str, lines: list[str]) -> Iterator[int]:
    """The numbers of the lines that count: all, and of a Markdown document those of its fenced blocks."""
    inside, document = False, path.endswith((".md", ".mdx", ".markdown"))
    for number, line in enumerate(lines, 1):
        if document and _FENCE.match(line):
            inside = not inside
        elif inside or not document:
            yield number


def _pairs(before: list[str], after: list[str]) -> Iterator[tuple[int, str, str]]:
    """(number, line, what it becomes) of every line; "" for one that goes."""
    for tag, start, end, begin, stop in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for offset in range(end - start):
            line = before[start + offset]
            new = line if tag == "equal" else after[begin + offset] if begin + offset < stop else ""
            yield start + offset + 1, line, new


def main() -> int:
    """The table on standard output; with --lines the lines in doubt below each row."""
    given = arguments(__doc__, "--lines")
    missed = 0
    print("| repository | servers moved | changed | loose | listed | missed | others |\n|---|---|---|---|---|---|---|")
    for repository in repositories(given.clones, given.only):
        plan, found = count(repository)
        moved = sum(e.moved for e in plan.endpoints)
        if not moved:
            continue
        missed += len(found.missed)
        numbers = (found.changed, found.loose, found.listed, found.missed, found.others)
        print(f"| {repository.name} | {moved} | {' | '.join(str(len(n)) for n in numbers)} |", flush=True)
        if given.lines:
            for word, lines in (("loose", found.loose), ("missed", found.missed), ("other", found.others)):
                for line in lines:
                    print(f"    {word}: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
