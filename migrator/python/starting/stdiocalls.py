"""Starts whose call can also start stdio, which refuses the arguments of HTTP: what is for HTTP is given to HTTP only."""

from __future__ import annotations

import ast
from collections.abc import Set

from migrator.python.flow.value import Cls, Obj, Value
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import EditCall, Insert, WrapExpr
from migrator.python.starting.splats import stateless_entries
from migrator.python.starting.starts import Start
from migrator.python.unit import Draft
from migrator.python.words.spread import is_spread

OF_HTTP = ("host", "port", "path", "uvicorn_config", "middleware")


def may_be_stdio(project: Project, start: Start, literal: str | None) -> bool:
    """True when the same call can start stdio, which refuses HTTP arguments."""
    if literal is not None:
        return False
    if any(start.keyword(n) is not None for n in OF_HTTP):
        return False  # stdio would have refused those already
    splats = [k.value for k in start.arguments.keywords if k.arg is None] if start.arguments is not None else []
    if any(_holds_http(project, m, e) for m, e, _ in start.words if e in splats):
        return False
    possible = project.starts.possible(start)
    if not possible & {"stdio", "?"} and not _unsaid(start):
        return False
    for test in project.guards.of(start.module, start.node):
        holder = test.module.parents.get(test.node)
        if not isinstance(holder, ast.If) or holder.test is not test.node:
            continue
        if set(test.words) == {"stdio"} and _stands_in(start, holder.body if test.negative else holder.orelse):
            return False
        if "stdio" not in test.words and not test.negative and _stands_in(start, holder.body):
            return False
    return True


def _holds_http(project: Project, module: Module, node: ast.expr) -> bool:
    """True for a dict that always has what stdio refuses: `**vars(parser.parse_args())` with an option --port."""
    if not isinstance(node, ast.Call) or node.keywords:
        return False  # under a name it may have been changed, and exclude_none=True leaves some out
    owners = [o for v in project.values.of(module, node) for o in project.values.dicts.namespace(v)]
    return bool(owners) and all(_has_http(project, module, owner) for owner in owners)


def _has_http(project: Project, module: Module, owner: Value) -> bool:
    if isinstance(owner, Obj) and isinstance(owner.of, Cls):
        return any(n in project.values.classes.scope_of(owner.of).bindings for n in OF_HTTP)
    return any(m is module for n in OF_HTTP for m, _ in project.words.options.get(n, ()))


def _unsaid(start: Start) -> bool:
    """True where the word can be None: then the SDK's own default holds, stdio."""
    return any(trace.unsaid for _, _, trace in start.words)


def _stands_in(start: Start, block: list[ast.stmt]) -> bool:
    return any(outer in block for outer in start.module.ancestors(start.node))


def over_http(test: str) -> str:
    """The dict that a call is given with `**`: stateless where `test` says that it serves HTTP."""
    return f'({{"stateless_http": True}} if {test} else {{}})'


def stateless_unless_stdio(draft: Draft, start: Start, old: Set[str]) -> None:
    """Say stateless_http where the call serves HTTP. old: the words for the old transport."""
    module = start.module
    splats = [k.value for k in start.arguments.keywords if k.arg is None] if start.arguments is not None else []
    splat = next((s for s in splats if any(e is s for _, e, _ in start.words)), splats[0] if splats else None)
    inside = set(ast.walk(start.arguments)) if start.arguments is not None else set()
    held = any(e not in inside or is_spread(m, e) for m, e, _ in start.words)  # only the dict itself tells the word
    given = [(m, e) for m, e, _ in start.words if m is module and _repeatable(e) and not is_spread(m, e)]
    beside = start.arguments is not None and any(
        e in start.arguments.args or any(k.value is e and k.arg for k in start.arguments.keywords)
        for _, e, _ in start.words
    )
    if start.has_splat and not beside and stateless_entries(draft, start, old):
        return
    if start.has_splat and isinstance(splat, ast.Name) and not beside:
        name = splat.id
        test = f'{name}.get("transport") not in (None, "stdio")'
        statement = module.statement_of(start.node)
        draft.do(Insert(module.at(statement), f'if {test}:\n    {name}["stateless_http"] = True'))
        return
    if start.arguments is not None and splat is not None and (held or isinstance(splat, ast.Call)) and not beside:
        name = module.free(start.node, "options", "run_options")
        around(draft, WrapExpr(module.at(splat), f"({name} := ", ")"))
        test = f'{name}.get("transport") not in (None, "stdio")'
        draft.do(EditCall(module.at(start.arguments), splat=over_http(test)))
        return
    other = ' not in (None, "stdio")' if _unsaid(start) else ' != "stdio"'
    inline = [e for m, e, _ in start.words if m is module] if start.arguments is not None else []
    if len(inline) == 1 and not given:
        name = module.free(start.node, "transport", "chosen_transport")
        around(draft, WrapExpr(module.at(inline[0]), f"({name} := ", ")"))
        draft.do(EditCall(module.at(start.arguments), splat=over_http(name + other)))  # type: ignore[arg-type]
        return
    if start.arguments is None or not given:
        draft.block(
            module.place(start.call or start.node),
            "the transport of this start is computed in place, and stdio refuses stateless_http",
            'Assign the transport to a name first, then pass stateless_http=True when it is not "stdio".',
        )
        return
    word = module.source(given[0][1])
    draft.do(EditCall(module.at(start.arguments), splat=over_http(word + other)))


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
