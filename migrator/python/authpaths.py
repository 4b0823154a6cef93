"""Path checks that name the old endpoint: what protected it must protect the new one, or the unit stays.

A literal path in a comparison or a list is looked at with the statement that uses it:
both old paths named      both mean the endpoint: the new path takes their place, whatever the check does
only one named, protects  the new path takes its place
only one named, exempts   left: the new path needs the credential that its other half needed
neither shown             the unit is blocked: nobody may find the new path open
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from migrator.model import Finding, Outcome, Severity
from migrator.python.code import FunctionNode, Module, dotted
from migrator.python.edits import EditElements, ReplaceExpr
from migrator.python.project import Project
from migrator.python.unit import Draft


@dataclass(eq=False)
class Check:
    """One place that compares a request's path with the old endpoint."""

    module: Module
    literals: list[ast.Constant]  # the old paths it names
    holder: ast.expr  # the literal itself, or the list, tuple or set around it
    uses: list[ast.AST]  # where the comparison happens


class AuthPaths:
    """Adds to each draft what its neighbours' path checks need."""

    def __init__(self, project: Project, table: dict[str, Any]) -> None:
        self.project = project
        self.table = table["auth"]

    def apply(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            old = {p.rstrip("/") for p in (draft.old_path, draft.message_path) if p}
            old |= {"/sse", "/messages"} if draft.old_path.endswith("/sse") else set()
            if not old:
                continue
            touched = {getattr(o, "at", None) for o in draft.operations}
            folder = self.project.folder(draft.module.path)
            prefix = f"{folder}/" if folder else ""
            reach = self.project.reachable(draft.module) | draft.files
            for module in self.project.modules:
                if not module.path.startswith(prefix) or (module.path not in reach and not self._near(module, reach)):
                    continue
                for check in self.checks(module, old):
                    if not any(module.at(x) in touched for x in [check.holder, *check.literals]):
                        self.decide(draft, check, old)

    def _near(self, module: Module, reach: set[str]) -> bool:
        return bool(self.project.reachable(module) & reach)

    def checks(self, module: Module, old: set[str]) -> Iterator[Check]:
        """Comparisons with the old paths in a module."""
        if not any(p.strip("/").split("/")[-1] in module.text for p in old):
            return
        done: set[ast.AST] = set()
        for node in ast.walk(module.tree):
            if not self._is_old(node, old):
                continue
            assert isinstance(node, ast.Constant)
            holder: ast.expr = node
            parent = module.parents.get(node)
            if isinstance(parent, ast.List | ast.Tuple | ast.Set):
                holder = parent
            if holder in done:
                continue
            done.add(holder)
            uses = list(self._uses(module, holder))
            if uses:
                literals = [e for e in getattr(holder, "elts", [node]) if self._is_old(e, old)]
                yield Check(module, literals, holder, uses)

    @staticmethod
    def _is_old(node: ast.AST, old: set[str]) -> bool:
        return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.rstrip("/") in old

    def _uses(self, module: Module, holder: ast.expr) -> Iterator[ast.AST]:
        parent = module.parents.get(holder)
        if isinstance(parent, ast.Compare):
            if "path" in module.source(parent).lower():
                yield parent
        elif (
            isinstance(parent, ast.Call)
            and isinstance(parent.func, ast.Attribute)
            and parent.func.attr in ("startswith", "endswith")
        ):
            if "path" in module.source(parent.func.value).lower():  # of a request, not a URL that is being built
                yield parent
        elif isinstance(parent, ast.comprehension) and parent.iter is holder:
            if "path" in module.source(module.parents[parent]).lower():
                yield parent
        elif isinstance(parent, ast.Assign | ast.AnnAssign) and isinstance(
            holder, ast.List | ast.Tuple | ast.Set | ast.Constant
        ):
            target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
            name = dotted(target).rpartition(".")[2]
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                    if (node.id if isinstance(node, ast.Name) else node.attr) == name:
                        yield from self._uses(module, node)
        elif isinstance(parent, ast.keyword) and isinstance(holder, ast.List | ast.Tuple | ast.Set):
            call = module.parents.get(parent)
            if isinstance(call, ast.Call) and "routes" not in (parent.arg or "") and self._is_middleware(module, call):
                yield parent
        elif (
            isinstance(parent, ast.Call)
            and isinstance(parent.func, ast.Name)
            and parent.func.id in ("frozenset", "set", "tuple", "list")
        ):
            yield from self._uses(module, parent)
        elif isinstance(parent, ast.MatchValue):
            yield parent

    def _is_middleware(self, module: Module, call: ast.Call) -> bool:
        text = module.source(call.func).lower() + " ".join(module.source(a).lower() for a in call.args[:2])
        return "middleware" in text or "auth" in text

    # -- deciding

    def decide(self, draft: Draft, check: Check, old: set[str]) -> None:
        module = check.module
        place = module.place(check.literals[0])
        if not self._about_credentials(check):
            return
        if self._names_new(check, draft.new_path):
            return
        stream = {n for n in old if n in (draft.old_path.rstrip("/"), "/sse")}
        named = {str(n.value).rstrip("/") for n in check.literals}
        both = bool(named & stream) and bool(named - stream)
        polarity = self._polarity(check)
        draft.files.add(module.path)
        if both or polarity == "protects":
            self._teach(draft, check, stream)
            return
        if polarity == "exempts":
            draft.note(
                "MCP109",
                place,
                f"{module.source(check.holder)} lets {' and '.join(sorted(named))} pass without a credential; {draft.new_path} "
                "answers calls too, so it needs the credential that calls needed",
                f"If calls were public on purpose, add {draft.new_path} here.",
            )
            return
        draft.blocks.append(
            Finding(
                "MCP109",
                Severity.WARNING,
                Outcome.BY_HAND,
                place,
                f"this check names {' and '.join(sorted(named))}, and it can't be told whether it asks for a credential or lets pass",
                f"Add {draft.new_path} to it so that a request without a credential is refused as before, then run mcp-migrate again.",
            )
        )
        draft.step = draft.step or "auth"

    def _teach(self, draft: Draft, check: Check, stream: set[str]) -> None:
        """The new path takes the old ones' place."""
        module = check.module
        new = draft.new_path
        if "{" in new:
            draft.block(
                module.place(check.holder),
                "this check names the old path, and the new path can't be told",
                "Write the new path here.",
                "auth",
            )
            return
        if isinstance(check.holder, ast.Constant):
            draft.do(ReplaceExpr(module.at(check.holder), _quoted(module, check.holder, new)))
            return
        replace: list[tuple[int, str | None]] = []
        first = True
        for i, element in enumerate(check.holder.elts):  # type: ignore[attr-defined]
            if element in check.literals:
                replace.append((i, _quoted(module, element, new) if first else None))
                first = False
        draft.do(EditElements(module.at(check.holder), replace=tuple(replace)))

    def _names_new(self, check: Check, new: str) -> bool:
        """True when the check knows the new path already (beside the old ones)."""
        return any(
            isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value.rstrip("/") == new
            for use in [check.holder, *check.uses]
            for n in ast.walk(
                check.module.statement_of(use) if isinstance(use, ast.expr) and not isinstance(use, ast.List) else use
            )
        )

    def _scope_text(self, check: Check) -> str:
        texts = []
        for use in check.uses:
            function = check.module.function_of(use)
            texts.append(
                check.module.source(function)
                if function is not None
                else check.module.source(_statement(check.module, use))
            )
        return " ".join(texts).lower()

    def _about_credentials(self, check: Check) -> bool:
        text = self._scope_text(check)
        return any(word in text for word in self.table["words"])

    def _polarity(self, check: Check) -> str:
        """ "protects", "exempts" or "" for a check that can't be read."""
        verdicts = {self._of_use(check, use) for use in check.uses}
        return verdicts.pop() if len(verdicts) == 1 else ""

    def _of_use(self, check: Check, use: ast.AST) -> str:
        module = check.module
        if isinstance(use, ast.keyword):
            return self._by_name(use.arg or "")
        negative = isinstance(use, ast.Compare) and isinstance(use.ops[0], ast.NotEq | ast.NotIn)
        for outer in module.ancestors(use):
            if isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not):
                negative = not negative
            elif isinstance(outer, ast.If):
                said = self._body(outer.body)
                if said:
                    return said if not negative else {"protects": "exempts", "exempts": "protects"}[said]
                return ""
            elif isinstance(outer, ast.Return):
                function = module.function_of(use)
                return self._by_name(function.name) if function is not None and not negative else ""
            elif isinstance(outer, FunctionNode):
                return ""
        return ""

    def _by_name(self, name: str) -> str:
        low = name.lower()
        if any(w in low for w in self.table["exempt"]):
            return "exempts"
        return "protects" if any(w in low for w in self.table["protect"]) else ""

    def _body(self, body: list[ast.stmt]) -> str:
        """What a branch does to a request: refuses or checks it, or passes it on."""
        text = " ".join(ast.unparse(s) for s in body).lower()
        refuses = any(
            w in text
            for w in (
                "401",
                "403",
                "unauthorized",
                "forbidden",
                "authorization",
                "authenticate",
                "token",
                "api_key",
                "credential",
            )
        )
        if refuses:
            return "protects"
        first = body[0]
        passes = isinstance(first, ast.Return) or (len(body) > 1 and isinstance(body[-1], ast.Return))
        return "exempts" if passes else ""


def _statement(module: Module, node: ast.AST) -> ast.AST:
    current: ast.AST | None = node
    while current is not None and not isinstance(current, ast.stmt):
        current = module.parents.get(current)
    return current or node


def _quoted(module: Module, node: ast.expr, text: str) -> str:
    quote = "'" if module.source(node).startswith("'") else '"'
    return f"{quote}{text}{quote}"
