"""What the user's tests expect of a moved server: the call that starts it, and the words that its functions are given.

A test that puts a mock in the place of `mcp.run` holds that call as it was. Where the expected call has the shape of the
one in the server's code, it changes with it; where it may be another, the test is told of.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.context import StartCall
from migrator.deploy.callers import Callers, Use
from migrator.deploy.follow import moved
from migrator.deploy.tables import Tables
from migrator.deploy.ties import Ties
from migrator.model import Endpoint, Selector
from migrator.python.flow.value import Cls, Const, Func, Mod
from migrator.python.functions import decorator_name, last_name
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import EditCall, ReplaceExpr

OLD = "sse"
_ASSERTED = re.compile(r"assert_(?:called|any_call|awaited|any_await)\w*$")
_REFUSED = re.compile(r"\b(?:raises|assertRaises\w*)\b")
_CLIENTS = {"url", "base_url", "endpoint", "command", "headers", "server_url"}  # arguments of what connects


class Expected:
    """Reads the tests of one project."""

    def __init__(self, ties: Ties) -> None:
        self.ties = ties
        self.context = ties.context
        self.values = self.context.code.values

    def may_hold(self, path: str) -> bool:
        """False for a file that has nothing to do with it. Cheap."""
        data = self.context.tree.read(path)
        return OLD.encode() in data and (b"assert" in data or b"_async" in data)

    def uses(self, module: Module, callers: Callers) -> Iterator[Use]:
        """Every place of a test file that expects a start as it was, or hands the old word to the server's code."""
        endpoints = self.tied(module)
        starts = [(s, e) for s in self.context.started for e in endpoints if e.name == s.endpoint]
        if starts:
            for call in module.calls:
                if isinstance(call.func, ast.Attribute) and _ASSERTED.match(call.func.attr):
                    yield from self.asserted(module, call, starts)
                else:
                    yield from self.replaced(module, call, starts, callers)
        for given in self.given(module, endpoints, callers) if endpoints else ():
            yield given
            yield from callers.expected(given)
        yield from self.held(module, endpoints, callers)
        new_of = {e.name: self.ties.word_of(e) for e in endpoints if self.ties.reworded(e)}
        for word, e in Tables(self.context, module, endpoints).words(new_of) if new_of else ():
            code, shown = module.source(word).replace(OLD, new_of[e.name]), f"the test's {module.source(word)}"
            yield Use(word, ReplaceExpr(module.at(word), code), shown, e, _selector(e, new_of[e.name]))

    def tied(self, module: Module) -> tuple[Endpoint, ...]:
        """The moved servers that a file imports, or names as a mock's place: `patch("shop.server.mcp")`."""
        found = list(moved(self.ties.imported(module.path)))
        texts = [n.value for n in module.parents if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        for e in moved(self.context.endpoints):
            for path in e.files if e not in found else ():
                name = _dotted(path)
                if any(t.startswith(f"{name}.") or f".{t}".startswith(f".{_tail(name)}.") for t in texts):
                    found.append(e)
                    break
        return tuple(found)

    # -- the call that starts it

    def asserted(self, module: Module, call: ast.Call, starts: list[tuple[StartCall, Endpoint]]) -> Iterator[Use]:
        """`run.assert_called_once_with(transport="sse", port=8000)`."""
        assert isinstance(call.func, ast.Attribute)
        mine = [(s, e) for s, e in starts if _stands_for(module, call.func.value, s.method)]
        mine = [(s, e) for s, e in mine if not _starts_itself(module, call, s.method)]
        if not mine:
            return
        shown = f"the expected {' '.join(module.source(call).split())}"
        renamed = next(((s, e) for s, e in mine if s.renamed and s.renamed != s.method), None)
        if renamed is not None:
            start, e = renamed
            yield Use(call, None, shown, e, _selector(e, start.renamed), f"{start.renamed} starts the server now")
            return
        names = frozenset(k.arg for k in call.keywords if k.arg)
        values = [*call.args, *(k.value for k in call.keywords if k.arg in (None, "transport"))]
        same = [(s, e) for s, e in mine if s.names is None or (s.names == names and s.positional == len(call.args))]
        if not same or not any(getattr(v, "value", OLD) == OLD for v in values):
            return
        start, e = same[0]
        words = [v for v in values if isinstance(v, ast.Constant)]
        for word in words if start.word else ():
            code = module.source(word).replace(OLD, start.word)
            shown_word = f"the expected {module.source(word)}"
            yield Use(word, ReplaceExpr(module.at(word), code), shown_word, e, _selector(e, start.word))
        more = ", ".join(f"{n}={c}" if c is not None else f"without {n}" for n, c in start.keywords)
        if len({s.keywords for s, _ in same}) > 1 or (start.keywords and not self.can_follow(start, words)):
            todo = _selector(e, f"the call as the code makes it now: {more}")
            yield Use(call, None, shown, e, todo, "which arguments it has with each transport can't be told here")
        elif start.keywords:
            yield Use(call, EditCall(module.at(call), keywords=start.keywords), shown, e, _selector(e, more))

    @staticmethod
    def can_follow(start: StartCall, words: list[ast.Constant]) -> bool:
        """True when the expected call changes as the code's own does."""
        return bool(words and start.word) and start.names is not None and all(_plain(c) for _, c in start.keywords)

    def replaced(
        self, module: Module, call: ast.Call, starts: list[tuple[StartCall, Endpoint]], callers: Callers
    ) -> Iterator[Use]:
        """`monkeypatch.setattr(server.mcp, "run", fake)`: what the fake takes, and what the test then expects."""
        if last_name(call.func) not in ("setattr", "patch", "object"):
            return
        for start, e in starts:
            if _starts_itself(module, call, start.method):
                continue
            if not named(call, start.method):
                if start.word and self.of_program(module, call, e) and not _says_it(module, call):
                    yield from callers.expected(Use(call, None, "", e, _selector(e, start.word)))
                continue
            if start.word:
                yield from callers.expected(Use(call, None, "", e, _selector(e, start.word)))
            more = [n for n, c in start.keywords if c is not None]
            if start.renamed and start.renamed != start.method:
                yield from self.called_anew(module, call, start, e)
            yield from self.collected(module, call, start, e, more)
            for fake in (_function(module, a) for a in call.args[1:]):
                taken = {a.arg for a in (*fake.args.args, *fake.args.kwonlyargs)} if fake is not None else set(more)
                if fake is not None and fake.args.kwarg is None and set(more) - taken:
                    shown = f"what stands for {start.method} here"
                    reason = f"it takes no {', '.join(more)}, which the code gives now"
                    yield Use(call, None, shown, e, _selector(e, "a stand-in that takes **kwargs"), reason)
            return

    def of_program(self, module: Module, call: ast.Call, e: Endpoint) -> bool:
        """`setattr(server, "build", Fake)`, `patch("shop.server.build")`: what stands there is what the code starts."""
        if last_name(call.func) != "patch" and call.args and not isinstance(call.args[0], ast.Constant):
            held = self.values.of(module, call.args[0])
            return any(isinstance(v, Mod) and v.module.path in e.files for v in held)
        text = str(getattr(call.args[0], "value", "")) if call.args else ""
        return any(f".{text}".rpartition(".")[0].endswith(f".{_tail(name)}") for name in map(_dotted, e.files))

    def called_anew(self, module: Module, call: ast.Call, start: StartCall, e: Endpoint) -> Iterator[Use]:
        """The name of the method that is replaced: with the old one the test would start the server."""
        texts = (n for n in ast.walk(module.function_of(call) or call) if isinstance(n, ast.Constant))
        if any(str(n.value).endswith(start.renamed) for n in texts):
            return  # it replaces the new one, too
        for name in (a for a in call.args if isinstance(a, ast.Constant) and str(a.value).endswith(start.method)):
            source = module.source(name)
            code = source.replace(start.method, start.renamed) if source.count(start.method) == 1 else ""
            operation = ReplaceExpr(module.at(name), code) if code else None
            yield Use(name, operation, f"the replaced {start.method}", e, _selector(e, start.renamed))

    def collected(
        self, module: Module, call: ast.Call, start: StartCall, e: Endpoint, more: list[str]
    ) -> Iterator[Use]:
        """`assert seen == {"transport": "sse", "port": 8000}`: all that a stand-in was given, and now there is more."""
        known = {"transport", "host", "port"} if start.names is None else {"transport", *start.names}
        test = module.function_of(call)
        compared = [n for n in ast.walk(test) if isinstance(n, ast.Compare)] if test is not None and more else []
        for display in (d for n in compared for d in ast.walk(n) if isinstance(d, ast.Dict)):
            keys = {k.value for k in display.keys if isinstance(k, ast.Constant)}
            if keys & known and len(keys) == len(display.keys) and not keys & {*more}:
                new = ", ".join(f'"{n}": {c}' for n, c in start.keywords if c is not None)
                shown = f"the expected {' '.join(module.source(display).split())}"
                reason = f"{start.renamed or start.method} is given more where the server is started over HTTP"
                yield Use(display, None, shown, e, _selector(e, new), reason)

    # -- words that its functions are given

    def given(self, module: Module, endpoints: tuple[Endpoint, ...], callers: Callers) -> Iterator[Use]:
        """`main(transport="sse")`, `Settings(transport="sse")`: of the code that moves; `Settings(kind)` in each run."""
        files = {path: e for e in reversed(endpoints) for path in e.files}
        for call in module.calls:
            arguments = [*call.args, *(k.value for k in call.keywords)]
            words = [n for n in arguments if isinstance(n, ast.Constant) and n.value == OLD]
            names = [n for n in arguments if isinstance(n, ast.Name) and any(map(_is_old, callers.column(n)))]
            if not (words or names) or {k.arg for k in call.keywords} & _CLIENTS or self._refused(module, call):
                continue
            held = self.values.of(module, call.args[0]) if last_name(call.func) in ("setattr", "object") else ()
            for value in (*self.values.of(module, call.func), *(v for v in held if isinstance(v, Mod))):
                e = files.get(value.module.path) if isinstance(value, Func | Cls | Mod) else None
                if e is None or (isinstance(value, Cls) and self.values.classes.is_enum(value)):
                    continue
                selector = next((s for s in e.selectors if s.old_word == OLD), None)
                if selector is None:
                    continue  # where nothing selects it by that word, the word means something else
                new = selector.new_word
                for name in names:
                    yield from callers.in_runs(name, e, selector)
                for word in words:
                    code = module.source(word).replace(OLD, new)
                    yield Use(word, ReplaceExpr(module.at(word), code), f"the test's {OLD}", e, _selector(e, new))

    def held(self, module: Module, endpoints: tuple[Endpoint, ...], callers: Callers) -> Iterator[Use]:
        """`assert CONFIG["transport"] == "sse"`, `assert chosen() == expected`: a value of the server's code that changes."""
        for compare in module.compares if endpoints and self.context.reworded else ():
            sides = (compare.left, compare.comparators[0])
            for side, other in (sides, sides[::-1]):
                given = callers.column(side) if isinstance(side, ast.Name) else [side]
                words = [n for n in given if isinstance(n, ast.Constant) and n.value == OLD]
                e = self.changed(module, other, endpoints) if words and not isinstance(other, ast.Constant) else None
                if e is None or not (new := self.ties.word_of(e)):
                    continue
                for word in words:
                    code, shown = module.source(word).replace(OLD, new), f"the expected {module.source(word)}"
                    yield Use(word, ReplaceExpr(module.at(word), code), shown, e, _selector(e, new))

    def changed(self, module: Module, node: ast.expr, endpoints: tuple[Endpoint, ...]) -> Endpoint | None:
        """The server whose code gives an expression a word that changes."""
        for value in self.values.of(module, node):
            place = value.module.place(value.node) if isinstance(value, Const) else None
            if place is not None and (place.path, place.line, place.column) in self.context.reworded:
                if e := next((e for e in endpoints if place.path in e.files), None):
                    return e
        return None

    @staticmethod
    def _refused(module: Module, node: ast.AST) -> bool:
        """True where an error is expected."""
        return any(
            isinstance(outer, ast.With | ast.AsyncWith)
            and any(_REFUSED.search(module.source(i.context_expr)) for i in outer.items)
            for outer in module.ancestors(node)
        )


def _is_old(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == OLD


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _tail(name: str) -> str:
    """The module's name without the folders that are no package: "src.shop.server" is "shop.server" in code."""
    return name.removeprefix("src.")


def _selector(endpoint: Endpoint, new: str) -> Selector:
    return Selector("code", (), OLD, new, False, endpoint.place)


def _plain(code: str | None) -> bool:
    """True for code that means the same in another file."""
    try:
        return code is None or ast.literal_eval(code) is not None
    except (ValueError, SyntaxError):
        return False


def _stands_for(module: Module, node: ast.expr, method: str) -> bool:
    """True for the mock of a method: `mcp.run`, or a name that was put in its place in this test."""
    if isinstance(node, ast.Attribute):
        root: ast.expr = node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        made = isinstance(root, ast.Name) and any(_of_class(c) for c in _mocks(module, root))
        return node.attr == method and not made
    if not isinstance(node, ast.Name):
        return False
    return any(named(c, method) for c in _mocks(module, node))


def _starts_itself(module: Module, node: ast.AST, method: str) -> bool:
    """True where the test calls the method with the old word itself: what it expects of that stays as it is."""
    function = module.function_of(node)
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call)] if function is not None else []
    return any(
        isinstance(c.func, ast.Attribute)
        and c.func.attr == method
        and any(getattr(a, "value", None) == OLD for a in (*c.args, *(k.value for k in c.keywords)))
        for c in calls
    )


def _says_it(module: Module, node: ast.AST) -> bool:
    """True where the test says the old word elsewhere than in what it asserts: that may be what it expects again."""
    function = module.function_of(node)
    asserted = {n for a in ast.walk(function) if isinstance(a, ast.Assert) for n in ast.walk(a)} if function else set()
    walked = ast.walk(function) if function is not None else ()
    return any(isinstance(n, ast.Constant) and n.value == OLD and n not in asserted for n in walked)


def _mocks(module: Module, node: ast.Name) -> Iterator[ast.Call]:
    """The calls that make the name a mock, in the functions around it."""
    function = module.function_of(node)
    while function is not None:
        yield from _made(function, node.id)
        function = module.function_of(function)


def _of_class(call: ast.Call) -> bool:
    """True for a mock that stands for a class: `patch("shop.cli.ShopServer")`."""
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return any(t.rpartition(".")[2][:1].isupper() for t in texts)


def _function(module: Module, node: ast.expr) -> ast.Lambda | FunctionNode | None:
    """The lambda or the function of the file that stands there."""
    if isinstance(node, ast.Lambda):
        return node
    if isinstance(node, ast.Name):
        return next((n for n in module.parents if isinstance(n, FunctionNode) and n.name == node.id), None)
    return None


def _made(function: FunctionNode, name: str) -> Iterator[ast.Call]:
    """The calls that make a name a mock, or put it in something's place."""
    for node in ast.walk(function):
        if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            if node.optional_vars.id == name and isinstance(node.context_expr, ast.Call):
                yield node.context_expr
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                yield node.value
        elif isinstance(node, ast.Call) and any(isinstance(a, ast.Name) and a.id == name for a in node.args):
            yield node
    patches = [d for d in function.decorator_list if isinstance(d, ast.Call) and "patch" in decorator_name(d)]
    made = [d for d in reversed(patches) if not _replaces(d)]
    parameters = [a.arg for a in function.args.args if a.arg not in ("self", "cls")]
    if name in parameters[: len(made)]:
        yield made[parameters.index(name)]


def _replaces(call: ast.Call) -> bool:
    """True for a patch that is given what it puts there: the test gets no argument for it."""
    count = 3 if decorator_name(call).endswith("object") else 2
    return len(call.args) >= count or any(k.arg == "new" for k in call.keywords) or "dict" in decorator_name(call)


def named(call: ast.Call, method: str) -> bool:
    """True for a call that is told the method's name: `patch.object(mcp, "run")`, `patch("shop.server.mcp.run")`."""
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return any(f".{t}".endswith(f".{method}") for t in texts)
