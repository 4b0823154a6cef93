"""The server's own address in what it prints or logs: a message that names the old path would mislead."""

from __future__ import annotations

import ast
import re

from migrator.python.code import Module
from migrator.python.edits import ReplaceExpr
from migrator.python.project import Project
from migrator.python.unit import Draft

PRINTERS = re.compile(r"^(print|(?:\w+\.)*(?:debug|info|warning|error|critical|log|echo|secho|write))$")
ADDRESS = re.compile(r"(https?://[^\s\"']*?)/sse(?![\w/-])")


def addresses(project: Project, drafts: list[Draft]) -> None:
    """Rewrite `print(f"... http://{host}:{port}/sse")` in the files of a moved server with the default path."""
    for draft in drafts:
        if not draft.old_path.endswith("/sse") or "{" in draft.new_path:
            continue
        if project.context.settings.legacy_sse == "keep":
            continue
        prefix = draft.old_path.removesuffix("/sse")
        if not draft.new_path.startswith(prefix):
            continue
        tail = draft.new_path.removeprefix(prefix)
        for module in [m for m in project.modules if m.path in draft.files]:
            if "/sse" in module.text:
                for call in module.calls:
                    if PRINTERS.match(module.source(call.func)):
                        _call(draft, module, call, tail)


def _call(draft: Draft, module: Module, call: ast.Call, tail: str) -> None:
    for argument in call.args:
        if isinstance(argument, ast.JoinedStr) or (
            isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ):
            source = module.source(argument)
            changed = ADDRESS.sub(lambda m: m[1] + tail, source)
            if changed != source:
                draft.do(ReplaceExpr(module.at(argument), changed))
