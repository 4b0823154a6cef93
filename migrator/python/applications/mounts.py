"""Servers that a framework mounts on a web application by itself: `FastApiMCP(app).mount()` (rules/frameworks, [[method]])."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from migrator.python.applications.collisions import Collisions
from migrator.python.applications.hosting import Hosting
from migrator.python.applications.hosts import Hosted
from migrator.python.flow.value import Cls, Const, Ext, Obj
from migrator.python.module import Module, dotted
from migrator.python.paths import joined_path
from migrator.python.project import Project
from migrator.python.rewrite.edits import EditCall, EnsureImport, RemoveStmt, ReplaceExpr, ReplaceStmt
from migrator.python.serverpaths import hosted_at
from migrator.python.unit import Draft

if TYPE_CHECKING:
    from migrator.clients.facts import Fact

KEPT = "# mcp-transport: ignore[MCP105] -- --legacy-sse keep: clients that have not moved yet"


class Mounts:
    """Drafts for every call that mounts a server which speaks SSE."""

    def __init__(self, project: Project, facts: list[Fact]) -> None:
        self.project = project
        self.values = project.values
        self.facts = facts
        self.policy = project.context.settings.legacy_sse
        self.hosting = Hosting(project.values, project.modules, project.asgi)
        self.collisions = Collisions(project, self.hosting)

    def drafts(self) -> list[Draft]:
        """One draft for each mount that serves SSE."""
        out, live = [], []
        for fact in self.facts:
            out += [_Mount(self, *found).decide() for found in self._found(fact, fact.names)]
            newer = [f"{name.rpartition('.')[0]}.{fact.row['new']}" for name in fact.names] if out else []
            live += [_Mount(self, *found).stays() for found in self._found(fact, newer)]
        for i, mount in enumerate(out):
            mount.alone([m for m in (*live, *out[:i]) if m.made != mount.made])
        return [m.draft for m in out]

    def _found(self, fact: Fact, names: Sequence[str]) -> Iterator[tuple[Fact, Module, ast.Attribute, Obj]]:
        """The attributes that name one of these methods, with the object that they are taken from."""
        for method in sorted({name.rpartition(".")[2] for name in names}):
            for module in self.project.modules:
                for node in module.loads.get(method, ()):
                    if not isinstance(node, ast.Attribute):
                        continue
                    objects = [v for v in self.values.of(module, node.value) if isinstance(v, Obj) and v.node]
                    made = [o for o in objects if any(f"{c}.{method}" in names for c in self._classes(o, method))]
                    if made:
                        yield fact, module, node, min(made, key=_where)

    def _classes(self, made: Obj, method: str) -> list[str]:
        """The outside class that an object is of; those that the project's own class takes the method from."""
        if isinstance(made.of, Ext):
            return [made.of.name]
        if isinstance(made.of, Cls) and method not in self.values.classes.scope_of(made.of).bindings:
            return [base.name for base in self.values.classes.external_bases(made.of)]
        return []


class _Mount:
    """One such call."""

    def __init__(self, mounts: Mounts, fact: Fact, module: Module, node: ast.Attribute, made: Obj) -> None:
        self.mounts, self.project = mounts, mounts.project
        self.row: Any = fact.row
        self.module, self.node, self.made = module, node, made
        parent = module.parents.get(node)
        self.call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        self.new: str = self.row["new"]
        self.draft = Draft(
            name=f"{module.path}:{dotted(node.value) or 'server'}",
            generation=fact.framework,
            place=module.place(self.call or node),
            module=module,
            rule="MCP103",
            message=f"{module.source(node)} serves the deprecated SSE transport",
            selected_by="always",
            stateless=False,
            session_reasons=[self.row["note"]],
        )
        self.draft.keys |= {("place", self.draft.place), ("mounted", id(made.node))}
        self.draft.files |= {module.path, made.module.path}
        self.hosts: list[Hosted] = []

    def decide(self) -> _Mount:
        """Fill the draft."""
        if self.call is None:
            self._block(f"{self.module.source(self.node)} is handed on here", f"Hand on {self.new} instead.")
            return self
        call, made = self.call, self.made.node
        assert made is not None
        self.draft.starts.append((self.module, call))
        self.hosts = self._hosts(call, made)
        twin = self._twin()
        self._addresses(call, twin)
        if self.project.context.settings.mode == "stateless":
            self.draft.note("MCP601", self.draft.place, f"{self.row['note']}; --mode stateless was asked for")
        if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
            self._block("its arguments are handed on as a whole", f"Call {self.new} with what it takes.")
        elif len(call.args) > len(self.row["positional"]):
            self._block("it gets more positional arguments than what takes its place", f"Call {self.new} instead.")
        elif not self._making(made):
            return self
        elif twin is not None:
            self._beside(call, twin)
        elif self.mounts.policy == "keep":
            self._keep(call)
        else:
            self._move(call)
        return self

    def _making(self, made: ast.Call) -> bool:
        """Give the class what the release with the new method takes. False where that blocks the draft."""
        new = self.row["made"]
        given = {k.arg: k for k in made.keywords if k.arg is not None}
        old = next((name for name in given if name in new), None)
        place = self.made.module.place(made if old is None else given[old])
        if len(made.args) > new["places"]:
            self.draft.block(place, "its positional arguments have other places now", "Give them by their names.")
            return False
        if old is None:
            return True
        name, code, module = new[old]
        code = code.format(self.made.module.source(given[old].value))
        if name in given:
            self.draft.block(place, f"{old}= went away, and {name}= is given, too", f"Give it {name}={code}.")
            return False
        self.draft.do(
            EditCall(self.made.module.at(made), keywords=((name, code),), renamed=((old, name),)),
            EnsureImport(self.made.module.path, module),
        )
        return True

    def stays(self) -> _Mount:
        """Say where it is: it speaks Streamable HTTP already."""
        if self.call is not None and self.made.node is not None:
            self.hosts = self._hosts(self.call, self.made.node)
            self.draft.old_path = self.draft.new_path = self._own_path(self.call, self.row["becomes"])
            hosted_at(self.project, self.draft, self.hosts)
        return self

    def alone(self, others: list[_Mount]) -> None:
        """Block it where another server is, or will be, at its new address of the same application."""
        mine = {h.host for h in self.hosts if h.host is not None}
        for other in others:
            same = (self.draft.new_path, self.draft.old_path) == (other.draft.new_path, other.draft.old_path)
            if self.draft.new_path == other.draft.new_path and not same and mine & {h.host for h in other.hosts}:
                self._block(
                    f"another server of the same application is at {self.draft.new_path}: {other.draft.place}",
                    f"Give one of them another path: {self.new}({self.row['path']}=...).",
                )

    def _block(self, why: str, todo: str) -> None:
        self.draft.block(self.draft.place, why, todo)

    # -- addresses

    def _given(self, call: ast.Call, what: str) -> ast.expr | None:
        """The argument that the row calls `what`."""
        name, order = self.row[what], self.row["positional"]
        given = next((k.value for k in call.keywords if k.arg == name), None)
        if given is None and order.index(name) < len(call.args):
            given = call.args[order.index(name)]
        return given

    def _own_path(self, call: ast.Call, default: str) -> str:
        """Where the call mounts, without prefixes; "" when it can't be told."""
        given = self._given(call, "path")
        text = default if given is None else self.project.text(self.module, given)
        return "" if text is None else "/" + text.strip("/")

    def _addresses(self, call: ast.Call, twin: ast.Call | None) -> None:
        draft = self.draft
        draft.old_path = self._own_path(call, self.row["default"])
        draft.new_path = self._moved(draft.old_path) or "{path}"
        if twin is not None:
            draft.new_path = self._own_path(twin, self.row["becomes"]) or "{path}"
        draft.message_path = joined_path(draft.old_path, self.row["messages"]) if draft.old_path else ""
        hosted_at(self.project, draft, self.hosts)

    def _moved(self, path: str) -> str:
        """A path that is named for the old transport moves; every other one is only the server's name."""
        return self.project.moved(path) if path.endswith("/sse") else path

    def _hosts(self, call: ast.Call, made: ast.Call) -> list[Hosted]:
        """The application that the routes are added to, with the prefixes in front of them."""
        hosting, none = self.mounts.hosting, ast.Constant(value="")
        app = next((k.value for k in made.keywords if k.arg == self.row["application"]), None)
        app = app or next(iter(made.args), None)
        router = self._given(call, "router")
        places: list[tuple[Module, ast.expr | None, ast.expr]] = []
        if router is None:
            places.append((self.made.module, app, none))
        else:
            places.append((self.module, router, none))
            for value in self.mounts.values.of(self.module, router):
                if isinstance(value, Obj) and value.node is not None:  # a router, which the application includes
                    prefix = next((k.value for k in value.node.keywords if k.arg == "prefix"), none)
                    places.append((self.made.module, app, prefix))
        for module, host, prefix in places:
            found = hosting.hosts.on_host(module, call, host, prefix) if host is not None else []
            if found and found[0].kind != "unknown":
                return found
        return []

    # -- moving

    def _move(self, call: ast.Call) -> None:
        draft = self.draft
        if self.mounts.policy == "gone" and draft.old_path != draft.new_path:
            todo = f"Add a GET route for {draft.old_path or 'it'} that answers 410 with the new address."
            draft.note("MCP608", draft.place, "the old path answers 404", todo)
        if draft.old_path != draft.new_path:
            self.mounts.collisions.before(draft, self.hosts)
        dropped: list[tuple[str, str | None]] = [(k.arg, None) for k in call.keywords if k.arg in self.row["drop"]]  # type: ignore[misc]
        path = self._path(call)
        draft.do(EditCall(self.module.at(call), method=self.new, keywords=(*dropped, *path)))

    def _path(self, call: ast.Call) -> list[tuple[str, str | None]]:
        """The path that the new call must be given; one that is given already is edited where it is written."""
        given = self._given(call, "path")
        old = self._own_path(call, self.row["default"])
        new = self._moved(old)
        if given is None:
            return [(self.row["path"], f'"{new}"')] if new != self.row["becomes"] else []
        if new == old:
            return []
        values = self.mounts.values.of(self.module, given)
        written = [v for v in values if isinstance(v, Const)]
        if len(values) == 1 and written:
            (value,) = written
            source = value.module.source(value.node)
            text = str(value.value)
            self.draft.files.add(value.module.path)
            self.draft.do(
                ReplaceExpr(value.module.at(value.node), source.replace(text, self._moved("/" + text.strip("/"))))
            )
        else:
            self._block("its path is put together from parts", f'Give {self.new} the path "{new}".')
        return []

    # -- both transports

    def _twin(self) -> ast.Call | None:
        """A call of the new method on the same object in the same module."""
        for other in self.module.calls_by_name.get(self.new, ()):
            if isinstance(other.func, ast.Attribute) and self.made in self.mounts.values.of(
                self.module, other.func.value
            ):
                return other
        return None

    def _beside(self, call: ast.Call, twin: ast.Call) -> None:
        """The same server is mounted in the new way already: this call goes where both are always made."""
        module, draft = self.module, self.draft
        draft.rule = "MCP105"
        draft.message = f"{module.source(call.func)} serves SSE beside {self.new}() in line {twin.lineno}"
        routers = {module.source(r) if r is not None else "" for r in (self._given(c, "router") for c in (call, twin))}
        mine, other = module.statement_of(call), module.statement_of(twin)
        together = mine is not other and _one_block(module, mine, other)
        if self.mounts.policy == "keep" and self._plain(call):
            draft.do(ReplaceStmt(module.at(mine), f"{KEPT}\n{module.source(mine)}"))
        elif self._plain(call) and together and len(routers) == 1 and self.mounts.policy != "keep":
            draft.do(RemoveStmt(module.at(mine)))
        else:
            why = f"line {twin.lineno} serves the same over Streamable HTTP already"
            self._block(why, "Remove this call, and whatever chooses it.")

    def _keep(self, call: ast.Call) -> None:
        """Mount it in both ways."""
        module, draft, row = self.module, self.draft, self.row
        statement = module.statement_of(call)
        router = self._given(call, "router")
        old = self._own_path(call, row["default"])
        new = self._moved(old)
        given = [module.source(router)] if router is not None else []
        given += [f'{row["path"]}="{new}"'] if new != row["becomes"] else []
        code = f"{module.source(self.node.value)}.{self.new}({', '.join(given)})"
        if not old or old == new:
            at = [*given[: 1 if router is not None else 0], f'{row["path"]}="{old or self.row["default"]}/http"']
            code = f"{module.source(self.node.value)}.{self.new}({', '.join(at)})"
            self._block("one path can't serve both transports", f"Mount it at another path, too: {code}")
        elif not self._plain(call):
            self._block("it is mounted in the midst of something else", f"Mount it again with {code}.")
        else:
            draft.do(ReplaceStmt(module.at(statement), f"{code}\n{KEPT}\n{module.source(statement)}"))

    def _plain(self, call: ast.Call) -> bool:
        """True for a statement of its own, on an object that has a name."""
        statement = self.module.statement_of(call)
        return isinstance(statement, ast.Expr) and statement.value is call and bool(dotted(self.node.value))


def _where(made: Obj) -> tuple[str, int, int]:
    return made.module.path, getattr(made.node, "lineno", 0), getattr(made.node, "col_offset", 0)


def _one_block(module: Module, one: ast.stmt, other: ast.stmt) -> bool:
    """True for two statements of the same list: whenever one is run, so is the other."""
    lists = [v for _, v in ast.iter_fields(module.parents[one]) if isinstance(v, list)]
    return any(one in v and other in v for v in lists)
