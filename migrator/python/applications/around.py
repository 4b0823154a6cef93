"""What stands around a server and has to know about the move: CORS headers, lifespans, host checks."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from migrator.python.applications.launched import launched
from migrator.python.applications.wrappers import lifespan_through
from migrator.python.flow.value import Const, Display, Func
from migrator.python.functions import walk_own
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.rewrite.edits import EditCall, EditElements, Operation, ReplaceExpr, WrapExpr
from migrator.python.sdk import Server
from migrator.python.unit import KEPT, Draft

if TYPE_CHECKING:
    from migrator.python.project import Project

BUILT = ("MCP103", "MCP104", "MCP105")  # servers whose application the project makes itself


def cors(project: Project, drafts: list[Draft], table: dict[str, Any]) -> None:
    """Browsers must be allowed to send and read the headers of Streamable HTTP."""
    named = list(_naming(project, drafts, "CORSMiddleware"))
    for draft in drafts:
        for module in [m for m in named if _is_around(project, draft, m)]:
            for call in module.calls:
                if any(_is_cors(project, module, a) for a in (call.func, *call.args[:1])):
                    _cors_call(project, draft, module, call, table)


def _naming(project: Project, drafts: list[Draft], *words: str) -> Iterable[Module]:
    """Modules that name one of the words, of those that can be around one of the servers: no other is parsed for it."""
    near: set[str] = set()
    for draft in drafts:
        loaded = project.code.loaded(draft.files)
        near |= draft.files | project.code.importers(draft.files)
        near |= {path for m in loaded for path in project.code.imported(m)}
    return {m.path: m for w in words for m in project.code.mentioning(w, tests=False, within=near)}.values()


def _is_around(project: Project, draft: Draft, module: Module) -> bool:
    """True for files of the server, what imports them, and what they import that makes no application of its own."""
    if module.path in draft.files:
        return True
    imported = set(project.code.imported(module))
    if imported & draft.files:
        return True
    makes = any(project.asgi.applications & project.values.names(module, c.func) for c in module.calls)
    return not makes and any(module.path in project.code.imported(m) for m in project.code.loaded(sorted(draft.files)))


def served(project: Project, drafts: list[Draft]) -> None:
    """What serves an application has to run its lifespan, once: SSE needed none, Streamable HTTP answers 500 without."""
    needing = [d for d in drafts if d.rule in BUILT and not d.blocks and (d.rule != "MCP104" or _has_lifespan(d))]
    launched(project, needing, project.context.rules.toml("sdks/asgi.toml")["launched"])
    modules = list(_naming(project, needing, "lifespan", "Mangum", "scope"))
    for draft in needing:
        for module in [m for m in modules if _is_around(project, draft, m)]:
            lifespan_through(project.values, project.asgi, draft, module)
            for call in module.calls:
                names = project.values.names(module, call.func)
                given = (
                    next((k.value for k in call.keywords if k.arg == "lifespan"), None)
                    if names & project.asgi.servers
                    else None
                )
                off = isinstance(given, ast.Constant) and given.value == "off"
                if names & project.asgi.per_event:
                    runs = (
                        "runs no lifespan here, and otherwise one for each event"
                        if off
                        else "runs the application's lifespan for each event"
                    )
                    draft.block(
                        module.place(call),
                        f"Mangum {runs}, and a session manager runs only once: from the second event on every request would fail",
                        "Make server, application and Mangum for each event: def handler(event, context): "
                        "return Mangum(make_app())(event, context), where make_app() makes the server, too.",
                        step="wire",
                    )
                elif off and given is not None:
                    draft.do(ReplaceExpr(module.at(given), '"auto"'))
                    draft.files.add(module.path)


def _has_lifespan(draft: Draft) -> bool:
    """True when a lifespan runs the session manager, and not each request one of its own."""
    return any(
        "lifespan" in code
        for o in draft.operations
        for code in (getattr(o, "code", ""), str(getattr(o, "keywords", "")))
        if code
    )


def _is_cors(project: Project, module: Module, node: ast.expr) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    return bool(project.asgi.cors & project.values.names(module, node))


def _cors_call(project: Project, draft: Draft, module: Module, call: ast.Call, table: dict[str, Any]) -> None:
    if any(k.arg is None for k in call.keywords):
        return
    given = {k.arg: k.value for k in call.keywords}
    edits: list[Operation] = []
    absent: list[tuple[str, str]] = []
    for name in ("allow_headers", "expose_headers"):
        value, listed = given.get(name), ", ".join(f'"{h}"' for h in table[name])
        if value is None:
            absent.append((name, f"[{listed}]"))
        else:
            edits += _listing(module, value, _missing(project, module, value, table[name]))
    if absent:
        edits.append(EditCall(module.at(call), keywords=tuple(absent)))
    methods = given.get("allow_methods")
    if methods is not None and (isinstance(methods, ast.List | ast.Tuple) or _known(project, module, methods)):
        wanted = ["POST"] if draft.stateless else ["POST", "DELETE"]
        edits += _listing(module, methods, _missing(project, module, methods, wanted))
    above = {module.at(a) for a in module.ancestors(call) if isinstance(a, ast.expr)}
    if edits and any(isinstance(o, ReplaceExpr) and o.at in above for o in draft.operations):
        listed = " and ".join(f"{name} {', '.join(table[name])}" for name in ("allow_headers", "expose_headers"))
        told = "CORS doesn't let browsers send and read the MCP headers where this application is made now"
        draft.note("MCP606", module.place(call), told, f"Add to its {listed}; and allow_methods must hold POST.")
    elif edits:
        draft.do(*edits)
        draft.files.add(module.path)
        draft.note("MCP606", module.place(call), "CORS now lets browsers send and read the MCP headers")


def _missing(project: Project, module: Module, value: ast.expr, wanted: list[str]) -> list[str]:
    """Those of the wanted texts that a list (also one with a name) doesn't hold; all of them when it can't be told."""
    listed = value.elts if isinstance(value, ast.List | ast.Tuple) else _known(project, module, value)
    present = {str(e.value).lower() for e in listed if isinstance(e, ast.Constant)}
    return [] if "*" in present else [text for text in wanted if text.lower() not in present]


def _known(project: Project, module: Module, value: ast.expr) -> list[ast.expr]:
    """What is in the lists that an expression can be."""
    out: list[ast.expr] = []
    for found in project.values.of(module, value):
        if isinstance(found, Display) and isinstance(found.node, ast.List | ast.Tuple | ast.Set):
            out += found.node.elts
        elif isinstance(found, Const) and isinstance(found.node, ast.expr):
            out.append(found.node)
    return out


def _listing(module: Module, value: ast.expr, more: list[str]) -> list[Operation]:
    """Put more texts into a list; one that is made elsewhere stays as it is, and a longer one is given."""
    texts = tuple(f'"{text}"' for text in more)
    if not texts:
        return []
    if isinstance(value, ast.List | ast.Tuple):
        return [EditElements(module.at(value), append=texts)]
    before, after = ("", "") if isinstance(value, ast.Name | ast.Attribute | ast.Call) else ("(", ")")
    return [WrapExpr(module.at(value), f"[*{before}", f"{after}, {', '.join(texts)}]")]


def lifespan(project: Project, draft: Draft, server: Server, table: dict[str, Any]) -> None:
    """Official 1.x, stateless: the server's own lifespan now runs for every request."""
    if draft.generation != "official-1" or not draft.stateless or server.ctor is None:
        return
    given = project.ctor_argument(server, "lifespan")
    if given is None or (isinstance(given, ast.Constant) and given.value is None):
        return
    place = server.module.place(given)
    for value in project.values.of(server.module, given):
        if isinstance(value, Func) and isinstance(value.node, FunctionNode):
            for node in walk_own(value.node):
                if isinstance(node, ast.Call):
                    name = value.module.source(node.func).rpartition(".")[2]
                    if name in table["starts"] and project.context.settings.mode == "auto":
                        where = value.module.place(node)
                        draft.stateless = False
                        draft.session_reasons.append(
                            f"{where} {name}: the server's lifespan starts it, and on mcp 1.x a stateless server's lifespan runs for every request"
                        )
                        draft.note(
                            "MCP602",
                            where,
                            f"{name} is started by the server's lifespan, which would run for every request{KEPT}",
                            "Start it in the lifespan of the ASGI application (or at module level) and run again with --mode stateless.",
                        )
                        return
    written = _writes_lifespan_state(project, server)
    if written is not None and project.context.settings.mode == "auto":
        draft.stateless = False
        draft.session_reasons.append(
            f"{written} tools write into the lifespan's state, which a stateless server makes anew for every request"
        )
        draft.note("MCP602", place, f"tools write into the lifespan's state{KEPT}")
        return
    made = [v for v in project.values.of(server.module, given) if isinstance(v, Func)]
    if made and all(_opens_nothing(v, frozenset(table["told"])) for v in made):
        return
    draft.note(
        "MCP602",
        place,
        "this lifespan ran once per client session and now runs once per request (mcp 1.x, stateless)",
        "Open what is costly once: at module level, or in the lifespan of the ASGI application, and let this lifespan hand it out.",
    )


def _opens_nothing(lifespan: Func, told: frozenset[str]) -> bool:
    """True for a lifespan that calls nothing but what writes a line: running it again and again changes nothing."""
    if not isinstance(lifespan.node, FunctionNode):
        return False
    nodes = list(walk_own(lifespan.node))
    calls = [n for n in nodes if isinstance(n, ast.Call) and n not in lifespan.node.decorator_list]
    entered = any(isinstance(n, ast.With | ast.AsyncWith | ast.Await) for n in nodes)
    return not entered and all(dotted(c.func).rpartition(".")[2] in told for c in calls)


def _writes_lifespan_state(project: Project, server: Server) -> str | None:
    reach = project.code.reachable(server.module)
    for module in project.modules:
        if module.path not in reach or "lifespan_context" not in module.text:
            continue
        for node in module.nodes:
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AugAssign)
                else []
            )
            for target in targets:
                if isinstance(target, ast.Attribute | ast.Subscript) and "lifespan_context" in module.source(
                    target.value
                ):
                    return str(module.place(node))
    return None
