"""When an application is mounted, seen from its host: always, perhaps, or when the host runs already.

A lifespan that is given to the host runs whether or not the mount happened; one that is put around the host's own
right behind the mount runs only if it did. Neither helps while the host's lifespan is under way.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from migrator.python.applications.hosts import Hosted
from migrator.python.flow.value import Func, Obj
from migrator.python.flow.values import Values
from migrator.python.functions import CONTEXTS, decorator_name, last_name, walk_own
from migrator.python.module import FunctionNode, Module
from migrator.records import record

READS = ("items", "values", "keys", "get")  # of a dict
STARTERS = ("on_startup", "lifespan")
LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@record(frozen=True)
class Moment:
    """always: whenever the host is made. loop: several times, in a loop.

    late: "" or what the mount happens in: "lifespan" and "startup" functions, "called" from one of them.
    function: that function.
    """

    always: bool
    loop: bool = False
    late: str = ""
    function: FunctionNode | None = None


ALWAYS = Moment(True)


class Moments:
    """Answers for one project."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def of(self, hosted: Hosted) -> Moment:
        """The moment of a mount."""
        module = hosted.inner.module if hosted.inner is not None else hosted.module
        mount = hosted.mount or (hosted.inner or hosted).node
        function = module.function_of(mount)
        late = self._late(module, function, 0)
        if late:
            return Moment(conditional(module, mount, function) is None, late=late, function=function)
        if hosted.host is None or hosted.host_module is not module:
            return Moment(False, in_loop(module, mount))
        if module.scope_of(mount) is not module.scope_of(hosted.host):
            return Moment(False, in_loop(module, mount))
        return Moment(self._always(module, mount, hosted.host), in_loop(module, mount))

    def _always(self, module: Module, mount: ast.AST, host: ast.expr) -> bool:
        around = set(module.ancestors(host)) | {host}
        if conditional(module, mount, None, around, self._whole(module, mount)) is not None:
            return False
        first, last = module.statement_of(host).lineno, module.statement_of(mount).lineno
        scope = module.scope_of(host).node
        if not isinstance(scope, FunctionNode):
            return True
        return not any(isinstance(n, ast.Return) and first < n.lineno < last for n in walk_own(scope))

    def _whole(self, module: Module, mount: ast.AST) -> set[ast.AST]:
        """Lists around a mount that are made of servers that the code names one by one, and leave none out."""
        lists = [n for n in module.ancestors(mount) if isinstance(n, ast.ListComp) and len(n.generators) == 1]
        return {n for n in lists if not n.generators[0].ifs and self._fixed(module, n.generators[0].iter)}

    def _fixed(self, module: Module, node: ast.expr) -> bool:
        """True for a display of objects that are known, by its name too if nothing but loops and lookups uses that."""
        if isinstance(node, ast.Call) and last_name(node.func) in READS and not node.args:
            node = node.func.value  # type: ignore[attr-defined]
        if isinstance(node, ast.Name):
            scope, name = module.owner(node), node.id
            bindings = scope.bindings.get(name, [])
            uses = [n for n in module.loads.get(name, ()) if isinstance(n, ast.Name) and module.owner(n) is scope]
            if len(bindings) != 1 or bindings[0].value is None or not all(_is_read(module, n) for n in uses):
                return False
            if scope.parent is None and any(True for _ in self.values.code.importing(name, module)):
                return False
            node = bindings[0].value
        if not isinstance(node, ast.Dict | ast.List | ast.Tuple):
            return False
        elements = node.values if isinstance(node, ast.Dict) else node.elts
        if isinstance(node, ast.Dict) and None in node.keys:
            return False
        parts = [part for e in elements for part in (e.elts if isinstance(e, ast.Tuple) else [e])]
        return all(
            isinstance(part, ast.Constant | ast.JoinedStr)
            or (len(found := self.values.of(module, part)) == 1 and all(isinstance(v, Obj) for v in found))
            for part in parts
        )

    def _late(self, module: Module, function: FunctionNode | None, depth: int) -> str:
        """Whether a function runs when the host is running."""
        if function is None or depth > 3:
            return ""
        names = {decorator_name(d).rpartition(".")[2] for d in function.decorator_list}
        if names & CONTEXTS:
            return "lifespan"
        if "on_event" in names:
            return "startup"
        for node in module.loads.get(function.name, ()):
            for outer in module.ancestors(node):
                if isinstance(outer, ast.keyword) and outer.arg in STARTERS:
                    return "lifespan" if outer.arg == "lifespan" else "startup"
                if isinstance(outer, ast.Call):
                    if decorator_name(outer).rpartition(".")[2] in ("add_event_handler", "append"):
                        return (
                            "startup"
                            if "event" in decorator_name(outer) or "on_startup" in module.source(outer)
                            else ""
                        )
                    break
                if isinstance(outer, ast.stmt):
                    break
        for caller, call in self.values.callers.of(Func(module, function)):
            if self._late(caller, caller.function_of(call), depth + 1):
                return "called"
        return ""


def conditional(
    module: Module,
    node: ast.AST,
    function: FunctionNode | None,
    around: set[ast.AST] | None = None,
    whole: Collection[ast.AST] = (),
) -> ast.stmt | None:
    """The outermost statement that may leave `node` out, inside `function` and outside `around`.

    whole: loops that leave nothing out.
    """
    found: ast.stmt | None = None
    inner = node
    for outer in module.ancestors(node):
        if outer is function or outer in (around or ()) or isinstance(outer, FunctionNode | ast.ClassDef):
            break
        if isinstance(outer, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Match):
            if inner is not getattr(outer, "test", None) and inner is not getattr(outer, "iter", None):
                found = outer
        elif (
            isinstance(outer, ast.Try) and (outer.handlers or inner not in outer.body) and inner not in outer.finalbody
        ):
            found = outer
        elif isinstance(outer, LOOPS) and outer not in whole:
            found = module.statement_of(outer)
        inner = outer
    return found


def _is_read(module: Module, use: ast.Name) -> bool:
    """True for what is looped over, or looked up in."""
    parent = module.parents.get(use)
    if isinstance(parent, ast.Attribute):
        return parent.attr in READS and isinstance(module.parents.get(parent), ast.Call)
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, ast.Load)
    return isinstance(parent, ast.For | ast.comprehension | ast.Compare)


def in_loop(module: Module, node: ast.AST) -> bool:
    """True when the node runs several times in its function, each time with other values of its names."""
    for outer in module.ancestors(node):
        if isinstance(outer, LOOPS):
            return True
        if isinstance(outer, FunctionNode | ast.ClassDef):
            return False
    return False
