"""What an exemption that no code says may let pass: its paths come from a file, a setting or a variable.

    PUBLIC = json.load(open("auth.json"))["public"]
    if request.url.path in PUBLIC:
        return await call_next(request)  # nobody asks for a credential here

The old paths were not among them; whether the new one is stands elsewhere.
"""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from migrator.model import Finding, Outcome, Severity
from migrator.python.access.known import Callee
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.unit import Draft
from migrator.sieve import kind_of

LONGEST = 200_000  # bytes of a file that people write paths into
SETTING = ("env", "dockerfile", "yaml", "shell", "toml", "json")  # kinds of files that set variables
WRITTEN = ("python", "markdown", "env")  # kinds that are about other things, too
_QUOTED = re.compile(r""""([^"\n]*)"|'([^'\n]*)'""")
_BETWEEN = re.compile(r"""[\s,;="'\[\]{}]+""")
_VARIABLE = re.compile(r"[A-Za-z]\w*_\w+")
_WORD = re.compile(r"""["']([A-Z][A-Z0-9]+)["']""")  # os.getenv("PUBLIC")
_NAME = re.compile(r"[A-Za-z]\w*")
LINES = 3  # of a variable and what it is said to be


class Exemptions:
    """Looks through the files of one project that may say what is let pass."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._setters = tuple(project.context.rules.toml("sdks/http.toml")["auth"]["setters"])
        self._told: set[ast.AST] = set()

    def wrong(self, draft: Draft, function: Callee, variables: frozenset[str]) -> tuple[str, str] | None:
        """Why the draft has to stay, and what is to be done, where a file lets its new path pass.

        Where none does, and what is let pass is said elsewhere, that is told. variables: of settings that may say it.
        """
        old, new, why = draft.old_path, draft.new_path, "lets requests pass by their path, and which ones"
        if named := self._naming(function.module, variables, lambda said: _opens(said, new, old)):
            return (
                f"{why} {named} says, which names {new} or its like",
                f"Take {new}, and what stands for it, out of them",
            )
        todo = f"See that {new} is not among them, by itself, by its beginning or by a pattern: nobody may get in there without a credential."
        self._tell(draft, function, f"this function {why} can't be told here", todo)
        return None

    def unguarded(self, draft: Draft, function: Callee, variables: frozenset[str]) -> tuple[str, str] | None:
        """The same for a function that asks for a credential by the path, where variables may say other paths."""
        old, new, why = draft.old_path, draft.new_path, "asks for more by a request's path, and for which ones"
        if named := self._naming(function.module, variables, lambda said: _leaves(said, new, old), texts=False):
            return f"{why} {named} says, which names {old} and not {new}", f"Put {new} into them, in the place of {old}"
        todo = f"Where it is said, see that {new} is among them: nobody may get in there without a credential."
        self._tell(draft, function, f"this function {why} may be said from outside", todo)
        return None

    def _tell(self, draft: Draft, function: Callee, message: str, todo: str) -> None:
        if function.node not in self._told:
            self._told.add(function.node)
            place = replace(function.module.place(function.node), end_line=0, end_column=0)
            draft.findings.append(Finding("MCP109", Severity.WARNING, Outcome.BY_HAND, place, message, todo))

    def _naming(
        self, module: Module, variables: frozenset[str], wrong: Callable[[set[str]], bool], texts: bool = True
    ) -> str:
        """A file that says something wrong; "" when none does.

        Looked at are those that the module or one that it imports names, and what others say of the variables, and (where
        `texts`) of whatever those modules name like one.
        """
        tree, code = self.project.context.tree, self.project.code
        said = [m.text for m in code.loaded(sorted(code.reachable(module)))]
        names = {v.lower() for v in variables}
        for text in said if texts else ():
            names |= {v.lower() for v in (*_VARIABLE.findall(text), *_WORD.findall(text))}
        for path in sorted({*tree.files, *tree.local}):
            kind = kind_of(path)
            whole = (texts or not variables) and kind not in WRITTEN and self._is_named(path, said)
            if not whole and kind not in SETTING and not path.endswith(self._setters):
                continue
            text = self._text(path)
            if wrong(_tokens(text if whole else "\n".join(_said_of(text, names)))):
                return path
        return ""

    @staticmethod
    def _is_named(path: str, texts: list[str]) -> bool:
        name = path.rpartition("/")[2]
        return "." in name and any(re.search(rf"(?<![\w.-]){re.escape(name)}\b", text) for text in texts)

    def _text(self, path: str) -> str:
        tree = self.project.context.tree
        try:  # what is as long as a model or a video is not read
            long = (tree.root / path).stat().st_size > LONGEST
            return "" if long else tree.read(path).decode("utf-8", "replace")
        except OSError:
            return ""


def _said_of(text: str, variables: set[str]) -> Iterator[str]:
    """The lines that say what one of the variables is."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if any(name.lower() in variables for name in _NAME.findall(line.replace("-", "_"))):  # --public-paths
            yield from lines[i : i + LINES]


def _tokens(text: str) -> set[str]:
    text = text.replace('\\"', '"')  # a list in a text: "[\"/health\"]"
    quoted = {a or b for a, b in _QUOTED.findall(text)}
    return {t for t in (*quoted, *_BETWEEN.split(text)) if t.startswith(("/", "^/", r"^\/"))}


def _opens(said: set[str], new: str, old: str) -> bool:
    return any(_fits(t, new) and not _fits(t, old) for t in said)


def _leaves(said: set[str], new: str, old: str) -> bool:
    return any(_fits(t, old) for t in said) and not any(_fits(t, new) for t in said)


def _fits(said: str, path: str) -> bool:
    """True for the path itself, its beginning, and a pattern that it fits."""
    if path == said.rstrip("/") or path.startswith(said) or fnmatch.fnmatch(path, said):
        return True
    try:
        return re.match(said, path) is not None
    except re.error:
        return False
