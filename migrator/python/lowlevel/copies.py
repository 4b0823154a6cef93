"""`--legacy-sse keep`: the new transport's code beside the old one's, made of the same edits.

The edits that would move a handler and its routes are made on copies: each function of the handler gets one behind
it, each route one beside it. What a handler checks is checked by its copy too.
"""

from __future__ import annotations

import ast
import re

from migrator.python.functions import last_name
from migrator.python.lowlevel.beside import New, put_beside
from migrator.python.lowlevel.handlers import Path
from migrator.python.lowlevel.job import Job, Root, chain
from migrator.python.lowlevel.place import Placing
from migrator.python.lowlevel.registrations import Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import (
    EnsureImport,
    Helper,
    Insert,
    Operation,
    ReplaceExpr,
    ReplaceStmt,
    Unused,
    path_of,
)
from migrator.python.unit import Draft

MADE = re.compile(r"class (\w+)")  # a handler that becomes an endpoint class


class Copies:
    """Turns the edits that would move one stream into additions."""

    def __init__(self, routes: Routes, placing: Placing) -> None:
        self.routes = routes
        self.placing = placing

    def make(self, job: Job, moves: Draft, paths: dict[int, Path]) -> str:
        """Add to the job's draft what the edits of `moves` mean for copies. Returns why it can't be done, or ""."""
        draft = job.draft
        roots = chain(self.routes, job)
        names = {(m.path, id(r)): self._name(m, r) for m, r in roots}
        renames = self._renames(roots, names)
        for operation in moves.operations:
            if isinstance(operation, Helper | EnsureImport):
                draft.do(operation)
        homes = {root.name: module for module, root in roots}
        for module, root in roots:
            inside = [o for o in moves.operations if self._within(o, module, root)]
            draft.do(
                Insert(
                    module.at(root), _copied(module, root, inside, names[module.path, id(root)], renames), "after", 20
                )
            )
            draft.files.add(module.path)
        for place, _ in job.ways:
            if place.kind == "decorator":
                continue  # the copy is decorated itself
            reason = self._route(draft, place, moves, paths, renames) or self._imports(
                draft, place.module, homes, renames
            )
            if reason:
                return reason
        return ""

    # -- functions

    def _name(self, module: Module, root: Root) -> str:
        plain = re.sub(r"sse", "mcp", root.name)
        plain = re.sub(r"S(?:SE|se)", "Mcp", plain)
        if plain == root.name:
            plain = f"Mcp{root.name}" if isinstance(root, ast.ClassDef) else f"{root.name}_mcp"
        return self.placing.free(module, plain)

    def _renames(self, roots: list[tuple[Module, Root]], names: dict[tuple[str, int], str]) -> dict[str, str]:
        return {root.name: names[module.path, id(root)] for module, root in roots}

    def _within(self, operation: Operation, module: Module, root: Root) -> bool:
        if isinstance(operation, Helper | EnsureImport | Unused) or path_of(operation) != module.path:
            return False
        return _first_line(root) <= operation.at.line <= (root.end_lineno or root.lineno)

    def _imports(self, draft: Draft, module: Module, homes: dict[str, Module], renames: dict[str, str]) -> str:
        """Imports of the copies where a route's file imports what they were made from."""
        code = self.routes.values.code
        for old, home in homes.items():
            if module is home:
                continue
            for b in module.scope.bindings.get(old, []):
                if b.kind == "import" and code.find(b.module, module) is home:
                    draft.do(EnsureImport(module.path, b.module, renames[old]))
                elif b.kind == "import" and b.name == old:
                    return "its handler comes through another file"
        return ""

    # -- routes

    def _route(
        self, draft: Draft, place: Registration, moves: Draft, paths: dict[int, Path], renames: dict[str, str]
    ) -> str:
        module, node = place.module, place.node
        path = paths.get(id(place))
        if path is None or place.path is None:
            return "the path of its route can't be read"
        own = _inside(moves, module, node)
        if any(o.at != module.at(place.path) for o in path.operations):  # a constant that the old route goes on using
            if path.new is None or not (path.old or "").strip("/"):
                return "its path is written where the old route needs it too"
            own.append(ReplaceExpr(module.at(place.path), f'"{path.new}"'))
        served = any(isinstance(o, ReplaceExpr) and o.at == module.at(place.reference) for o in own)
        code = _with_names(_rendered(module, node, own), renames)
        if not served and code == _rendered(module, node, own):
            named = place.reference if any(n is place.reference for n in ast.walk(node)) else place.endpoint
            value = self._value(module, named)
            inlined = _with_names(_rendered(module, value, _inside(moves, module, value)), renames) if value else ""
            if value is None or inlined == module.source(value):
                return "its handler has another name at the route"
            own.append(ReplaceExpr(module.at(named), inlined))
            code = _rendered(module, node, own)
        if not put_beside(draft, place, New(code, code)):
            return "its route is registered in a way that can't be repeated"
        return ""

    def _value(self, module: Module, reference: ast.expr) -> ast.Call | None:
        """The call that the handler's name stands for: `endpoint = with_token(handle_sse)`."""
        if not isinstance(reference, ast.Name):
            return None
        found = module.owner(reference).bindings.get(reference.id, [])
        value = found[0].value if len(found) == 1 and found[0].kind == "assign" else None
        return value if isinstance(value, ast.Call) else None


def _inside(moves: Draft, module: Module, node: ast.expr) -> list[Operation]:
    """The edits of a call and of what stands in it."""
    at = module.at(node)
    return [
        o
        for o in moves.operations
        if not isinstance(o, Helper | EnsureImport | Unused)
        and o.at.path == module.path
        and (at.line, at.column) <= (o.at.line, o.at.column)
        and (o.at.end_line, o.at.end_column) <= (at.end_line, at.end_column)
    ]


def _rendered(module: Module, node: ast.Call, operations: list[Operation]) -> str:
    """The call's code after the edits, which are all inside it."""
    from migrator.python.rewrite.transform import rewritten  # LibCST, only where a file is rewritten

    text = rewritten(module, operations)
    tree = ast.parse(text)
    start = (node.lineno, node.col_offset)
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and (n.lineno, n.col_offset) == start]
    return ast.get_source_segment(text, max(calls, key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0))) or ""


def _with_names(code: str, renames: dict[str, str]) -> str:
    for old, new in renames.items():
        code = re.sub(rf"(?<![\w/]){re.escape(old)}(?!\w)(?!\s*=(?!=))", new, code)  # not the keyword of an argument
    return code


def _first_line(root: Root) -> int:
    return min([root.lineno, *(d.lineno for d in root.decorator_list)])


def _copied(module: Module, root: Root, operations: list[Operation], name: str, renames: dict[str, str]) -> str:
    """The function's code after the edits, under its new name, written with four blanks."""
    from migrator.python.rewrite.transform import rewritten  # LibCST, only where a file is rewritten

    taken = [o.at for o in operations if isinstance(o, ReplaceExpr | ReplaceStmt)]
    local = list(operations)
    for node in ast.walk(root):
        word = last_name(node)
        if word in renames and word != root.name:
            at = module.at(node)
            if not any((t.line, t.column) <= (at.line, at.column) <= (t.end_line, t.end_column) for t in taken):
                local.append(ReplaceExpr(at, _with_names(module.source(node), renames)))
    text = rewritten(module, local)
    own = [o.code for o in operations if isinstance(o, ReplaceStmt) and o.at == module.at(root)]  # not what it holds
    made = next((m[1] for code in own if (m := MADE.match(code))), root.name)
    lines = text.splitlines(keepends=True)
    found = min(
        (n for n in ast.walk(ast.parse(text)) if isinstance(n, FunctionNode | ast.ClassDef) and n.name == made),
        key=lambda n: abs(_first_line(n) - _first_line(root)),
    )
    code = "".join(lines[_first_line(found) - 1 : found.end_lineno])
    return _outdented(module, re.sub(rf"\b(def|class)\s+{re.escape(root.name)}\b", rf"\1 {name}", code, count=1))


def _outdented(module: Module, code: str) -> str:
    """Code at the left margin with four blanks a step, whatever the file uses."""
    from migrator.python.rewrite.transform import _indent

    lines = code.replace("\r\n", "\n").split("\n")
    margin = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    step = _indent(module)
    out = []
    for line in lines:
        rest = line.removeprefix(margin)
        blanks = rest[: len(rest) - len(rest.lstrip())]
        steps = len(blanks) // len(step) if step and blanks.startswith(step) else 0
        out.append(" " * 4 * steps + rest[len(step) * steps :] if steps else rest)
    return "\n".join(out).strip("\n")
