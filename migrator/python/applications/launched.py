"""Commands and settings that serve an application and run no lifespan: `daphne server:app`, `uvicorn app:app --lifespan off`.

SSE needed none; Streamable HTTP answers every request with 500 without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from migrator.model import Place
from migrator.python.unit import Draft
from migrator.sieve import kind_of
from migrator.tree import Unreadable

if TYPE_CHECKING:
    from migrator.python.project import Project

KINDS = ("dockerfile", "shell")
APPLICATION = re.compile(r"(?<![\w./:-])([A-Za-z_][\w.]*):[A-Za-z_][\w.]*")  # pkg.server:app
LONGEST = 1 << 17


class Launched:
    """Answers for one project. table: the `[launched]` of sdks/asgi.toml."""

    def __init__(self, project: Project, table: Mapping[str, Any]) -> None:
        self.project = project
        self.without = re.compile(rf"(?m)^(?!\s*#).*?(?<![\w./-])({'|'.join(table['without_lifespan'])})(?![\w./-])")
        self.off = re.compile(rf"(?m)^(?!\s*#).*?({'|'.join(table['lifespan_off'])})")
        self.files = re.compile("|".join(table["files"]))
        self.settings = re.compile(rf"[\"']({'|'.join(table['without_lifespan'])})[\"']")

    def block(self, draft: Draft) -> None:
        """Block a draft whose application is served so."""
        code = self.project.code
        near = draft.files | code.importers(draft.files)
        names = {_dotted(path) for path in near}
        for place, what, applications in self._commands:
            if any(_same(name, app) for name in names for app in applications):
                self._block(draft, place, what)
                return
        for path in near:  # Django's own server is what its settings name
            module = code.load(path) if b"get_asgi_application" in code.tree.read(path) else None
            if module is not None and (found := next(self._settings(), None)) is not None:
                self._block(draft, *found)
                return

    @staticmethod
    def _block(draft: Draft, place: Place, what: str) -> None:
        draft.block(
            place,
            f"{what} runs no lifespan here, and without it every request for Streamable HTTP is answered 500",
            "Take it out there, so that the lifespan runs, and run mcp-migrate again."
            if what.startswith("-")
            else "Serve the application with uvicorn, hypercorn or granian instead, and run mcp-migrate again.",
            step="wire",
        )

    @cached_property
    def _commands(self) -> list[tuple[Place, str, set[str]]]:
        """Where a command runs no lifespan: the place, what keeps it from that, and the modules of the applications."""
        found = []
        tree = self.project.code.tree
        for path in tree.files:
            if kind_of(path) not in KINDS and not self.files.search(path):
                continue
            try:
                data = tree.read(path)
            except Unreadable:
                continue
            text = data.decode("utf-8", "replace") if len(data) < LONGEST else ""
            for match in (*self.off.finditer(text), *self.without.finditer(text)):
                number = text.count("\n", 0, match.start(1))
                if applications := _applications(text.splitlines(), number):
                    found.append((Place(path, number + 1), " ".join(re.findall(r"[\w-]+", match[1])), applications))
        return found

    def _settings(self) -> Iterator[tuple[Place, str]]:
        for module in self.project.code.mentioning("INSTALLED_APPS", tests=False):
            if match := self.settings.search(module.text):
                yield Place(module.path, module.text.count("\n", 0, match.start(1)) + 1), match[1]


def launched(project: Project, drafts: Iterable[Draft], table: Mapping[str, Any]) -> None:
    """Block those of the drafts whose application something serves without a lifespan."""
    looked = Launched(project, table)
    for draft in drafts:
        looked.block(draft)


def _applications(lines: list[str], number: int) -> set[str]:
    """The modules of the applications that a line names, or those around it: a command may go over several."""
    for near in (0, 3):
        around = "\n".join(lines[max(number - near, 0) : number + near + 1])
        if found := {m[1] for m in APPLICATION.finditer(around)}:
            return found
    return set()


def _dotted(path: str) -> str:
    name = path.removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")


def _same(name: str, application: str) -> bool:
    """True for a file's dotted name that a command may call so, from whichever folder: src.pkg.server, pkg.server."""
    return name == application or name.endswith(f".{application}")


__all__ = ["launched"]
