"""When an application is mounted, seen from its host: always, perhaps, or when the host runs already.

A lifespan that is given to the host runs whether or not the mount happened; one that is put around the host's own
right behind the mount runs only if it did. Neither helps while the host's lifespan is under way.
"""

from __future__ import annotations

import ast

from migrator.python.functions import decorator_name, walk_own
from migrator.python.hosts import Hosted
from migrator.python.module import FunctionNode, Module
from migrator.python.value import Func
from migrator.python.values import Values
from migrator.records import record

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
        if conditional(module, mount, None, around) is not None:
            return False
        first, last = module.statement_of(host).lineno, module.statement_of(mount).lineno
        scope = module.scope_of(host).node
        if not isinstance(scope, FunctionNode):
            return True
        return not any(isinstance(n, ast.Return) and first < n.lineno < last for n in walk_own(scope))

    def _late(self, module: Module, function: FunctionNode | None, depth: int) -> str:
        """Whether a function runs when the host is running."""
        if function is None or depth > 3:
            return ""
        names = {decorator_name(d).rpartition(".")[2] for d in function.decorator_list}
        if names & {"asynccontextmanager", "contextmanager"}:
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
    module: Module, node: ast.AST, function: FunctionNode | None, around: set[ast.AST] | None = None
) -> ast.stmt | None:
    """The outermost statement that may leave `node` out, inside `function` and outside `around`."""
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
        elif isinstance(outer, LOOPS):
            found = module.statement_of(outer)
        inner = outer
    return found


def in_loop(module: Module, node: ast.AST) -> bool:
    """True when the node runs several times in its function, each time with other values of its names."""
    for outer in module.ancestors(node):
        if isinstance(outer, LOOPS):
            return True
        if isinstance(outer, FunctionNode | ast.ClassDef):
            return False
    return False
