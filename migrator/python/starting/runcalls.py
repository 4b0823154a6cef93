"""What a start's call becomes, in each SDK generation's way to serve Streamable HTTP."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.flow.value import is_dict
from migrator.python.module import Module, dotted
from migrator.python.pathreads import read_new_path
from migrator.python.project import Project
from migrator.python.rewrite.edits import EditCall, EnsureImport, Insert, ReplaceExpr
from migrator.python.serverpaths import constructor_paths, is_odd_constant, move_path_constants, move_path_entry
from migrator.python.starting.splats import drop_keys, entry_of
from migrator.python.starting.starts import Start
from migrator.python.starting.stdiocalls import may_be_stdio, stateless_unless_stdio
from migrator.python.unit import Draft

Keywords = list[tuple[str, str | None]]


class RunCalls:
    """Writes the calls of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sdks = project.sdks
        self.words = project.words
        self.values = project.values

    def rewrite(self, draft: Draft, start: Start, literal: str | None) -> None:
        """The start serves the new transport. literal: the word that it says, None for one that it is told."""
        if draft.generation == "official-1":
            self.official_1(draft, start)
        elif draft.generation == "official-2":
            self.official_2(draft, start)
        else:
            self.fastmcp(draft, start, literal)

    def official_1(self, draft: Draft, start: Start) -> None:
        """A start in the spelling of the official SDK 1.x: options go into the constructor."""
        project = self.project
        if start.method in self.sdks.run_sse_methods:
            draft.do(self._rename(start, "run_streamable_http_async", drop=("mount_path",)))
        holder = (start.arguments or start.given) if start.call is None else start.call
        if holder is not None and (start.call is None or start.method not in self.sdks.run_sse_methods):
            named = [k.arg for k in holder.keywords if k.arg == "mount_path"]
            behind = start.node in holder.args and start.method in self.sdks.run_sse_methods  # partial(run, mount_path)
            first = holder.args.index(start.node) + 1 if behind else len(holder.args)
            given = tuple((i, None) for i in range(first, len(holder.args)))
            if named or given:
                keywords = tuple((n, None) for n in named if n)
                draft.do(EditCall(start.module.at(holder), keywords=keywords, positional=given))
        project.stateless.constructor(draft, start.server, start.module, start.receiver)
        constructor_paths(project, draft, start.server, "streamable_http_path")
        read_new_path(project, draft, start.server)

    def official_2(self, draft: Draft, start: Start) -> None:
        """A start in the spelling of the official SDK 2.x: options go into run()."""
        keywords: Keywords = []
        path = start.keyword("sse_path")
        if draft.path_code or draft.new_path != "/mcp":
            keywords.append(("streamable_http_path", draft.path_text(draft.new_path)))
            if draft.path_code and path is not None:
                move_path_constants(self.project, draft, start.module, path)
        keywords += [(n, None) for n in ("sse_path", "message_path") if start.keyword(n) is not None]
        drop_keys(draft, start, ("sse_path", "message_path"))
        if draft.stateless and start.keyword("stateless_http") is None:
            keywords.append(("stateless_http", "True"))
        if start.method in self.sdks.run_sse_methods:
            draft.do(self._reference(draft, start, "run_streamable_http_async", keywords))
        elif keywords:
            self._edit(draft, start, keywords)

    def fastmcp(self, draft: Draft, start: Start, literal: str | None) -> None:
        """A start in the spelling of fastmcp; `literal` is the transport word where it is written out."""
        keywords: Keywords = []
        path = start.keyword("path")
        splatted = entry_of(self.values, start, "path") if path is None else None
        if path is not None:
            text = self.project.text(start.module, path)
            if text != draft.new_path:
                if isinstance(path, ast.Constant) or is_odd_constant(self.project, start.module, path):
                    keywords.append(("path", f'"{draft.new_path}"'))
                elif draft.path_code not in ("", start.module.source(path)):
                    keywords.append(("path", draft.path_code))
                move_path_constants(self.project, draft, start.module, path)
        elif splatted is not None:
            move_path_entry(self.project, draft, *splatted, draft.new_path)
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
            if start.assigned:
                self._stateless_setting(draft, start)
            elif may_be_stdio(self.project, start, literal):
                stateless_unless_stdio(draft, start, self.words.old)
            else:
                keywords.append(("stateless_http", "True"))
        if keywords:
            self._edit(draft, start, keywords)

    def _stateless_setting(self, draft: Draft, start: Start) -> None:
        """Beside what chooses the transport, where that is a setting of the SDK's own: without it the start is on stdio."""
        setting = self.sdks.fastmcp["setting"]
        for module, statement in start.assigned:
            if isinstance(statement, ast.Call):
                self._block_default(draft, module, statement)
                continue
            target = statement.targets[0]
            if isinstance(target, ast.Attribute):
                code = f"{module.source(target.value)}.{setting['stateless_attribute']} = True"
            elif isinstance(target, ast.Subscript):
                code = f'{module.source(target.value)}["{setting["stateless_variable"]}"] = "true"'
            else:
                continue
            draft.do(Insert(module.at(statement), code))
            draft.files.add(module.path)

    def _block_default(self, draft: Draft, module: Module, call: ast.Call) -> None:
        """`setdefault(NAME, "sse")`: the old word from outside would end a start that is stateless."""
        setting = self.sdks.fastmcp["setting"]
        environ, name = module.source(call.func).rpartition(".")[0], module.source(call.args[0])
        draft.block(
            module.place(call),
            f"{setting['variable']} may be set outside, where the old word would not be heard any more",
            f'Write {environ}[{name}] = "http" and {environ}["{setting["stateless_variable"]}"] = "true" in its place.',
        )

    def live_half(self, draft: Draft, start: Start) -> None:
        """A start of the same server that speaks Streamable HTTP already: made stateless by the same rules."""
        if draft.generation == "official-1":
            self.project.stateless.constructor(draft, start.server, start.module, start.receiver)
            return
        if not draft.stateless:
            return
        if start.arguments is None:
            self._edit(draft, start, [("stateless_http", "True")])
            draft.files.add(start.module.path)
            return
        if self._says_itself(draft, start):
            pass
        elif draft.generation != "official-2" and may_be_stdio(self.project, start, self.project.starts.literal(start)):
            stateless_unless_stdio(draft, start, self.words.old)
        else:
            draft.do(EditCall(start.module.at(start.arguments), keywords=(("stateless_http", "True"),)))
        draft.files.add(start.module.path)

    # -- edits

    def _rename(
        self, start: Start, name: str, keywords: tuple[tuple[str, str | None], ...] = (), drop: tuple[str, ...] = ()
    ) -> EditCall | ReplaceExpr:
        module = start.module
        if start.call is None:
            return ReplaceExpr(module.at(start.node), f"{module.source(start.node.value)}.{name}")
        positional = tuple((i, None) for i in range(len(start.call.args))) if "mount_path" in drop else ()
        dropped = tuple((d, None) for d in drop if start.keyword(d) is not None)
        return EditCall(module.at(start.call), method=name, keywords=(*keywords, *dropped), positional=positional)

    def _reference(self, draft: Draft, start: Start, name: str, keywords: Keywords) -> EditCall | ReplaceExpr:
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

    def _edit(self, draft: Draft, start: Start, keywords: Keywords) -> None:
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
        first = {k.arg for k in start.held.keywords} if start.held is not None else set()
        for call, names in ((start.held, first), (start.arguments, {n for n, _ in keywords} - first)):
            if call is not None and any(n in names for n, _ in keywords):
                draft.do(EditCall(start.module.at(call), keywords=tuple(k for k in keywords if k[0] in names)))

    # -- arguments, wherever they stand

    def argument(self, start: Start, name: str) -> ast.expr | None:
        """The argument by that name, wherever it stands."""
        held = entry_of(self.values, start, name) if (found := start.own(name)) is None else None
        if found is None and held is None and name in ("host", "port") and start.arguments is not None:
            given = [start.arguments.keywords, *(c.keywords for c in self._completing(start))]
            found = next((k.value for keywords in given for k in keywords if k.arg == name), None)
            if found is not None:
                return found
            splats = [k.value for keywords in given for k in keywords if k.arg is None]
            unread = [s for s in splats if not all(is_dict(v) for v in self.values.of(start.module, s))]
            return unread[0] if unread else None  # it can be in there
        return held[1] if held is not None else found

    @staticmethod
    def _completing(start: Start) -> Iterator[ast.Call]:
        """The calls that give a held start the rest: `go = partial(mcp.run, "sse")`, then `go(**options)`."""
        module = start.module
        held = module.parents.get(start.arguments) if start.call is None and start.arguments is not None else None
        for target in held.targets if isinstance(held, ast.Assign) else ():
            calls = module.calls_by_name.get(dotted(target).rpartition(".")[2], ())
            yield from (c for c in calls if dotted(c.func) == dotted(target))

    def _says_itself(self, draft: Draft, start: Start) -> bool:
        """True when the call, or a dict that it is given, speaks of statelessness already; then that is dealt with."""
        explicit = start.keyword("stateless_http") or start.keyword("stateless")
        splat = entry_of(self.values, start, "stateless_http") if explicit is None else None
        if explicit is not None:
            self._explicit(draft, start.module, explicit)
        elif splat is not None:
            self._splatted(draft, *splat)
        return explicit is not None or splat is not None

    def _explicit(self, draft: Draft, module: Module, node: ast.expr) -> None:
        if draft.stateless:
            self.project.stateless.said(draft, module, node)

    def _splatted(self, draft: Draft, module: Module, node: ast.expr) -> None:
        """As _explicit, for `**({"stateless_http": True} if settings.stateless else {})`: its condition decides."""
        choice = module.parents.get(module.parents.get(node, node))
        words = {"stdio", "http", "streamable-http", "streamable_http", "sse"}
        if isinstance(choice, ast.IfExp) and not any(
            isinstance(n, ast.Constant) and n.value in words for n in ast.walk(choice.test)
        ):
            node = choice.test  # one that asks for the transport's word only keeps stdio from the argument
        self._explicit(draft, module, node)
