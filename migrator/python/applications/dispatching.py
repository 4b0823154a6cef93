"""ASGI functions that hand requests on to an application, and lifespans to another one or to nobody.

async def app(scope, receive, send):
    if scope["type"] == "http" and scope["path"].startswith("/ai/"):
        await tools(scope, receive, send)
    else:
        await api(scope, receive, send)
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set

from migrator.python.applications.wrappers import LIFESPAN, handed, mended, reached
from migrator.python.code import Code
from migrator.python.flow.value import Ext, Obj
from migrator.python.flow.values import Values
from migrator.python.module import Module
from migrator.python.unit import Draft
from migrator.records import record

RUN_BY_HAND = "lifespan_context"  # app.router.lifespan_context(app): the function enters lifespans itself


@record(eq=False)
class Dispatcher:
    """One such function.

    to: the expressions of the applications that get the lifespans.
    bare: requests are handed on as they came, with their path.
    without: the expressions of the others. several: which of them get the lifespans can't be told.
    """

    module: Module
    function: ast.AsyncFunctionDef
    to: list[ast.expr]
    bare: bool
    without: list[ast.expr]
    several: bool

    @property
    def leads(self) -> bool:
        """True for one that leads requests to several applications."""
        return len({ast.dump(t) for t in (*self.to, *self.without)}) > 1

    def line(self, values: Values, plain: Set[str]) -> str:
        """What lets the lifespans through at the top of the function; "" where something else may need them.

        plain: what makes applications that have no lifespans.
        """

        def is_plain(target: ast.expr) -> bool:
            made = values.of(self.module, target)
            return all(isinstance(v, Obj) and isinstance(v.of, Ext) and v.of.name in plain for v in made)

        texts = {self.module.source(t) for t in self.without if not is_plain(t)}
        others = self.several or not all(map(is_plain, self.to))
        says = any(isinstance(n, ast.Constant) and str(n.value).startswith(LIFESPAN) for n in ast.walk(self.function))
        target = texts.pop() if len(texts) == 1 else ""
        own = self.module.scopes[self.function].bindings.get(target.partition(".")[0], ())
        says = says or any(b.kind != "param" for b in own)  # `target = tools if ... else api`: bound further down
        if others or says or not self.bare or not all(part.isidentifier() for part in target.split(".")):
            return ""
        scope, receive, send = [a.arg for a in self.function.args.args][-3:]
        return f'if {scope}["type"] == "lifespan":\n    await {target}({scope}, {receive}, {send})\n    return'


class Dispatching:
    """Answers for one project."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._of: dict[ast.AST, Dispatcher] | None = None  # by the call that makes the application
        self._of_held: Dispatcher | None = None  # one that takes what it serves out of a dict or a list

    def without(self, module: Module, application: ast.AST) -> Dispatcher | None:
        """What serves the application that a call makes, and keeps lifespans from it."""
        if self._of is None:
            self._of = {}
            for dispatcher, targets in self._found():
                for target in targets:
                    made = [v for v in self.values.of(dispatcher.module, target) if isinstance(v, Obj) and v.node]
                    self._of.update((v.node, dispatcher) for v in made if v.node is not None)
                    if not made and _element(dispatcher, target):
                        self._of_held = dispatcher
        held = self._of_held if isinstance(application, ast.expr) and _is_held(module, application) else None
        return self._of.get(application) or held

    def is_one(self, module: Module, function: ast.AST) -> bool:
        """True for a function that hands requests on as they came, whether or not lifespans, too."""
        if not isinstance(function, ast.AsyncFunctionDef) or RUN_BY_HAND in module.text:
            return False
        calls = _calls(module, function)
        return bool(calls) and _is_bare(function, function.args.args[-3].arg, calls)

    def _found(self) -> Iterator[tuple[Dispatcher, list[ast.expr]]]:
        """Each function with what gets requests from it and no lifespans."""
        for module in self.values.code.mentioning("scope", tests=False):
            if RUN_BY_HAND in module.text:
                continue
            for node in module.nodes:
                if not isinstance(node, ast.AsyncFunctionDef) or not (calls := _calls(module, node)):
                    continue
                to = [c.func for c in reached(node.body)[0] if c in calls and not _chosen(module, node, c.func)]
                several = self._several(module, to)
                if several:
                    to = []
                texts = {ast.dump(t) for t in to}
                without = [c.func for c in calls if ast.dump(c.func) not in texts]
                if without and not mended(module, node):
                    scope = node.args.args[-3].arg
                    yield Dispatcher(module, node, to, _is_bare(node, scope, calls), without, several), without

    def _several(self, module: Module, targets: list[ast.expr]) -> bool:
        """True for several applications: which of them gets the lifespans can't be told."""
        made = {v.node for t in targets for v in self.values.of(module, t) if isinstance(v, Obj) and v.node}
        return len(made) > 1 and len({ast.dump(t) for t in targets}) > 1


def led(code: Code, drafts: Iterable[Draft]) -> None:
    """Block servers to which a function of theirs leads by the old path, in a way that didn't learn the new one."""
    for draft in (d for d in drafts if not d.blocks):
        paths = {draft.old_path.rstrip("/")} - {"", draft.new_path.rstrip("/")}
        for module in code.loaded(sorted(draft.files)):
            for node in module.nodes:
                if isinstance(node, ast.AsyncFunctionDef) and len(_applications(module, node)) > 1:
                    left = next((n for n in _asked(node, paths) if not _edited(draft, module, n)), None)
                    if left is not None:
                        draft.block(
                            module.place(left),
                            f"this function leads requests by their path, and only those for {draft.old_path} to the server",
                            f"Let it lead {draft.new_path} there, with any method; then run mcp-migrate again.",
                            step="wire",
                        )
                        break


def _applications(module: Module, function: ast.AsyncFunctionDef) -> set[str]:
    """What a function hands requests on to, without the answers that it makes: `await JSONResponse(...)(scope, ...)`."""
    return {ast.dump(c.func) for c in _calls(module, function) if not isinstance(c.func, ast.Call)}


def _asked(function: ast.AsyncFunctionDef, paths: set[str]) -> Iterator[ast.Constant]:
    """The paths that a function compares with."""
    for node in ast.walk(function):
        if isinstance(node, ast.Compare | ast.match_case):
            compared = [*node.comparators, node.left] if isinstance(node, ast.Compare) else [node.pattern]
            for part in (n for c in compared for n in ast.walk(c)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.rstrip("/") in paths:
                    yield part


def _edited(draft: Draft, module: Module, node: ast.Constant) -> bool:
    at = module.at(node)
    places = (o.at for o in draft.operations if hasattr(o, "at") and o.at.path == at.path)
    return any(
        (p.line, p.column) <= (at.line, at.column) and (at.end_line, at.end_column) <= (p.end_line, p.end_column)
        for p in places
    )


def _calls(module: Module, function: ast.AsyncFunctionDef) -> list[ast.Call]:
    """Calls of an ASGI function that hand its three arguments on."""
    names = [a.arg for a in function.args.args][1 if module.class_of(function) is not None else 0 :]
    if len(names) != 3:
        return []
    return [c for c in handed(function) if any(isinstance(a, ast.Name) and a.id in names[1:] for a in c.args)]


def _is_bare(function: ast.AsyncFunctionDef, scope: str, calls: list[ast.Call]) -> bool:
    stored = any(
        isinstance(n, ast.Name | ast.Subscript)
        and isinstance(n.ctx, ast.Store)
        and isinstance(base := n.value if isinstance(n, ast.Subscript) else n, ast.Name)
        and base.id == scope
        for n in ast.walk(function)
    )
    return not stored and all(isinstance(c.args[0], ast.Name) and c.args[0].id == scope for c in calls)


def _chosen(module: Module, function: ast.AsyncFunctionDef, target: ast.expr) -> bool:
    """True for a name of the function's own that is one application or another: `app = tools if ... else api`."""
    if not isinstance(target, ast.Name):
        return False
    bound = module.scopes[function].bindings.get(target.id, ())
    return len(bound) > 1 or any(isinstance(b.value, ast.IfExp | ast.BoolOp) for b in bound)


def _element(dispatcher: Dispatcher, target: ast.expr) -> bool:
    """True for `apps[key]`, `apps.get(key)` and what a loop over them gives."""
    if isinstance(target, ast.Name):
        bound = dispatcher.module.scopes[dispatcher.function].bindings.get(target.id, ())
        return any(b.kind != "param" for b in bound)
    return isinstance(target, ast.Subscript) or (
        isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute)
    )


def _is_held(module: Module, application: ast.expr) -> bool:
    """True for an application that is put into a dict or a list, by a name, too."""
    places: list[ast.expr] = [application]
    statement = module.parents.get(application)
    for target in statement.targets if isinstance(statement, ast.Assign) else ():
        if isinstance(target, ast.Subscript):
            return True
        if isinstance(target, ast.Name):
            places += [n for n in module.loads.get(target.id, ()) if isinstance(n, ast.Name)]
    held = (ast.Dict, ast.List, ast.Tuple, ast.Set, ast.DictComp, ast.ListComp)
    return any(isinstance(module.parents.get(p), held) for p in places)
