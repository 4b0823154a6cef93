"""Edits of the handlers and their routes: one exact route that answers every method through the session manager.

Two shapes. A handler that only opened the stream becomes a small ASGI class. One that does more keeps its body: the
`async with` becomes a call of the session manager, and the handler returns a response that sends nothing, because
the session manager has answered already.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import field

from migrator.python.flow.value import Const, Ext
from migrator.python.functions import is_docstring, names_of, walk_own
from migrator.python.lowlevel.beside import holder_of_routes
from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.read import POST, STREAM, Stream
from migrator.python.lowlevel.registrations import Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.rewrite.edits import (
    EditCall,
    EditDecorator,
    EnsureImport,
    Helper,
    Insert,
    RemoveStmt,
    ReplaceExpr,
    ReplaceStmt,
    UnrollIf,
)
from migrator.python.serverpaths import path_constants, tell_path
from migrator.python.unit import Draft
from migrator.records import record

SENT = "_AlreadySent"
ADAPTER = "_ASGIEndpoint"
ENDPOINT = "StreamableHTTPEndpoint"

SENT_CODE = f'''class {SENT}({{base}}):
    """What a handler returns when the session manager has answered: there is nothing left to send."""

    async def __call__(self, scope, receive, send):
        pass
'''
ADAPTER_CODE = f'''class {ADAPTER}:
    """An ASGI function as an object: Route would call a function with a Request."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)
'''
ENDPOINT_CODE = '''class {name}:
    """Hands each request to the session manager: Route serves an object as an ASGI application."""

    async def __call__(self, scope, receive, send):
        await {manager}.handle_request(scope, receive, send)
'''


@record(eq=False)
class Path:
    """A registration's path, before and after. Texts are None when they can't be told."""

    old: str | None
    new: str | None
    code: str  # the new path expression's source
    prefix: str | None  # what stands in front of it from now on
    operations: list[ReplaceExpr] = field(default_factory=list)


class Handlers:
    """Makes the edits."""

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self.values = routes.values
        self.project = routes.project

    # -- what kind of handler it is

    def is_asgi(self, stream: Stream) -> bool:
        """True when the handler itself is called with scope, receive and send."""
        arguments = stream.arguments
        if arguments is None:
            return False
        parameters = {a.arg for a in ast.walk(stream.function.args) if isinstance(a, ast.arg)}
        return all(isinstance(a, ast.Name) and a.id in parameters for a in arguments)

    def is_plain(self, stream: Stream) -> bool:
        """True when nothing is lost with the handler's body: it opens the stream, runs the server, returns."""
        function = stream.function
        if function.decorator_list:
            return False  # what a decorator does would be lost
        if len([a for a in ast.walk(function.args) if isinstance(a, ast.arg)]) != (3 if self.is_asgi(stream) else 1):
            return False
        if stream.module.class_of(function) is not None or function.args.defaults or len(stream.node.items) != 1:
            return False
        if stream.run is None or stream.run.function is not function:
            return False
        own = [s for s in function.body if not is_docstring(s)]
        return stream.node in own and all(
            s is stream.node or s in stream.carriers or self._passes(stream, s)
            for s in (*own, *stream.node.body)
            if s is not stream.site
        )

    def _passes(self, stream: Stream, statement: ast.stmt) -> bool:
        """True for a statement that means nothing without the stream."""
        if isinstance(statement, ast.Return):
            value = statement.value
            return value is None or isinstance(value, ast.Constant) or self._empty_response(stream.module, value)
        if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
            return True
        return self.is_plumbing(stream, statement)

    def _empty_response(self, module: Module, value: ast.expr) -> bool:
        if not isinstance(value, ast.Call) or value.args:
            return False
        if any(
            k.arg not in ("status_code", "content") or not isinstance(k.value, ast.Constant) for k in value.keywords
        ):
            return False
        return any(isinstance(v, Ext) and v.name.endswith("Response") for v in self.values.of(module, value.func))

    def is_plumbing(self, stream: Stream, statement: ast.stmt) -> bool:
        """`server = mcp._mcp_server`, `options = server.create_initialization_options()`: only the run needs it."""
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or stream.run is None:
            return False
        target, value = statement.targets[0], statement.value
        if not isinstance(target, ast.Name):
            return False
        loads = stream.module.loads.get(target.id, ())
        uses = [n for n in loads if isinstance(n, ast.Name) and stream.function in stream.module.ancestors(n)]
        call = stream.run.call
        inside = {id(n) for n in ast.walk(call)}
        plumbing = [s for s in ast.walk(stream.function) if isinstance(s, ast.Assign) and s is not statement]
        for use in uses:
            if id(use) in inside:
                continue
            holder = stream.module.statement_of(use)
            if not (holder in plumbing and self.is_plumbing(stream, holder)):
                return False
        if isinstance(value, ast.Call):
            name = dotted(value.func).rpartition(".")[2] or getattr(value.func, "attr", "")
            return name in ("getattr", "create_initialization_options") or name.endswith("InitializationOptions")
        return isinstance(value, ast.Name | ast.Attribute)

    # -- the body

    def endpoint_class(self, draft: Draft, stream: Stream, manager: str, name: str) -> None:
        """The handler becomes a class of its own."""
        draft.do(ReplaceStmt(stream.module.at(stream.function), ENDPOINT_CODE.format(name=name, manager=manager)))

    def in_place(self, draft: Draft, stream: Stream, code: str, answer: str) -> None:
        """The `async with` statement becomes `code`; what else it held stays. `answer`: what follows a `return`."""
        module = stream.module
        assert stream.site is not None
        draft.do(UnrollIf(module.at(stream.node), "body"))
        if isinstance(stream.site, ast.Return):
            code += f"\nreturn {answer}".rstrip()
        draft.do(ReplaceStmt(module.at(stream.site), code))
        draft.do(*(RemoveStmt(module.at(carrier)) for carrier in stream.carriers))
        named = names_of(ast.parse(code))  # a manager for each request names the server: `server = state.server`
        plumbing = [s for s in ast.walk(stream.function) if isinstance(s, ast.Assign) and self.is_plumbing(stream, s)]
        for statement in sorted(plumbing, key=lambda s: s.lineno, reverse=True):
            if named & names_of(statement.targets[0]):
                named |= names_of(statement.value)
            elif module.function_of(statement) is stream.function:
                draft.do(RemoveStmt(module.at(statement)))

    def answered(self, draft: Draft, module: Module, function: FunctionNode, site: ast.stmt) -> bool:
        """Behind `site` the handler returns a response that sends nothing. False when that can't be arranged."""
        returns, done = self._after(module, function, site)
        if done is None:
            return False
        for statement in returns:
            draft.do(ReplaceStmt(module.at(statement), f"return {SENT}()"))
        if not done:
            last = function.body[-1]
            draft.do(Insert(module.at(last), f"return {SENT}()", where="after", order=90))
        if isinstance(function.returns, ast.Constant) and function.returns.value is None:
            draft.do(ReplaceExpr(module.at(function.returns), SENT))
        self.sent_helper(draft, module)
        return True

    def _after(self, module: Module, function: FunctionNode, site: ast.stmt) -> tuple[list[ast.Return], bool | None]:
        """The returns that follow a statement, and whether one of them surely does. None: it stands in a loop."""
        returns: list[ast.Return] = []
        done = isinstance(site, ast.Return)
        child: ast.AST = site
        for outer in module.ancestors(site):
            if isinstance(outer, ast.For | ast.AsyncFor | ast.While):
                return [], None
            for name in ("body", "orelse", "finalbody"):
                block = getattr(outer, name, None)
                if isinstance(block, list) and child in block:
                    for statement in block[block.index(child) + 1 :]:
                        if isinstance(statement, ast.Return):
                            done = True
                        returns += [n for n in (statement, *walk_own(statement)) if isinstance(n, ast.Return)]
            if outer is function:
                break
            child = outer
        errors = ast.ExceptHandler
        return [r for r in returns if not any(isinstance(o, errors) for o in module.ancestors(r))], done

    def sent_helper(self, draft: Draft, module: Module) -> None:
        """The response class that sends nothing."""
        base = "Response"
        bound = [v for b in module.scope.bindings.get(base, []) for v in self.values.binding(module, module.scope, b)]
        known = any(isinstance(v, Ext) and v.name in self.routes.asgi.responses for v in bound)
        if bound and not known:
            base = "starlette.responses.Response"
            draft.do(EnsureImport(module.path, "starlette.responses"))
        elif not known:
            draft.do(EnsureImport(module.path, "starlette.responses", "Response"))
        draft.do(Helper(module.path, SENT, SENT_CODE.format(base=base)))

    # -- the route

    def path(self, registration: Registration, home: Home, taken: set[str]) -> Path:
        """The registration's new path, and the edits of the expression it is written as.

        taken: the old paths of all routes of the handler; one that also has a form without the slash keeps its own.
        """
        module, node = registration.module, registration.path
        prefix = home.prefix
        if node is None:
            return Path("", None, f'"{self.project.new_path}"', prefix)
        source = module.source(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if not node.value.strip("/"):
                return self._under_prefix(registration, home, node.value)
            new = self.local(node.value, home)
            if node.value.endswith("/") and node.value.rstrip("/") in taken and new:
                new += "/"
            code = _quoted(source, new)
            return Path(node.value, new, code, prefix, [ReplaceExpr(module.at(node), code)])
        if isinstance(node, ast.JoinedStr) and len(re.findall(r"/sse\b", source)) == 1:
            code = re.sub(r"/sse\b/?", self.project.new_path, source)
            return Path(_template(source), _template(code), code, prefix, [ReplaceExpr(module.at(node), code)])
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and isinstance(node.right.value, str):
            right = _quoted(module.source(node.right), self.project.moved(node.right.value))
            code = f"{module.source(node.left)} + {right}"
            return Path(None, None, code, prefix, [ReplaceExpr(module.at(node.right), right)])
        consts = [v for v in self.values.of(module, node) if isinstance(v, Const) and isinstance(v.value, str)]
        consts = consts or path_constants(self.project, module, node)
        edits = []
        for const in consts:
            text = _quoted(const.module.source(const.node), self.local(str(const.value), home))
            edits.append(ReplaceExpr(const.module.at(const.node), text))
        if len(consts) == 1:
            old = str(consts[0].value)
            return Path(old, self.local(old, home), source, prefix, edits)
        return Path(None, None, source, prefix, edits)

    def _under_prefix(self, registration: Registration, home: Home, old: str) -> Path:
        """The route's own path is empty: the word is in the prefix of its router or mount."""
        module, node = registration.module, registration.path
        assert node is not None
        prefix, above = home.prefix_node, home.prefix_module
        word = prefix.value if isinstance(prefix, ast.Constant) and isinstance(prefix.value, str) else ""
        if above is None or not word.rstrip("/").endswith("/sse") or not self._alone(registration):
            new = self.project.new_path
            code = _quoted(module.source(node), new)
            return Path(old, new, code, home.prefix, [ReplaceExpr(module.at(node), code)])
        assert prefix is not None
        moved = self.project.moved(word)
        new = "" if home.routers else "/"
        code = _quoted(module.source(node), new)
        edits = [ReplaceExpr(above.at(prefix), _quoted(above.source(prefix), moved))]
        if new != old:
            edits.append(ReplaceExpr(module.at(node), code))
        full = (home.prefix or "").rstrip("/").removesuffix(word.rstrip("/")) + moved
        return Path(old, new, code, full, edits)

    def _alone(self, registration: Registration) -> bool:
        """True when nothing but the stream and its messages is registered on the same router."""
        module, receiver = registration.module, registration.receiver
        if registration.kind != "decorator" or not isinstance(receiver, ast.Name):
            return registration.kind in ("route", "mount")
        for function in (n for n in module.nodes if isinstance(n, FunctionNode)):
            for decorator in function.decorator_list:
                if isinstance(decorator, ast.Call) and dotted(decorator.func).partition(".")[0] == receiver.id:
                    held = {n.attr for n in ast.walk(function) if isinstance(n, ast.Attribute)}
                    if decorator is not registration.node and not held & {STREAM, POST}:
                        return False
        return True

    def local(self, old: str, home: Home) -> str:
        """The new path of a route below its application's or router's prefix."""
        new = self.project.new_path
        moved = self.project.moved(old)
        prefix = (home.prefix or "").rstrip("/")
        if home.routers and prefix.endswith(new) and moved == new and self.project.moved(f"{new}/sse") == new:
            return ""
        return moved

    def register(self, draft: Draft, found: Registration, path: Path, asgi: bool, endpoint: str = "") -> None:
        """Give the handler its new path and methods.

        asgi: the endpoint is an ASGI object. endpoint: what the handler's reference becomes, "" when it stays.
        """
        module, node = found.module, found.node
        draft.files.add(module.path)
        if found.path is not None:
            tell_path(self.project, draft, module, found.path)
        methods = str(self.routes.asgi.methods).replace("'", '"')
        if found.kind == "decorator":
            draft.do(*(o for o in path.operations if found.path is None or o.at != module.at(found.path)))
            draft.do(EditDecorator(module.at(node), self._decorator(found, path, methods)))
            return
        if endpoint:
            draft.do(ReplaceExpr(module.at(found.reference), endpoint))
        if found.kind == "mount" or found.adder == "mount":
            self._as_route(draft, found, path, endpoint)
            return
        draft.do(*path.operations)
        keywords: list[tuple[str, str | None]] = []
        positional: tuple[tuple[int, str | None], ...] = ()
        third = len(node.args) > 2 and found.kind == "method"
        if asgi:
            if found.keyword("methods") is not None:
                keywords.append(("methods", None))
            elif third:
                positional = ((2, "None"),)
        elif third:
            positional = ((2, methods),)
        else:
            keywords.append(("methods", methods))
        if found.adder == "add_api_route" and found.keyword("include_in_schema") is None:
            keywords.append(("include_in_schema", "False"))
        if keywords or positional:
            draft.do(EditCall(module.at(node), keywords=tuple(keywords), positional=positional))

    def _decorator(self, found: Registration, path: Path, methods: str) -> str:
        module, node = found.module, found.node
        receiver = module.source(found.receiver) if found.receiver is not None else ""
        fast = found.adder in self.routes.asgi.fastapi_decorators
        given = [module.source(a) for a in node.args if a is not found.path]
        given += [
            module.source(k) if k.arg else f"**{module.source(k.value)}"
            for k in node.keywords
            if k.arg not in ("path", "methods")
        ]
        parts = [path.code, *given, f"methods={methods}"]
        if fast and found.keyword("include_in_schema") is None:
            parts.append("include_in_schema=False")
        return f"{receiver}.{'api_route' if fast else found.adder}({', '.join(parts)})"

    def _as_route(self, draft: Draft, found: Registration, path: Path, endpoint: str) -> None:
        """Mount serves a prefix and redirects to it: the new endpoint is one exact route."""
        module, node = found.module, found.node
        code = self._inside(module, found.endpoint, found.reference, endpoint)
        if found.kind == "mount":
            source = module.source(node.func)
            name = f"{source.rpartition('.')[0]}.Route" if "." in source else "Route"
            draft.do(*path.operations)
            keywords: tuple[tuple[str, str | None], ...] = ()
            if found.keyword("app") is not None:
                keywords = (("app", None), ("endpoint", code))
            draft.do(EditCall(module.at(node), function=name, keywords=keywords))
            if name == "Route":
                draft.do(EnsureImport(module.path, "starlette.routing", "Route"))
            return
        holder = holder_of_routes(self.routes, found)
        draft.do(ReplaceExpr(module.at(node), f"{holder}.routes.append(Route({path.code}, endpoint={code}))"))
        draft.do(EnsureImport(module.path, "starlette.routing", "Route"))

    def _inside(self, module: Module, whole: ast.expr, reference: ast.expr, code: str) -> str:
        """The whole endpoint's source, with the reference replaced."""
        source = module.source(whole)
        if not code or whole is reference:
            return code or source
        return source.replace(module.source(reference), code, 1)


def _quoted(source: str, text: str) -> str:
    match = re.match(r"[rRuUbB]?(\"\"\"|'''|\"|')", source)
    quote = match[1] if match else '"'
    return f"{quote}{text}{quote}"


def _template(source: str) -> str:
    """The text of an f-string, with its fields in braces."""
    return re.sub(r"^[rRfF]*[\"']|[\"']$", "", source)


def methods_of_test(test: ast.expr) -> Iterator[ast.Compare]:
    """Comparisons of the request's method."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and any(
            isinstance(n, ast.Constant) and n.value == "GET" for n in ast.walk(node)
        ):
            yield node
