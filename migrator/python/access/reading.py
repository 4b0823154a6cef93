"""What a check of a request's path does: does it ask for a credential, and of whom?"""

from __future__ import annotations

import ast
from typing import Any

from migrator.python.access.pathchecks import Check
from migrator.python.applications.hosts import TAKEN
from migrator.python.flow.value import Cls, Func
from migrator.python.flow.values import Values
from migrator.python.module import FunctionNode, Module, dotted

OPPOSITE = {"protects": "exempts", "exempts": "protects", "": ""}


class Reading:
    """Answers by the words of rules/sdks/http.toml."""

    def __init__(self, table: dict[str, Any], values: Values) -> None:
        self.table, self.values = table, values

    def names_new(self, check: Check, new: str) -> bool:
        """True when the check knows the new path already (beside the old ones)."""
        nodes: list[ast.AST] = [check.holder]
        for module, use in check.uses:
            parent = module.parents.get(use)
            nodes.append(parent if isinstance(parent, ast.BoolOp) else use)
        return any(
            isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value.rstrip("/") == new
            for node in nodes
            for n in ast.walk(node)
        )

    def _scope_text(self, check: Check) -> str:
        texts = []
        for module, use in check.uses:
            function = module.function_of(use)
            texts.append(module.source(function) if function is not None else module.source(_statement(module, use)))
            owner = module.class_of(function) if function is not None else None
            if owner is not None:
                texts.append(owner.name)
            texts += [self._wrapped(module, outer.body) for outer in module.ancestors(use) if isinstance(outer, ast.If)]
        return " ".join(texts).lower()

    def about_credentials(self, check: Check) -> bool:
        """True when the code around a path check mentions credentials."""
        text = self._scope_text(check)
        return any(word in text for word in self.table["words"])

    def only_get(self, check: Check) -> bool:
        """True when the check is made for one method that calls don't use."""
        for module, use in check.uses:
            for outer in module.ancestors(use):
                if isinstance(outer, ast.If):
                    text = module.source(outer.test)
                    if "method" in text and '"GET"' in text.replace("'", '"') and "POST" not in text:
                        return True
                elif isinstance(outer, FunctionNode):
                    break
        return False

    def polarity(self, check: Check) -> str:
        """ "protects", "exempts" or "" for a check that can't be read."""
        verdicts = {self._of_use(module, use, 0) for module, use in check.uses}
        verdict = verdicts.pop() if len(verdicts) == 1 else ""
        parent = check.module.parents.get(check.holder)
        if not verdict and isinstance(parent, ast.Assign | ast.AnnAssign):
            target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
            return self._by_name(dotted(target))
        return verdict

    def _of_use(self, module: Module, use: ast.AST, depth: int) -> str:
        if isinstance(use, ast.keyword):
            return self._by_name(use.arg or "")
        negative = isinstance(use, ast.Compare) and isinstance(use.ops[0], ast.NotEq | ast.NotIn)
        for outer in module.ancestors(use):
            if isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not):
                negative = not negative
            elif isinstance(outer, ast.If):
                said = self._body(module, outer.body)
                return OPPOSITE[said] if negative else said
            elif isinstance(outer, ast.Return):
                function = module.function_of(use)
                said = self._by_name(function.name) if function is not None else ""
                return OPPOSITE[said] if negative else said
            elif isinstance(outer, ast.Assign) and isinstance(outer.targets[0], ast.Name) and depth < 3:
                name = outer.targets[0].id
                function = module.function_of(use)
                loads = [n for n in module.loads.get(name, ()) if module.function_of(n) is function]
                verdicts = {self._of_use(module, n, depth + 1) for n in loads}
                said = verdicts.pop() if len(verdicts) == 1 else ""
                return OPPOSITE[said] if negative else said
            elif isinstance(outer, FunctionNode):
                return ""
        return ""

    def _by_name(self, name: str) -> str:
        low = name.lower()
        if any(w in low for w in self.table["exempt"]):
            return "exempts"
        return "protects" if any(w in low for w in self.table["protect"]) else ""

    def _wrapped(self, module: Module, body: list[ast.stmt]) -> str:
        """The code of what a branch puts around a route: `route.app = guard(route.app)`."""
        puts = [s for s in body if isinstance(s, ast.Assign) and getattr(s.targets[0], "attr", "") in TAKEN]
        calls = [n for s in puts for n in ast.walk(s.value) if isinstance(n, ast.Call)]
        found = [v for c in calls for v in self.values.of(module, c.func) if isinstance(v, Func | Cls)]
        return " ".join(v.module.source(v.node) for v in found)

    def _body(self, module: Module, body: list[ast.stmt]) -> str:
        """What a branch does to a request: refuses or checks it, or passes it on."""
        text = " ".join([*map(ast.unparse, body), self._wrapped(module, body)]).lower()
        if any(w in text for w in self.table["refuses"]) or any(
            isinstance(n, ast.Raise) for s in body for n in ast.walk(s)
        ):
            return "protects"
        last = body[-1]
        passes = any(w in ast.unparse(last) for w in ("call_next", "self.app(", "return True", "next("))
        if passes or (isinstance(last, ast.Return) and len(body) > 1 and "self.app(" in ast.unparse(body[-2])):
            return "exempts"
        called = [dotted(n.func).lower() for s in body for n in ast.walk(s) if isinstance(n, ast.Call)]
        if any(w in name for name in called for w in self.table["checks"]):
            return "protects"
        return "exempts" if isinstance(body[0], ast.Return) else ""


def _statement(module: Module, node: ast.AST) -> ast.AST:
    current: ast.AST | None = node
    while current is not None and not isinstance(current, ast.stmt):
        current = module.parents.get(current)
    return current or node
