"""Names on a command line that are retired: the new one is written beside the old one, which says so when it is used."""

from __future__ import annotations

import ast
import re

from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import EnsureImport, Helper, Insert, Operation
from migrator.python.unit import Draft

HELPER = "_retired_flag"
CODE = f'''def {HELPER}(old, new):
    """True when the retired name is on the command line: it means Streamable HTTP now."""
    if old not in sys.argv[1:]:
        return False
    print(f"{{old}} is retired: serving Streamable HTTP, say {{new}}", file=sys.stderr)
    return True
'''
REFUSING = f'''def {HELPER}(old, new):
    """The retired name is refused on the command line."""
    if old in sys.argv[1:]:
        raise SystemExit(f"{{old}} is retired: say {{new}}")
    return False
'''
TOKEN = re.compile(r"(?<![A-Za-z0-9])(?:sse|SSE)(?![A-Za-z0-9])")


class Retiring:
    """The edits of one draft."""

    def __init__(self, project: Project, draft: Draft) -> None:
        self.project = project
        self.words = project.words
        self.values = project.values
        self.draft = draft
        family = project.sdks.fastmcp if draft.generation.startswith("fastmcp") else project.sdks.official
        self.word = str(family["transport"])
        self.accept_old = project.context.settings.old_word == "alias"

    def do(self, module: Module, *operations: Operation) -> None:
        """Add edits of a module to the draft."""
        self.draft.do(*operations)
        self.draft.files.add(module.path)

    def say(self, module: Module, node: ast.stmt, where: str, old: str, new: str) -> None:
        """Say at a statement that the old name is retired, when it was on the command line. where: as in edits.Insert."""
        self.do(module, Insert(module.at(node), f'{HELPER}("{old}", "{new}")', where=where))
        self.helper(module)

    def helper(self, module: Module) -> None:
        """Our function that knows whether an old name is on the command line, and answers it or ends the program."""
        self.do(
            module, Helper(module.path, HELPER, CODE if self.accept_old else REFUSING), EnsureImport(module.path, "sys")
        )
