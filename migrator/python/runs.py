"""Decides the starts: `mcp.run(...)` and its relatives, for every SDK generation."""

from __future__ import annotations

import ast
from functools import cached_property

from migrator.python.choosing import Chooser
from migrator.python.declared import Source
from migrator.python.edits import EditCall, EnsureImport, Insert, ReplaceExpr, WrapExpr
from migrator.python.fields import variables_of
from migrator.python.keepruns import keep_run
from migrator.python.leaving import Leaving
from migrator.python.legacy import gone
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rivals import elsewhere
from migrator.python.selector import Test
from migrator.python.serverpaths import address, constructor_paths, selected_by
from migrator.python.snippets import instruction
from migrator.python.splats import drop_keys, stateless_entries
from migrator.python.starts import Start
from migrator.python.typed import admitted
from migrator.python.unit import Draft
from migrator.python.value import Cls, Obj, is_dict, pairs


class Runs:
    """Drafts for every start that can speak SSE."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sdks = project.sdks
        self.words = project.words
        self.values = project.values
        self.leaving = Leaving(project)

    def drafts(self) -> list[Draft]:
        out: list[Draft] = []
        for start in self.starts:
            draft = self.draft(start)
            if draft is not None:
                out.append(draft)
        self.one_generation(out)
        for draft in out:
            self.live_halves(draft)
        return out

    @cached_property
    def starts(self) -> list[Start]:
        return list(self.project.starts.all(self.project.modules))

    def live_halves(self, draft: Draft) -> None:
        """The starts of the same server that speak Streamable HTTP already become stateless too."""
        for start in self.starts:
            if ("server", start.server.origin) in draft.keys and self.is_live_half(start):
                self.live_half(draft, start)

    def one_generation(self, drafts: list[Draft]) -> None:
        """A server that is made by whichever SDK is installed can't be written for both."""
        by_place: dict[object, list[Draft]] = {}
        for draft in drafts:
            by_place.setdefault(draft.place, []).append(draft)
        for same in by_place.values():
            generations = sorted({d.generation for d in same})
            if len(generations) < 2:
                continue
            for draft in same:
                draft.operations.clear()
            same[0].block(
                same[0].place,
                f"the server is of {' or '.join(generations)}, whichever import succeeds, and each takes its options in another place",
                "Decide for one SDK and import only that; then: " + instruction(same[0].generation, same[0].rule),
            )

    # -- which starts

    def draft(self, start: Start) -> Draft | None:
        project = self.project
        literal = project.starts.literal(start)
        tests: list[Test] = []
        old = self.words.old
        if literal is not None:
            if literal not in old:
                return None
            tests = project.guards.of(start.module, start.node)
        elif not (self.speaks_old(start) or self.told_by_file(start)) or project.guards.excludes_old(
            start.module, start.node
        ):
            return None
        else:
            tests = [
                t
                for _, _, trace in start.words
                for c in trace.consts
                if str(c.value).lower() in old
                for t in project.guards.of(c.module, c.node)
            ]
        generation = project.generation(start.server, start.module)
        place = start.module.place(start.call or start.node)
        rule = "MCP101" if literal is not None else "MCP102"
        message = (
            f"{start.module.source(start.node)} serves the deprecated SSE transport"
            if literal is not None
            else f"{start.module.source(start.node)} can be told to serve the deprecated SSE transport"
        )
        draft = Draft(
            name=project.name_of(start.module, start.receiver),
            generation=generation,
            place=place,
            module=start.module,
            rule=rule,
            message=message,
        )
        draft.keys |= {("server", start.server.origin), ("place", place)}
        draft.starts.append((start.module, start.node))
        draft.starts += [(m, e) for m, e, _ in start.words]
        draft.starts += [(c.module, c.node) for _, _, t in start.words for c in t.consts if str(c.value).lower() in old]
        draft.files |= {start.module.path, start.server.module.path}
        project.decide_sessions(draft, start.server.module, start.server)
        keep = project.context.settings.legacy_sse == "keep"
        # two words for two addresses: each goes on meaning its own
        apart = literal is not None and elsewhere(self.words, tests, start.module, start.node)
        chooser = None if keep else project.choose(draft, start.words, [] if apart else tests, literal is None)
        if chooser is None and literal is None and not keep:
            draft.block(
                place,
                "the transport's word can't be followed to where it comes from",
                f'Pass the new word there: "{(self.sdks.fastmcp if draft.generation.startswith("fastmcp") else self.sdks.official)["transport"]}".',
            )
        if apart and not keep and project.context.settings.old_word == "alias":
            said = "print('transport \"sse\" is retired: its address serves Streamable HTTP', file=sys.stderr)"
            draft.do(Insert(start.module.at(start.module.statement_of(start.node)), said))
            draft.do(EnsureImport(start.module.path, "sys"))
        draft.selected_by = selected_by(draft, literal is not None and not tests)
        address(project, draft, start.server, lambda name: self._given(start, name), start.module)
        if self.leaving.goes(draft, start.module, start.node):
            draft.rule = "MCP105"
            if project.context.settings.legacy_sse == "gone":
                gone(draft, start.server, draft.old_path)
            return draft
        self.move(draft, start, literal, chooser)
        return draft

    def _given(self, start: Start, name: str) -> ast.expr | None:
        """The argument by that name, wherever it stands."""
        held = self._splat_holds(start, name) if (found := start.own(name)) is None else None
        if found is None and held is None and name in ("host", "port") and start.arguments is not None:
            splats = [k.value for k in start.arguments.keywords if k.arg is None]
            unread = [s for s in splats if not all(is_dict(v) for v in self.values.of(start.module, s))]
            return unread[0] if unread else None  # it can be in there
        return held[1] if held is not None else found

    def speaks_old(self, start: Start) -> bool:
        """True when the old word can reach the start."""
        possible = self.project.starts.possible(start)
        if possible & self.words.old:
            return not self.normalised(start)
        if "?" not in possible:
            return False
        for module, node, trace in start.words:
            typed = admitted(self.words, module, node)
            for source in trace.sources:
                if self.words.accepted(source) is None and source.name:
                    if self.guarded_against(trace.keys) or (typed and not typed & self.words.old):
                        continue
                    if typed:
                        return not self.normalised(start)
                    if any(set(t.words) & self.words.old for t in self.words.tests_of(trace.keys)):
                        return not self.normalised(start)
                    argument = source.kind == "argv" and self.project.evidence_of_argument(source.module.path)
                    if argument or any(self.project.evidence(n) for n in (source.name, *self.variables(source))):
                        return not self.normalised(start)
        return False

    def told_by_file(self, start: Start) -> bool:
        """True for `run(**config["server"])` where a file that the code names, or a model, can give the old word."""
        if start.words or start.options or start.arguments is None:
            return False
        splats = [k.value for k in start.arguments.keywords if k.arg is None]
        for splat in splats:
            owners = [o for v in self.values.of(start.module, splat) for o in self.values.dicts.namespace(v)]
            given = [v for o in owners for v in self.values.attribute(o, "transport", start.module, splat)]
            trace = self.words.gather(given, start.module)
            admitted = [self.words.accepted(s) or set() for s in trace.sources]
            if trace.words().union(*admitted) & self.words.old:
                return True
        return bool(splats) and self.project.evidence_in_named_file(start.module)

    def variables(self, source: Source) -> tuple[str, ...]:
        """The environment variables that fill a settings class's field."""
        if source.kind != "slot":
            return ()
        return variables_of(self.values, Cls(source.module, source.node), source.name)

    def guarded_against(self, keys: frozenset[object]) -> bool:
        """True when the code rejects every word outside a list that lacks the old one."""
        for test in self.words.tests_of(keys):
            if test.negative and test.holder is not None and not set(test.words) & self.words.old:
                return True
        return False

    def normalised(self, start: Start) -> bool:
        """True when the code already gives the old word its new meaning before the start sees it."""
        return bool(start.words) and all(self.excludes_old(m, e) for m, e, _ in start.words)

    def excludes_old(self, module: object, node: ast.expr) -> bool:
        """True when the expression can't be the old word: our helper, or code of the same shape."""
        from migrator.python.aliases import excludes

        return excludes(self.values, self.words, module, node)  # type: ignore[arg-type]

    def is_live_half(self, start: Start) -> bool:
        literal = self.project.starts.literal(start)
        return literal in self.words.new or (start.method == "run_http_async" and literal == "http")

    # -- moving

    def move(self, draft: Draft, start: Start, literal: str | None, chooser: Chooser | None) -> None:
        policy = self.project.context.settings.legacy_sse
        if policy == "keep":
            keep_run(self.project, draft, start, literal)
            return
        if policy == "gone":
            gone(draft, start.server, draft.old_path)
        if draft.generation == "official-1":
            self.official_1(draft, start)
        elif draft.generation == "official-2":
            self.official_2(draft, start, literal)
        else:
            self.fastmcp(draft, start, literal, chooser)

    def official_1(self, draft: Draft, start: Start) -> None:
        project = self.project
        if start.method in self.sdks.run_sse_methods:
            draft.do(self._rename(start, "run_streamable_http_async", drop=("mount_path",)))
        elif start.arguments is not None and start.keyword("mount_path") is not None:
            draft.do(EditCall(start.module.at(start.arguments), keywords=(("mount_path", None),)))
        project.stateless_constructor(draft, start.server, start.module, start.receiver)
        constructor_paths(project, draft, start.server, "streamable_http_path")

    def _rename(
        self, start: Start, name: str, keywords: tuple[tuple[str, str | None], ...] = (), drop: tuple[str, ...] = ()
    ) -> EditCall | ReplaceExpr:
        module = start.module
        if start.call is None:
            return ReplaceExpr(module.at(start.node), f"{module.source(start.node.value)}.{name}")
        positional = tuple((i, None) for i in range(len(start.call.args))) if "mount_path" in drop else ()
        dropped = tuple((d, None) for d in drop if start.keyword(d) is not None)
        return EditCall(module.at(start.call), method=name, keywords=(*keywords, *dropped), positional=positional)

    def official_2(self, draft: Draft, start: Start, literal: str | None) -> None:
        keywords: list[tuple[str, str | None]] = []
        if start.keyword("sse_path") is not None and draft.new_path != "/mcp":
            keywords.append(("streamable_http_path", f'"{draft.new_path}"'))
        keywords += [(n, None) for n in ("sse_path", "message_path") if start.keyword(n) is not None]
        drop_keys(draft, start, ("sse_path", "message_path"))
        if draft.stateless and start.keyword("stateless_http") is None:
            keywords.append(("stateless_http", "True"))
        if start.method in self.sdks.run_sse_methods:
            draft.do(self._reference(draft, start, "run_streamable_http_async", keywords))
        elif keywords:
            self._edit(draft, start, keywords)

    def _reference(
        self, draft: Draft, start: Start, name: str, keywords: list[tuple[str, str | None]]
    ) -> EditCall | ReplaceExpr:
        """`anyio.run(mcp.run_sse_async)`: named, not called; a lambda carries the new arguments."""
        module = start.module
        if start.call is None and start.arguments is None:
            given = ", ".join(f"{k}={v}" for k, v in keywords if v is not None)
            receiver = module.source(start.receiver)
            if not given:
                return ReplaceExpr(module.at(start.node), f"{receiver}.{name}")
            return ReplaceExpr(module.at(start.node), f"lambda: {receiver}.{name}({given})")
        if start.call is None and start.arguments is not None:
            self._edit(draft, start, keywords)
            return ReplaceExpr(module.at(start.node), f"{module.source(start.receiver)}.{name}")
        return self._rename(start, name, tuple(keywords))

    def _edit(self, draft: Draft, start: Start, keywords: list[tuple[str, str | None]]) -> None:
        if start.arguments is None and start.given is not None and all(v is not None for _, v in keywords):
            before = f"partial({start.module.source(start.node)}, "
            draft.do(
                ReplaceExpr(start.module.at(start.node), before + ", ".join(f"{k}={v}" for k, v in keywords) + ")")
            )
            draft.do(EnsureImport(start.module.path, "functools", "partial"))
            return
        if start.arguments is None:
            draft.block(
                start.module.place(start.node),
                f"{start.module.source(start.node)} is handed on without being called, so its arguments can't be given here",
                f"Call it: lambda: {start.module.source(start.node)}("
                + ", ".join(f"{k}={v}" for k, v in keywords if v is not None)
                + ")",
            )
            return
        draft.do(EditCall(start.module.at(start.arguments), keywords=tuple(keywords)))

    def fastmcp(self, draft: Draft, start: Start, literal: str | None, chooser: Chooser | None) -> None:
        keywords: list[tuple[str, str | None]] = []
        path = start.keyword("path")
        splatted = self._splat_holds(start, "path") if path is None else None
        if path is not None:
            text = self.project.text(start.module, path)
            if text != draft.new_path:
                if isinstance(path, ast.Constant):
                    keywords.append(("path", f'"{draft.new_path}"'))
                else:
                    self._move_path_constants(draft, start.module, path)
        elif splatted is not None:
            self._move_path_constants(draft, *splatted)
        elif draft.new_path != "/mcp" and not start.has_splat:
            keywords.append(("path", f'"{draft.new_path}"'))
        if start.keyword("message_path") is not None:
            keywords.append(("message_path", None))
        drop_keys(draft, start, ("message_path",))
        constructor_paths(self.project, draft, start.server, "")
        if start.method in self.sdks.run_sse_methods:
            if draft.stateless:
                keywords.append(("stateless_http", "True"))
            draft.do(self._reference(draft, start, "run_http_async", keywords))
            return
        if not self._says_itself(draft, start) and draft.stateless:
            if self.may_be_stdio(start, literal):
                self._conditional(draft, start, keywords)
            else:
                keywords.append(("stateless_http", "True"))
        if keywords:
            self._edit(draft, start, keywords)

    def _move_path_constants(self, draft: Draft, module: Module, path: ast.expr) -> None:
        for value in self.words.trace(module, path).consts:
            if isinstance(value.value, str) and value.value.rstrip("/").endswith("/sse"):
                new = self.project.moved(value.value)
                draft.do(ReplaceExpr(value.module.at(value.node), f'"{new}"'))
                draft.files.add(value.module.path)

    def _splat_holds(self, start: Start, name: str) -> tuple[Module, ast.expr] | None:
        """What a dict that the start is given holds under a name, and in which module that stands."""
        for display in start.options:
            assert isinstance(display.node, ast.Dict)
            for k, v in zip(display.node.keys, display.node.values, strict=True):
                if isinstance(k, ast.Constant) and k.value == name:
                    return display.module, v
            for v in self.values.stores.items(display, {name}):
                return display.module, v
        if start.arguments is not None:
            for keyword in start.arguments.keywords:
                for value in self.values.of(start.module, keyword.value) if keyword.arg is None else ():
                    if isinstance(value, Obj) and is_dict(value):
                        for key, given in pairs(value):
                            if key == name:
                                return value.module, given
                if keyword.arg is None and isinstance(keyword.value, ast.Name):
                    for v in self.values.stores.of_names(start.module, keyword.value, {keyword.value.id}, {name}):
                        return start.module, v
        return None

    def _says_itself(self, draft: Draft, start: Start) -> bool:
        """True when the call, or a dict that it is given, speaks of statelessness already; then that is dealt with."""
        explicit = start.keyword("stateless_http") or start.keyword("stateless")
        splat = self._splat_holds(start, "stateless_http") if explicit is None else None
        if explicit is not None:
            self._explicit(draft, start.module, explicit)
        elif splat is not None:
            self._splatted(draft, *splat)
        return explicit is not None or splat is not None

    def _explicit(self, draft: Draft, module: Module, node: ast.expr) -> None:
        """An expression of the user's own for statelessness is kept and reported; a plain False is not one."""
        text = self.project.text(module, node)
        if isinstance(node, ast.Constant) and node.value is False and draft.stateless:
            draft.do(ReplaceExpr(module.at(node), "True"))
            draft.files.add(module.path)
        elif text != "True":
            draft.decided_by(module, node, "stateless_http")

    def _splatted(self, draft: Draft, module: Module, node: ast.expr) -> None:
        """As _explicit, for `**({"stateless_http": True} if settings.stateless else {})`: its condition decides."""
        choice = module.parents.get(module.parents.get(node, node))
        words = {"stdio", "http", "streamable-http", "streamable_http", "sse"}
        if isinstance(choice, ast.IfExp) and not any(
            isinstance(n, ast.Constant) and n.value in words for n in ast.walk(choice.test)
        ):
            node = choice.test  # one that asks for the transport's word only keeps stdio from the argument
        self._explicit(draft, module, node)

    def may_be_stdio(self, start: Start, literal: str | None) -> bool:
        """True when the same call can start stdio, which refuses HTTP arguments."""
        if literal is not None:
            return False
        if any(start.keyword(n) is not None for n in ("host", "port", "path", "uvicorn_config", "middleware")):
            return False  # stdio would have refused those already
        possible = self.project.starts.possible(start)
        if not possible & {"stdio", "?"}:
            return False
        for test in self.project.guards.of(start.module, start.node):
            if set(test.words) == {"stdio"} and self._in_else(start, test):
                return False
            holder = test.module.parents.get(test.node)
            if (
                isinstance(holder, ast.If)
                and holder.test is test.node
                and "stdio" not in test.words
                and not test.negative
            ):
                if self._in_body(start, holder):
                    return False
        return True

    def _in_body(self, start: Start, holder: ast.If) -> bool:
        inner: ast.AST = start.node
        for outer in start.module.ancestors(start.node):
            if outer is holder:
                return inner in holder.body
            inner = outer
        return False

    def _in_else(self, start: Start, test: Test) -> bool:
        holder = test.module.parents.get(test.node)
        if not isinstance(holder, ast.If) or holder.test is not test.node:
            return False
        inner: ast.AST = start.node
        for outer in start.module.ancestors(start.node):
            if outer is holder:
                return inner in (holder.body if test.negative else holder.orelse)
            inner = outer
        return False

    def _conditional(self, draft: Draft, start: Start, keywords: list[tuple[str, str | None]]) -> None:
        """stateless_http for HTTP only: the same call can start stdio, which refuses the argument."""
        module = start.module
        given = [(m, e) for m, e, _ in start.words if m is module and _repeatable(e)]
        splat = next((k.value for k in start.arguments.keywords if k.arg is None), None) if start.arguments else None
        beside = start.arguments is not None and any(
            e in start.arguments.args or any(k.value is e for k in start.arguments.keywords) for _, e, _ in start.words
        )
        if start.has_splat and not beside and stateless_entries(draft, start, self.words.old):
            return
        if start.has_splat and isinstance(splat, ast.Name) and not beside:
            name = splat.id
            test = f'{name}.get("transport") not in (None, "stdio")'
            statement = module.statement_of(start.node)
            draft.do(Insert(module.at(statement), f'if {test}:\n    {name}["stateless_http"] = True'))
            return
        if start.arguments is not None and isinstance(splat, ast.Call) and not beside:
            name = "options" if "options" not in module.scope_of(start.node).bindings else "run_options"
            around(draft, WrapExpr(module.at(splat), f"({name} := ", ")"))
            test = f'{name}.get("transport") not in (None, "stdio")'
            draft.do(EditCall(module.at(start.arguments), splat=f'({{"stateless_http": True}} if {test} else {{}})'))
            return
        inline = [e for m, e, _ in start.words if m is module] if start.arguments is not None else []
        if len(inline) == 1 and not given:
            name = "transport" if "transport" not in module.scope_of(start.node).bindings else "chosen_transport"
            around(draft, WrapExpr(module.at(inline[0]), f"({name} := ", ")"))
            draft.do(
                EditCall(
                    module.at(start.arguments),  # type: ignore[arg-type]
                    splat=f'({{"stateless_http": True}} if {name} != "stdio" else {{}})',
                )
            )
            return
        if start.arguments is None or not given:
            draft.block(
                module.place(start.call or start.node),
                "the transport of this start is computed in place, and stdio refuses stateless_http",
                'Assign the transport to a name first, then pass stateless_http=True when it is not "stdio".',
            )
            return
        word = module.source(given[0][1])
        draft.do(
            EditCall(
                module.at(start.arguments),
                splat=f'({{"stateless_http": True}} if {word} != "stdio" else {{}})',
            )
        )

    def live_half(self, draft: Draft, start: Start) -> None:
        """A start of the same server that speaks Streamable HTTP already: made stateless by the same rules."""
        if draft.generation == "official-1":
            self.project.stateless_constructor(draft, start.server, start.module, start.receiver)
            return
        if not draft.stateless:
            return
        if start.arguments is None:
            self._edit(draft, start, [("stateless_http", "True")])
            draft.files.add(start.module.path)
            return
        if not self._says_itself(draft, start):
            draft.do(EditCall(start.module.at(start.arguments), keywords=(("stateless_http", "True"),)))
        draft.files.add(start.module.path)


def around(draft: Draft, wrap: WrapExpr) -> None:
    """Put something around an expression, and around what the draft puts around it already."""
    for i, operation in enumerate(draft.operations):
        if isinstance(operation, WrapExpr) and operation.at == wrap.at:
            draft.operations[i] = WrapExpr(wrap.at, wrap.before + operation.before, operation.after + wrap.after)
            return
    draft.do(wrap)


def _repeatable(node: ast.expr) -> bool:
    """True for an expression that can be written twice: a name, an attribute, a constant index."""
    if isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.Attribute):
        return _repeatable(node.value)
    return isinstance(node, ast.Subscript) and _repeatable(node.value) and isinstance(node.slice, ast.Constant)
