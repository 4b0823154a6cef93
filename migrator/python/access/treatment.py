"""What request-handling code makes of a path: the same for the new one as for the old ones?

Every function that reads a request's path is enacted (enact.py) for the old paths on the files as they are, and for the
new one on the files as they would be. A request must meet the same statements.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from migrator.python.access.enact import Enactment, Frame
from migrator.python.access.known import UNKNOWN, Callee, Folder, Made, Outside, Seen, TooMuch, Val
from migrator.python.flow.value import Cls
from migrator.python.functions import self_assignments
from migrator.python.module import Binding, FunctionNode, Module, Scope, dotted
from migrator.python.project import Project
from migrator.python.words.fields import from_outside
from migrator.records import record

CHANGES = ("append", "extend", "add", "update", "insert", "remove", "discard", "pop", "clear", "setdefault")
STATIC = ast.parse("lambda: 0", mode="eval").body


@record(frozen=True)
class Asked:
    """A request that is enacted."""

    path: str
    method: str
    shows: tuple[tuple[str, str], ...] = ()  # headers and parameters, "" for one that is not there


class World:
    """The project's modules, some of them as they would be, and what their names mean.

    filled: the fields and parameters of commands met so far that a variable, a file or an option may fill, with their
    names there: these have their defaults, or are not known where the world is open.
    """

    def __init__(self, project: Project, changed: dict[str, Module], is_open: bool = False) -> None:
        self.project = project
        self.changed = changed
        self.is_open = is_open
        self.filled: dict[tuple[str, str], tuple[str, ...]] = {}
        self.consulted: set[str] = set()  # files of which anything was asked
        self._active: set[object] = set()
        self._kept: dict[object, tuple[Val, dict[ast.Constant, Module], set[str]]] = {}

    def module(self, module: Module) -> Module:
        self.consulted.add(module.path)
        return self.changed.get(module.path, module)

    def find(self, name: str, importer: Module) -> Module | None:
        found = self.project.code.find(name, importer) if name else None
        return self.module(found) if found is not None else None

    # -- names

    def lookup(self, run: Enactment, module: Module, where: ast.AST, name: str) -> Val:
        """What a name means that the running function does not bind."""
        scope: Scope | None = module.scope_of(where)
        while scope is not None:
            if name in scope.bindings and not isinstance(scope.node, ast.ClassDef):
                if scope.parent is None:
                    return self.member_of(run, module, name)
                return self._outer(run, module, scope, name)
            scope = scope.parent
        for everything in module.scope.bindings.get("*", ()):
            source = self.find(everything.module, module)
            if source is not None and name in source.scope.bindings:
                return self._global(run, source, name)
        return UNKNOWN

    def _global(self, run: Enactment, module: Module, name: str) -> Val:
        return self._once(run, (module.path, name), lambda: self.member_of(run, module, name))

    def _outer(self, run: Enactment, module: Module, scope: Scope, name: str) -> Val:
        """A name of a function around the running one."""
        bindings = scope.bindings[name]
        if len(bindings) != 1 or self._changed(module, name):
            return UNKNOWN
        b = bindings[0]
        if b.kind == "param" and isinstance(scope.node, FunctionNode):
            owner = module.class_of(scope.node) if scope.node.name == "__init__" else None
            return self._argument(run, module, scope.node, name, owner)
        return self._bound(run, module, b)

    def member_of(self, run: Enactment, module: Module, name: str) -> Val:
        """A module's global."""
        bindings = module.scope.bindings.get(name, [])
        if len(bindings) != 1 or self._changed(module, name):
            return UNKNOWN
        return self._bound(run, module, bindings[0])

    def _bound(self, run: Enactment, module: Module, b: Binding) -> Val:
        if b.kind == "def" and isinstance(b.node, FunctionNode):
            return Val(Callee(module, b.node))
        if b.kind == "class" and isinstance(b.node, ast.ClassDef):
            return Val(Made(module, b.node, False))
        if b.kind == "assign" and b.value is not None:
            return self.static(run, module, b.value)
        if b.kind != "import":
            return UNKNOWN
        source = self.find(b.module or b.name, module)
        if source is None:
            inner = self.find(f"{b.module}.{b.name}", module) if b.name else None
            return (
                Val(Folder(inner)) if inner is not None else Val(Outside(".".join(x for x in (b.module, b.name) if x)))
            )
        if not b.name or not b.module:
            return Val(Folder(source))
        if b.name in source.scope.bindings:
            return self._global(run, source, b.name)
        inner = self.find(f"{b.module}.{b.name}", module)
        return Val(Folder(inner)) if inner is not None else UNKNOWN

    def _once(self, run: Enactment, key: object, ask: Callable[[], Val]) -> Val:
        """An answer that is the same for every request, with the texts that it came from."""
        if key not in self._kept:
            if key in self._active or len(self._active) > 40:
                return UNKNOWN
            self._active.add(key)
            # what happens on the way happens when the module is imported: no request meets it
            outer, run.seen = run.seen, Seen()
            before, self.consulted = self.consulted, set()
            try:
                value = ask()
            finally:
                self._active.discard(key)
                inner, run.seen = run.seen, outer
                consulted = self.consulted
                self.consulted = before | consulted
            self._kept[key] = value, inner.texts, consulted
        value, texts, consulted = self._kept[key]
        run.seen.texts.update(texts)
        self.consulted |= consulted
        return value

    def static(self, run: Enactment, module: Module, node: ast.expr) -> Val:
        """An expression outside every running function."""
        callee = Callee(module, STATIC)  # type: ignore[arg-type]
        return self._once(run, node, lambda: Frame(run, callee, 1).value(node))

    def _changed(self, module: Module, name: str) -> bool:
        """True when something is put into what the name stands for, after it got it."""
        for node in module.loads.get(name, ()):
            parent = module.parents.get(node)
            if isinstance(parent, ast.Attribute) and parent.attr in CHANGES:
                return True
            if isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store | ast.Del):
                return True
        return False

    # -- attributes

    def member(self, run: Enactment, value: object, name: str) -> Val:
        """An attribute of a library's, a module or a class of the project."""
        if isinstance(value, Outside):
            return Val(Outside(f"{value.name}.{name}"))
        if isinstance(value, Folder):
            if name in value.module.scope.bindings:
                return self._global(run, value.module, name)
            inner = self.find(f"{value.module.name}.{name}", value.module)
            return Val(Folder(inner)) if inner is not None else UNKNOWN
        if isinstance(value, Made):
            return self._once(run, (value.node, name), lambda: self._attribute(run, value, name))
        return UNKNOWN

    def _attribute(self, run: Enactment, made: Made, name: str) -> Val:
        module, scope = made.module, made.module.scopes[made.node]
        stored = self_assignments(made.node).get(name, [])
        if len(stored) > 1 or self._changed(module, name):
            return UNKNOWN
        if stored:
            function = module.function_of(stored[0])
            if function is not None and isinstance(stored[0], ast.Name):
                if any(b.kind == "param" for b in module.scopes[function].bindings.get(stored[0].id, ())):
                    return self._argument(run, module, function, stored[0].id, made.node)
            return self.static(run, module, stored[0])
        bindings = scope.bindings.get(name, [])
        if len(bindings) == 1:
            node = bindings[0].node
            if isinstance(node, FunctionNode):
                plain = not any("property" in ast.unparse(d) for d in node.decorator_list)
                return Val(Callee(module, node, made.node)) if plain else UNKNOWN
            if made.instance and isinstance(node, ast.AnnAssign) and self._is_filled(module, made.node, name):
                return UNKNOWN
            return self._default(run, module, bindings[0].value)
        for base in made.node.bases if not bindings else ():
            found = self.static(run, module, base)
            if isinstance(found.value, Made):
                return self.member(run, Made(found.value.module, found.value.node, made.instance), name)
        return UNKNOWN

    def _is_filled(self, module: Module, cls: ast.ClassDef, name: str) -> bool:
        """True in an open world for a field that a variable or a file may fill; it is noted in any."""
        if module.path in self.changed:
            return False
        variables = from_outside(self.project.values, Cls(module, cls), name)
        if variables is not None:
            self.filled[cls.name, name] = variables
        return variables is not None and self.is_open

    def _default(self, run: Enactment, module: Module, value: ast.expr | None) -> Val:
        """What a class says of an attribute; fields of dataclasses and settings by their defaults."""
        if isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in ("field", "Field"):
            given = {k.arg: k.value for k in value.keywords}
            made = given.get("default_factory")
            if isinstance(made, ast.Lambda):
                return self.static(run, module, made.body)
            value = given.get("default", value.args[0] if value.args else None)
        return self.static(run, module, value) if value is not None else UNKNOWN

    def _argument(
        self, run: Enactment, module: Module, function: FunctionNode, name: str, owner: ast.ClassDef | None
    ) -> Val:
        """What the calls in the project give a parameter, its default, or unknown where they differ."""
        called = owner.name if owner is not None else function.name
        positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][1 if owner is not None else 0 :]
        given: list[tuple[Module, ast.expr]] = []
        calls = 0
        for other in self.project.code.mentioning(called, tests=False):
            where = self.module(other)
            for call in where.calls:
                direct = dotted(call.func).rpartition(".")[2] == called
                handed = bool(call.args) and dotted(call.args[0]).rpartition(".")[2] == called
                if not direct and not (handed and owner is not None):
                    continue
                calls += 1
                given += [(where, k.value) for k in call.keywords if k.arg == name]
                if direct and name in positional and positional.index(name) < len(call.args):
                    given.append((where, call.args[positional.index(name)]))
        if not given:
            defaults = dict(zip(positional[::-1], function.args.defaults[::-1], strict=False))
            defaults |= {
                a.arg: d for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if d
            }
            if not calls and owner is None and self.project.words.is_command(module, function):
                self.filled[called, name] = (name,)
                if self.is_open:
                    return UNKNOWN
            return self.static(run, module, defaults[name]) if name in defaults else UNKNOWN
        values = [self.static(run, where, node) for where, node in given]
        same = all(v == values[0] for v in values) and len(given) == calls
        return values[0] if same else UNKNOWN


class Treatment:
    """Enacts the functions of a world.

    unchanged: the project as it is. What asks nothing of the files that the world changes meets the same there, and is
    enacted once for all the drafts of a project.
    """

    def __init__(self, world: World, settings: dict[str, str], unchanged: Treatment | None = None) -> None:
        self.world, self.settings, self.unchanged = world, settings, unchanged
        self._seen: dict[tuple[ast.AST, Asked, bool, bool | None], tuple[Seen | None, set[str]]] = {}

    def of(self, callee: Callee, asked: Asked, force: bool, turned: bool | None = None) -> Seen | None:
        """What a request meets; None when that is too much to tell. `force`, `turned`: see Enactment."""
        if self.unchanged is not None and callee.module.path not in self.world.changed:
            seen, consulted = self.unchanged._known(callee, asked, force, turned)
            if consulted.isdisjoint(self.world.changed):
                return seen
        return self._known(callee, asked, force, turned)[0]

    def _known(self, callee: Callee, asked: Asked, force: bool, turned: bool | None) -> tuple[Seen | None, set[str]]:
        """What a request meets, and the files that were asked for it."""
        key = (callee.node, asked, force, turned)
        if key not in self._seen:
            self.world.consulted = set()
            seen = self._met(callee, asked, force, turned)
            self._seen[key] = seen, self.world.consulted
        return self._seen[key]

    def _met(self, callee: Callee, asked: Asked, force: bool, turned: bool | None) -> Seen | None:
        world, shows = self.world, dict(asked.shows)
        run = Enactment(world.lookup, world.member, self.settings, asked.path, asked.method, force, shows, turned)
        try:
            return run.run(callee)
        except (TooMuch, RecursionError):
            return None


def twin(callee: Callee, module: Module) -> Callee | None:
    """The same function in the module as it would be."""
    if callee.module is module:
        return callee
    wanted = _chain(callee.module, callee.node)
    same = [f for f in callee.module.scopes if isinstance(f, FunctionNode) and _chain(callee.module, f) == wanted]
    there = [f for f in module.scopes if isinstance(f, FunctionNode) and _chain(module, f) == wanted]
    if len(same) != len(there):
        return None
    found = there[same.index(callee.node)]  # type: ignore[arg-type]
    return Callee(module, found, module.class_of(found))


def _chain(module: Module, node: ast.AST) -> tuple[str, ...]:
    names = [getattr(node, "name", "")]
    names += [n.name for n in module.ancestors(node) if isinstance(n, FunctionNode | ast.ClassDef)]
    return tuple(names)
