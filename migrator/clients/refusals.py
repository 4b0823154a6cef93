"""Tests that a moved server refuses whoever brings no credential: `assert http.get("/sse").status_code == 401`.

Such a test goes on holding on the new path. It posts there: a stateless endpoint answers 405 to a GET, whoever asks.
"""

from __future__ import annotations

import ast

from migrator.python.functions import last_name
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import EditCall

_REFUSED = {401, 403}


def refusal(module: Module, node: ast.expr, old: str, new: str) -> EditCall | None:
    """The edit of the request for the path `old` that is expected to be refused; None for any other use of it."""
    call = module.parents[node]
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not new:
        return None
    if call.func.attr not in ("get", "post") or not call.args or call.args[0] is not node:
        return None
    source = module.source(node)
    if source.count(old) != 1 or not _refused(module, call) or any(map(_speaks_sse, module.calls)):
        return None
    method = "post" if call.func.attr == "get" else None
    return EditCall(module.at(call), method=method, positional=((0, source.replace(old, new)),))


def _speaks_sse(call: ast.Call) -> bool:
    """True for what makes an application over SSE: the test's own goes on speaking it."""
    if last_name(call.func) in ("sse_app", "create_sse_app", "SseServerTransport"):
        return True
    words = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "transport")]
    return last_name(call.func) == "http_app" and any(getattr(w, "value", None) == "sse" for w in words)


def _refused(module: Module, call: ast.Call) -> bool:
    """True when all that is asked of the answer's status is whether it is a refusal."""
    answer: ast.AST = call
    parent = module.parents[answer]
    if isinstance(parent, ast.Await):
        answer, parent = parent, module.parents[parent]
    if isinstance(parent, ast.Attribute):
        return _is_refusal(module, parent)
    test = module.function_of(call)
    if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name) or test is None:
        return False
    name = parent.targets[0].id
    named = [n for n in ast.walk(test) if isinstance(n, ast.Name) and n.id == name]
    uses = [module.parents[n] for n in named if isinstance(n.ctx, ast.Load)]
    statuses = [u for u in uses if isinstance(u, ast.Attribute) and u.attr == "status_code"]
    once = len(named) - len(uses) == 1 and isinstance(test, FunctionNode)
    return once and bool(statuses) and all(_is_refusal(module, s) for s in statuses)


def _is_refusal(module: Module, status: ast.Attribute) -> bool:
    """True for `answer.status_code == 401`, `answer.status_code in (401, 403)`."""
    compare = module.parents[status]
    if status.attr != "status_code" or not isinstance(compare, ast.Compare) or compare.left is not status:
        return False
    wanted = compare.comparators[0]
    codes = wanted.elts if isinstance(wanted, ast.Tuple | ast.List | ast.Set) else [wanted]
    if not isinstance(compare.ops[0], ast.Eq | ast.In) or len(compare.ops) > 1:
        return False
    return all(isinstance(c, ast.Constant) and c.value in _REFUSED for c in codes)
