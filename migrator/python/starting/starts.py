"""Calls that start a server: `run("sse")`, `run(transport=t)`, `run_sse_async()`, `run(**options)` ..."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import field
from functools import cached_property

from migrator.python.flow.value import Cls, Display, Func, Obj, Param, Value, is_dict, pairs
from migrator.python.module import FunctionNode, Module
from migrator.python.sdk import Sdks, Server
from migrator.python.starting.held import OPTIONS, finishing, given_to, partial_of, untold
from migrator.python.words.selector import Words
from migrator.python.words.spread import merged, spread_words
from migrator.python.words.traces import Trace
from migrator.records import record

# run(transport, ...): position of the transport argument; run_http_async takes it by keyword only in practice
POSITION = {"run": 0, "run_async": 0}


@record(eq=False)
class Start:
    """One place that starts (or names the start of) a server."""

    module: Module
    node: ast.Attribute  # `mcp.run`
    call: ast.Call | None  # None: the method is named, not called: anyio.run(mcp.run_sse_async)
    arguments: ast.Call | None  # the call that carries its arguments: `call`, or a partial(...)
    server: Server
    words: list[tuple[Module, ast.expr, Trace]] = field(default_factory=list)  # where the transport is given
    options: list[Display] = field(default_factory=list)  # dicts splatted into the call
    made: list[Obj] = field(default_factory=list)  # the same as calls: dict(transport="sse")
    bare: bool = False  # one of the dicts splatted into the call names no transport where it is made
    # what gives the SDK's own setting the word: assignments, and os.environ.setdefault(NAME, word)
    assigned: list[tuple[Module, ast.Assign | ast.Call]] = field(default_factory=list)
    given: ast.Call | None = None  # the call that hands the method on with its arguments: Thread(target=mcp.run, ...)
    held: ast.Call | None = None  # the partial(mcp.run, port=8000) that `call` finishes
    unfinished: bool = False  # a partial(...) that names no transport, and what calls it isn't seen

    @property
    def method(self) -> str:
        return self.node.attr

    @property
    def receiver(self) -> ast.expr:
        return self.node.value

    def keyword(self, name: str) -> ast.expr | None:
        """The value of a keyword argument, None when it isn't given."""
        given = (k for call in (self.arguments, self.held) if call is not None for k in call.keywords)
        return next((k.value for k in given if k.arg == name), None)

    def own(self, name: str) -> ast.expr | None:
        """The argument by that name, also where it stands in the call that hands the method on."""
        found = self.keyword(name)
        if found is None and self.given is not None:
            found = next((k.value for k in self.given.keywords if k.arg == name), None)
        return found

    @property
    def has_name(self) -> bool:
        """True when a dict that it is given has a name, under which more can be put into it."""
        held = [k.value for k in self.arguments.keywords if k.arg is None] if self.arguments is not None else []
        return any(isinstance(h, ast.Name) for h in held)

    @property
    def has_splat(self) -> bool:
        return self.arguments is not None and any(k.arg is None for k in self.arguments.keywords)


class Starts:
    """Finds them."""

    def __init__(self, sdks: Sdks, words: Words) -> None:
        self.sdks = sdks
        self.words = words
        self.values = sdks.values

    def all(self, modules: list[Module]) -> Iterator[Start]:
        """Every start of a server in the modules."""
        methods = self.sdks.run_methods | self.sdks.run_sse_methods | self.sdks.run_http_methods
        for module in modules:
            for node in module.nodes:
                if isinstance(node, ast.Attribute) and node.attr in methods and isinstance(node.ctx, ast.Load):
                    yield from self.start(module, node)

    def start(self, module: Module, node: ast.Attribute) -> Iterator[Start]:
        """The start that an attribute such as `mcp.run` is, if its object is a server."""
        if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and node.value.func.id == "super":
            servers = list(self._super(module, node)) if not self._within(module, node) else []
        else:
            servers = self.sdks.servers(module, node.value)
        if not servers:
            return
        server = servers[0]
        allowed = self.sdks.official if server.family != "fastmcp" else self.sdks.fastmcp
        if not any(node.attr in allowed["methods"][kind] for kind in ("run", "run_sse", "run_http")):
            return
        if not isinstance(node.value, ast.Call) and self._overridden(module, node, server):
            return
        parent = module.parents.get(node)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        arguments = call or partial_of(module, node)
        held = arguments if arguments is not call and node.attr in POSITION else None
        named = finishing(module, held or node) if node.attr in POSITION else []
        if held is not None and not untold(held) and not any(k.arg in OPTIONS for c in named for k in c.keywords):
            held, named = None, []  # it says everything that counts here
        given = given_to(module, held or node) if arguments is None or held is not None else None
        if call is not None and self._forwards(module, call):
            yield from self._forwarded(module, call, servers)
            for each in servers:
                start = Start(module, node, call, call, each)
                self._told_by_callers(start)
                for splat in (k.value for k in call.keywords if k.arg is None):
                    self._put_in(start, splat)  # kwargs.setdefault("transport", "sse")
                    self._spread(start, module, splat, list(self.values.of(module, splat)))  # of a command's options
                if start.words:
                    yield start
            return
        ways = [(c, c) for c in named] if named else [(call, arguments)]
        for each in servers:
            for called, holder in ways:
                start = Start(module, node, called, holder, each, given=given, held=held if named else None)
                start.unfinished = held is not None and not named
                self.tell(start)
                if not start.words:
                    self._own_setting(start)
                yield start

    def _own_setting(self, start: Start) -> None:
        """The SDK's own variable, where the code itself says what it is."""
        setting = self.sdks.fastmcp["setting"]
        if start.server.family == "fastmcp" and start.call is not None and not start.has_splat:
            if self.sdks.generation(start.server, start.module.path) in setting["generations"]:
                put = [(m, m.parents[v]) for m, v in self.words.environment.get(setting["variable"], ())]
                for module, statement in [*put, *self._settings]:
                    if isinstance(statement, ast.Assign):  # whatever it was before
                        self._word(start, module, statement.value)
                        start.assigned.append((module, statement))
                    elif isinstance(statement, ast.Call):  # setdefault(NAME, "sse")
                        self._word(start, module, statement.args[1])
                        start.assigned.append((module, statement))

    @cached_property
    def _settings(self) -> list[tuple[Module, ast.AST]]:
        """What the code assigns to the SDK's own setting: `fastmcp.settings.transport = "sse"`."""
        name = self.sdks.fastmcp["setting"]["attribute"]
        return [
            (module, node)
            for module in self.words.modules
            if f"settings.{name}" in module.text
            for node in module.nodes
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Attribute) and target.attr == name
            if "fastmcp.settings" in self.values.names(module, target.value)
        ]

    def _forwards(self, module: Module, call: ast.Call) -> bool:
        """`def run(self, *args, **kwargs): return mcp.run(*args, **kwargs)`: the callers choose."""
        function = module.function_of(call)
        if function is None or function.args.kwarg is None:
            return False
        if (call.args and not isinstance(call.args[0], ast.Starred)) or any(
            k.arg == "transport" for k in call.keywords
        ):
            return False
        splats = [k.value for k in call.keywords if k.arg is None]
        handed = [s for s in splats if isinstance(s, ast.Name) and s.id == function.args.kwarg.arg]
        return bool(handed) and not any(self._says(module, s) for s in splats if s not in handed)

    def _says(self, module: Module, splat: ast.expr) -> bool:
        """True for a dict with a transport in it."""
        displays = [v.node for v in self.values.of(module, splat) if isinstance(v, Display)]
        return any(
            isinstance(k, ast.Constant) and k.value == "transport"
            for d in displays
            if isinstance(d, ast.Dict)
            for k in d.keys
        )

    def _forwarded(self, module: Module, call: ast.Call, servers: list[Server]) -> Iterator[Start]:
        function = module.function_of(call)
        for caller, outer in self.values.callers.of(Func(module, function)) if function is not None else ():
            if isinstance(outer.func, ast.Attribute) and not self._forwards(caller, outer):
                for server in servers:
                    start = Start(caller, outer.func, outer, outer, server)
                    self.tell(start)
                    yield start

    def _told_by_callers(self, start: Start) -> None:
        """The transport that `serve(transport="sse")` hands on: `def serve(*args, **rest): mcp.run(*args, **rest)`."""
        module, call = start.module, start.call
        assert call is not None
        function = module.function_of(call)
        assert isinstance(function, FunctionNode)
        own = len(function.args.posonlyargs) + len(function.args.args)  # `def serve(server, *args, **rest)`
        for caller, outer in self.values.callers.of(Func(module, function)):
            given = [k.value for k in outer.keywords if k.arg == "transport"]
            if call.args and not any(isinstance(a, ast.Starred) for a in outer.args[: own + 1]):
                given += outer.args[own : own + 1]
            for node in given if isinstance(outer.func, ast.Name) else ():
                self._word(start, caller, node)
            for splat in (k.value for k in outer.keywords if k.arg is None and not given):
                self._spread(start, caller, splat, list(self.values.of(caller, splat)))
            start.bare = start.bare or not given

    def _handed_on(self, start: Start) -> None:
        """The transport among the arguments that stand behind a method, or in `args=` and `kwargs=` of a thread."""
        call, module = start.given, start.module
        assert call is not None
        position = POSITION.get(start.method, -1)
        handed = start.arguments or start.node
        if handed in call.args:
            behind = call.args[call.args.index(handed) + 1 :]
            if 0 <= position < len(behind) and not isinstance(behind[position], ast.Starred):
                self._word(start, module, behind[position])
        for keyword in call.keywords:
            if keyword.arg == "transport":
                self._word(start, module, keyword.value)
            elif keyword.arg in ("args", "kwargs"):
                for value in self.values.of(module, keyword.value):
                    if is_dict(value) and keyword.arg == "kwargs":
                        self._from_dict(start, value, keyword.value)  # type: ignore[arg-type]
                    if not isinstance(value, Display):
                        continue
                    if isinstance(value.node, ast.Tuple | ast.List) and 0 <= position < len(value.node.elts):
                        self._word(start, value.module, value.node.elts[position])

    def _overridden(self, module: Module, node: ast.Attribute, server: Server) -> bool:
        """True when the project's subclass has a method of its own by this name: that one holds the real start."""
        origin = server.origin
        if isinstance(origin, Obj) and isinstance(origin.of, Cls):
            return any(isinstance(v, Func) for v in self.values.classes.attribute(origin.of, node.attr))
        return False

    def _within(self, module: Module, node: ast.Attribute) -> bool:
        """True for `super().run_async(transport)` in a run_async that the SDK's own run() calls: what starts that says all."""
        function, call = module.function_of(node), module.parents.get(node)
        if function is None or function.name != node.attr or node.attr not in self.sdks.fastmcp["methods"]["through"]:
            return False
        given = (
            [*call.args[:1], *(k.value for k in call.keywords if k.arg == "transport")]
            if isinstance(call, ast.Call)
            else []
        )
        names = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
        handed_on = all(isinstance(g, ast.Name) and g.id in names for g in given)
        return handed_on and not self.values.callers.of(Func(module, function))

    def _super(self, module: Module, node: ast.Attribute) -> Iterator[Server]:
        for outer in module.ancestors(node):
            if isinstance(outer, ast.ClassDef):
                cls = Cls(module, outer)
                family = self.sdks.family_of_class(cls)
                if family:
                    yield Server(family, None, module, Obj(cls, module, None))
                return

    def tell(self, start: Start) -> None:
        """Add what gives a start, or an application, its transport."""
        if start.given is not None:
            self._handed_on(start)
        for call in (start.arguments, start.held):
            if call is not None and not start.words:
                self._told_in(start, call)

    def _told_in(self, start: Start, call: ast.Call) -> None:
        """The transport among the arguments of a call, or of a partial(...) that it finishes."""
        module = start.module
        for keyword in call.keywords:
            if keyword.arg == "transport":
                self._word(start, module, keyword.value)
            elif keyword.arg is None:
                bare, known = start.bare, len(start.words)
                held = merged(self.values, module, keyword.value)
                for value in filter(is_dict, held):
                    self._from_dict(start, value, keyword.value)  # type: ignore[arg-type]
                self._spread(start, module, keyword.value, [v for v in held if not is_dict(v)])
                if isinstance(keyword.value, ast.BinOp) and len(start.words) > known:
                    start.bare = bare  # one of the dicts names it for all
        offset = 1 if call is not start.call else 0
        position = POSITION.get(start.method, -1)
        behind = call.args[position + offset :] if position >= 0 else []
        if behind and not isinstance(behind[0], ast.Starred):
            self._word(start, module, behind[0])

    def _from_dict(self, start: Start, value: Display | Obj, splat: ast.expr) -> None:
        """The transport that `{"transport": "sse"}` or `dict(transport="sse")` names, or is given later."""
        if isinstance(value, Display):
            start.options.append(value)
            named, given = self._named_in(start, value), []
        else:
            start.made.append(value)
            given = [v for k, v in pairs(value) if k == "transport"]
            named = bool(given)
        copied = [v for k, v in pairs(value) if k is None and value in start.made]
        for taken in (*copied, *self.values.stores.taken(value)):
            self._spread(start, value.module, taken, list(self.values.of(value.module, taken)))
        start.bare = start.bare or not named
        for node in (*given, *self.values.stores.items(value, {"transport"})):
            self._word(start, value.module, node)
        self._put_in(start, splat)

    def _spread(self, start: Start, module: Module, node: ast.expr, held: list[Value]) -> None:
        """The transport in dicts that hold an object's attributes: `**vars(args)`, `**asdict(OPTIONS)`."""
        found = spread_words(self.words, module, node, held) if start.keyword("transport") is None else []
        start.words += [w for w in found if not any(n is w[1] for _, n, _ in start.words)]

    def _named_in(self, start: Start, value: Display) -> bool:
        """Add the transport that a dict names, in others that it takes in too; False when none does."""
        assert isinstance(value.node, ast.Dict)
        named = False
        for k, v in zip(value.node.keys, value.node.values, strict=True):
            if isinstance(k, ast.Constant) and k.value == "transport":
                self._word(start, value.module, v)
                named = True
            elif k is None:
                for inner in self.values.of(value.module, v):
                    if isinstance(inner, Display) and isinstance(inner.node, ast.Dict) and inner not in start.options:
                        start.options.append(inner)
                        named = self._named_in(start, inner) or named
                        for put in self.values.stores.items(inner, {"transport"}):
                            self._word(start, inner.module, put)
                    elif isinstance(inner, Param):
                        self._passed_on(start, inner)
                    else:
                        self._spread(start, value.module, v, [inner])
        return named

    def _passed_on(self, start: Start, rest: Param) -> None:
        """The transport among the keywords that callers put into a function's `**rest`."""
        function = rest.module.parents.get(rest.module.parents[rest.node])
        if isinstance(function, FunctionNode) and function.args.kwarg is rest.node:
            for caller, call in self.values.callers.of(Func(rest.module, function)):
                for keyword in (k for k in call.keywords if k.arg == "transport"):
                    self._word(start, caller, keyword.value)

    def _put_in(self, start: Start, splat: ast.expr) -> None:
        """The transport that is put into a dict after it is made."""
        if isinstance(splat, ast.Name):
            key = ast.Subscript(value=splat, slice=ast.Constant(value="transport"), ctx=ast.Load())
            start.module.parents[key] = start.module.parents[splat]
            for v in self.values.item_assignments(start.module, key):
                self._word(start, start.module, v)

    def _word(self, start: Start, module: Module, node: ast.expr) -> None:
        if not any(n is node for _, n, _ in start.words):
            start.words.append((module, node, self.words.trace(module, node)))

    # -- questions about one start

    def literal(self, start: Start) -> str | None:
        """The one word a start always uses: "sse" of run_sse_async(), "stdio" without an argument; else None."""
        if start.method in self.sdks.run_sse_methods:
            return "sse"
        if start.method in self.sdks.run_http_methods:
            return "streamable-http"
        if start.unfinished and not start.words:
            return None
        unread = any(map(self.values.dicts.is_open, start.options))
        if not start.words:
            if (start.arguments is None and start.given is None) or (start.has_splat and (unread or not start.options)):
                return None
            return "http" if start.method == "run_http_async" else "stdio" if start.arguments is not None else None
        if self.silent(start):
            return None
        if len(start.words) == 1 and isinstance(start.words[0][1], ast.Constant):
            word = str(start.words[0][1].value).lower()
            return None if unread and word not in self.words.old else word
        words = set()
        for _, _, trace in start.words:
            if trace.sources or trace.instances or len(trace.consts) + len(trace.members) != 1:
                return None
            words |= trace.words() | {self.words.said_by(m) for m in trace.members}
        return words.pop() if len(words) == 1 else None

    def silent(self, start: Start) -> bool:
        """True when one of the dicts that give the transport says none: then it is the SDK's own, stdio."""
        call = start.arguments or start.given
        if call is None or not start.bare:
            return False
        given = {id(n) for n in (*call.args, *(k.value for k in call.keywords))}
        return not any(id(node) in given for _, node, _ in start.words)

    def possible(self, start: Start) -> set[str]:
        """Every word that can reach the start, as far as the code tells; "?" for one that can be anything."""
        literal = self.literal(start)
        if literal is not None:
            return {literal}
        out: set[str] = {"stdio"} if self.silent(start) else set()
        return out.union(*(self.words.possible(trace) for _, _, trace in start.words))
