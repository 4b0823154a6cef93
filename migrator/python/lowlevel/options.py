"""Initialization options that a hand-wired server passes itself: the session manager asks the server for them."""

from __future__ import annotations

import ast

from migrator.python.flow.value import Func
from migrator.python.functions import walk_own
from migrator.python.lowlevel.place import Manager, Served
from migrator.python.lowlevel.read import Stream, Transport
from migrator.python.module import FunctionNode, Module, Scope, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import EnsureImport
from migrator.python.unit import Draft

KEPT = ("security_settings", "max_request_body_size")  # the transport and the session manager take both
BARE = "create_initialization_options"


class Options:
    """Keeps what `server.run(read, write, options)` says explicitly."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._lines: dict[int, list[str]] = {}

    def lines(self, draft: Draft) -> list[str]:
        """The statements to put in front of the manager."""
        return self._lines.get(id(draft), [])

    def keep(self, draft: Draft, stream: Stream, served: Served | None, manager: Manager | None) -> bool:
        """Decide about the options and the other arguments. False, and blocked, when they can't be kept."""
        run = stream.run
        assert run is not None
        for keyword in run.extra:
            if keyword.arg == "raise_exceptions" and not (
                isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            ):
                draft.note(
                    "MCP607",
                    run.module.place(keyword.value),
                    "raise_exceptions is not used any more: the session manager runs the server and logs what it raises",
                )
        function = run.function
        node = self._inlined(run.module, run.options, function)
        if node is None or self._is_bare(run.module, node):
            return True
        server = served.text if served is not None else dotted(run.receiver)
        if not server or (served is None and function is not stream.function):
            return self._block(draft, run.module, node, "the server is made for each connection")
        if run.module is not stream.module:
            return self._block(draft, run.module, node, f"they are made in another file than {stream.module.path}")
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        for name in names:
            own = served is None and name.id == server.partition(".")[0]  # the manager is made where that name is
            own = own or self._is_owner(run.module, name, function, manager)
            if not own and not self._outside(run.module, name, function, manager, served is None):
                return self._block(draft, run.module, node, f"they are made from {name.id}, which only the handler has")
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == BARE:
            arguments = ", ".join(run.module.source(a) for a in (*node.args, *node.keywords))
            line = f"{server}.{BARE} = functools.partial({server}.{BARE}, {arguments})"
            draft.do(EnsureImport(run.module.path, "functools"))
        elif self._asks(run.module, node, set()):
            return self._block(draft, run.module, node, f"what makes them calls the server's {BARE} itself")
        else:
            line = f"{server}.{BARE} = lambda *_, **__: {outdented(run.module, node)}"
        if manager is None and served is not None:
            return self._block(draft, run.module, node, "no place was found where they could be set once")
        self._lines[id(draft)] = ["# the session manager asks the server itself for its options", line]
        draft.note(
            "MCP607",
            run.module.place(node),
            "these initialization options are now set on the server: the session manager asks it for them",
        )
        return True

    # -- of the transport

    def of_transport(self, transport: Transport) -> dict[str, ast.expr]:
        """What the transport was told that the session manager takes too: which hosts it answers, how much it reads."""
        found = {k.arg: k.value for k in transport.call.keywords if k.arg in KEPT}
        if len(transport.call.args) > 1:
            found[KEPT[0]] = transport.call.args[1]
        return {str(k): v for k, v in found.items() if not (isinstance(v, ast.Constant) and v.value is None)}

    def reachable(self, draft: Draft, transport: Transport, manager: Manager | None, stream: Stream) -> bool:
        """False, and blocked, when these values can't be seen where the manager is made."""
        module = manager.module if manager is not None else stream.module
        place: ast.AST = manager.anchor if manager is not None else stream.node
        for name, node in self.of_transport(transport).items():
            here = module is transport.module
            for used in ast.walk(node):
                if here and isinstance(used, ast.Name):
                    owner = module.owner(used)
                    scope: Scope | None = module.scope_of(place)
                    while scope is not None and scope is not owner:
                        scope = scope.parent
                    here = scope is not None
            if not here:
                draft.block(
                    transport.module.place(node),
                    f"{name} of the transport can't be seen where the session manager is made",
                    f"Give the session manager the same: StreamableHTTPSessionManager(..., {name}={transport.module.source(node)}).",
                    step="wire",
                )
                return False
        return True

    def _block(self, draft: Draft, module: Module, node: ast.expr, reason: str) -> bool:
        draft.block(
            module.place(node),
            f"explicit initialization options can't be kept: {reason}",
            "Give the same to the server once, before its session manager is made: "
            f"server.{BARE} = lambda: InitializationOptions(...), or functools.partial(server.{BARE}, ...); "
            "or drop them, then run mcp-migrate again.",
        )
        return False

    def _inlined(self, module: Module, node: ast.expr | None, function: FunctionNode | None) -> ast.expr | None:
        """What a plain local name of the handler stands for."""
        while isinstance(node, ast.Name) and function is not None:
            found = module.scopes[function].bindings.get(node.id, [])
            if len(found) != 1 or found[0].kind != "assign" or found[0].value is None:
                return node
            node = found[0].value
        return node

    def _gives_bare(self, function: Func) -> bool:
        """True for a helper that only passes on what the server says."""
        given = [n.value for n in walk_own(function.node) if isinstance(n, ast.Return)]
        return bool(given) and all(g is not None and self._is_bare(function.module, g, helper=False) for g in given)

    def _is_bare(self, module: Module, node: ast.expr, helper: bool = True) -> bool:
        """True for what the session manager would ask for itself; `helper`: or what a function of the project's does."""
        if isinstance(node, ast.Name):
            scope: Scope | None = module.scope_of(node)
            while scope is not None:
                found = scope.bindings.get(node.id, [])
                if found:
                    value = found[0].value if len(found) == 1 and found[0].kind == "assign" else None
                    return (
                        value is not None and not isinstance(value, ast.Name) and self._is_bare(module, value, helper)
                    )
                scope = scope.parent
            return False
        if not isinstance(node, ast.Call):
            return False
        if BARE not in (dotted(node.func).rpartition(".")[2], getattr(node.func, "attr", "")):
            made = self.project.values.of(module, node.func) if helper else ()
            return bool(made) and all(isinstance(v, Func) and self._gives_bare(v) for v in made)
        return all(_is_default(a) for a in (*node.args, *(k.value for k in node.keywords)))

    def _is_owner(self, module: Module, name: ast.Name, function: FunctionNode | None, manager: Manager | None) -> bool:
        """True for the `self` of a handler whose object keeps the manager: it is made where that name is, too."""
        if function is None or manager is None or manager.cls is None or module.class_of(function) is not manager.cls:
            return False
        first = function.args.args[:1]
        return bool(first) and first[0].arg == name.id and manager.name.startswith(f"{name.id}.")

    def _asks(self, module: Module, node: ast.AST, seen: set[ast.AST]) -> bool:
        """True when code calls what the server is about to get in place of its own method: that would never end."""
        if any(isinstance(n, ast.Attribute) and n.attr == BARE for n in ast.walk(node)):
            return True
        for call in [n for n in ast.walk(node) if isinstance(n, ast.Call)]:
            for value in self.project.values.of(module, call.func):
                if isinstance(value, Func) and value.node not in seen:
                    seen.add(value.node)
                    if self._asks(value.module, value.node, seen):
                        return True
        return False

    def _outside(
        self, module: Module, name: ast.Name, function: FunctionNode | None, manager: Manager | None, inside: bool
    ) -> bool:
        """True when a name means the same where the manager is made: in front of the handler, or `inside` it.

        What belongs to one request is refused there too: a server that requests share would keep the last one's.
        """
        scope: Scope | None = module.scope_of(name)
        while scope is not None and name.id not in scope.bindings:
            scope = scope.parent
        if scope is None:
            return True
        if function is not None and scope is module.scopes[function]:
            return False
        if inside:
            return True
        if manager is None or manager.scope is None:
            return scope.parent is None
        above: Scope | None = manager.scope
        while above is not None and above is not scope:
            above = above.parent
        return above is not None


def outdented(module: Module, node: ast.expr | ast.stmt) -> str:
    """An expression's or statement's source; its further lines count their indentation from the first one's."""
    first = module.lines[node.lineno - 1]
    blanks = first[: len(first) - len(first.lstrip())]
    head, *rest = module.source(node).splitlines(keepends=True)
    return head + "".join(line.removeprefix(blanks) for line in rest)


def _is_default(node: ast.expr) -> bool:
    """None, {} and NotificationOptions() are what is used anyway."""
    if isinstance(node, ast.Constant):
        return node.value is None
    if isinstance(node, ast.Dict):
        return not node.keys
    return (
        isinstance(node, ast.Call)
        and not node.args
        and not node.keywords
        and dotted(node.func).endswith("NotificationOptions")
    )
