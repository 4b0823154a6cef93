"""Lines that name the old word beside a transport, and that no room has told of: whoever reads them isn't known here.

matrix:
  transport: [stdio, sse]
helm upgrade notes ./chart --set mcp.transport=sse
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.context import Context
from migrator.deploy.base import Deployment
from migrator.deploy.notes import spoken_of
from migrator.deploy.pages import DOCUMENTS
from migrator.deploy.strands import Strand
from migrator.deploy.words import REFERRED, spoken
from migrator.model import Endpoint, Finding, Outcome, Place, Severity
from migrator.python.module import Module
from migrator.text import TextFile, Undecodable
from migrator.tree import Unreadable

KINDS = ("dockerfile", "env", "json", "manifest", "other", "shell", "toml", "yaml")
OLD = "sse"
# "SSE" is a word of sentences, but not at the end of `TRANSPORT=SSE`.
_WORD = re.compile(rf"(?<![\w/.-])(?:{OLD}|(?<=[=:\"'\s]){OLD.upper()}(?=[\"']?\s*$))(?![\w/.-])")
_COMMENT = re.compile(r"\s*(?:#|//|;|--\s|\*|<!--|rem\s)|.*\s#\s", re.I)
_VALUE = re.compile(
    r"""\s*(?:-\s+)?(?:["']?[\w.-]+["']?\s*[:=]\s*)?[\[{("']*[\w-]+["']?(?:\s*,\s*["']?[\w-]+["']?)*[\])},]*\s*"""
)
_LISTED = re.compile(r"\blines? (\d+(?:, \d+)*)")
BEFORE = 3  # lines before one of values alone, in which their key may stand
SHOWN = 12  # lines that a message has room for


def unexplained(context: Context, findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for each file with such lines. findings: what is told already."""
    chosen = [
        e for e in context.endpoints if e.moved and not e.keeps_word and any(s.old_word == OLD for s in e.selectors)
    ]
    files = sorted({p for kind in KINDS for p in context.tree.hits.get(kind, ())})
    if not chosen or not files:
        return
    told = lines_told(findings)
    deployment = Deployment(context)
    for path in files:
        near = spoken_of(path, chosen, deployment.places)
        if not near or deployment.surfaces.reader_of(path) in DOCUMENTS:
            continue  # what documents say is told as prose
        numbers = [n for n in _lines(context, path, near) if n not in told.get(path, ())]
        if unread := sorted(set(numbers) - _read(deployment, path, near)) if numbers else []:
            yield _finding(path, unread, near[0], _says_it_alone(context.tree.text(path).text))


def lines_told(findings: Iterable[Finding]) -> dict[str, set[int]]:
    """The lines of each file that findings are about, or list."""
    told: dict[str, set[int]] = {}
    for f in findings:
        lines = told.setdefault(f.place.path, set())
        lines.update(range(f.place.line, max(f.place.line, f.place.end_line) + 1))
        lines.update(int(n) for m in _LISTED.finditer(f.message) for n in m[1].split(", "))
    return told


def _read(deployment: Deployment, path: str, near: Iterable[Endpoint]) -> set[int]:
    """Lines whose word was read as a variable's, or in a server's own command: it is told of there, or means nothing.

    Nobody knows that of a variable which is called as a setting, where no variable is known to fill that; nor of a server's
    own variable in a container of an unknown image, where no build says what the server's own is called; nor of what a
    file gives a name that only references to it can read; nor of a variable whose name the server's code may put together.
    """
    file, lines, open_ = deployment.context.tree.text(path), set(), set()
    chosen = [s for e in near for s in e.selectors]
    variables = {n for s in chosen if s.kind == "environment" for n in s.names}
    names = tuple(n.upper() for s in chosen if s.kind == "setting" and not variables for n in s.names)
    names += tuple({end for e in near for m in deployment.context.code.loaded(e.files) for end in _put_together(m)})
    for page in deployment.pages.of(file):
        commands = [c for c in page.sheet.commands if deployment.ties.tie(c, path).ours]
        said = [
            s for s in page.sheet.settings if not s.name.upper().endswith(names) and not s.name.startswith(REFERRED)
        ]
        unknown = [s for s in said if s.name in variables and deployment.ties.foreign(s.container)]
        lines |= _said(file, [*(s.value for s in said), *(w for c in commands for w in c.words)])
        open_ |= _said(file, [] if deployment.ties.names_images else [s.value for s in unknown])
    return lines - open_


def _put_together(module: Module) -> Iterator[str]:
    """How the names end under which a module asks for variables, where only that is known: `getenv(f"{prefix}_TRANSPORT")`."""
    asked = [c.args[0] for name in ("getenv", "get") for c in module.calls_by_name.get(name, ()) if c.args]
    if "environ" in module.text or "getenv" in module.text:
        asked += [n.slice for n in module.nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Load)]
    for name in asked:
        last = name.values[-1] if isinstance(name, ast.JoinedStr) else name
        last = name.right if isinstance(name, ast.BinOp) and isinstance(name.op, ast.Add) else last
        text = getattr(last, "value", "") if last is not name else ""
        if isinstance(text, str) and text.isupper():
            yield text


def _said(file: TextFile, values: Iterable[Strand]) -> set[int]:
    """The lines of the values that say the old word."""
    return {file.place(w.start).line for value in values for w in spoken(value) if w.text.lower() == OLD}


def _lines(context: Context, path: str, near: Iterable[Endpoint]) -> Iterator[int]:
    try:
        lines = context.tree.text(path).text.split("\n")
    except (Unreadable, Undecodable):
        return
    names = {n.strip("-").lower() for e in near for s in e.selectors for n in s.names} - {""} | {"transport"}
    # `file = "server.py"` above `args = ["sse"]`: whatever starts what is listed there
    given = any(s.kind == "argument" for e in near for s in e.selectors)
    names |= {p.rpartition("/")[2].lower() for e in near for p in e.files if given}
    if _says_it_alone("".join(lines)):
        yield next(number for number, line in enumerate(lines, 1) if line.strip())
        return
    for number, line in enumerate(lines, 1):
        match = _WORD.search(line)
        if match and not _COMMENT.match(line[: match.start()]):
            begin = number - 1 - BEFORE if _VALUE.fullmatch(line) else number - 1
            around = " ".join(lines[max(0, begin) : number]).lower()
            if any(re.search(rf"(?<![a-z]){re.escape(name)}", around) for name in names):
                yield number


def _says_it_alone(text: str) -> bool:
    """True for a file that holds the word and nothing else, for code that reads it whole."""
    return text.strip().lower() == OLD


def _finding(path: str, numbers: list[int], e: Endpoint, alone: bool) -> Finding:
    more = " ..." if len(numbers) > SHOWN else ""
    many = f"lines {', '.join(map(str, numbers[:SHOWN]))}{more} name" if len(numbers) > 1 else "this line names"
    message = f"{many} {OLD} {'and nothing else' if alone else 'beside a transport'}; who reads that can't be told here"
    word = next(s for s in e.selectors if s.old_word == OLD)
    still = f"{OLD} still works" if word.accepts_old else f"{OLD} is refused"
    todo = f"where it is for {e.name}: its word is {word.new_word} now ({still})"
    return Finding("MCP501", Severity.NOTE, Outcome.BY_HAND, Place(path, numbers[0]), message, todo)
