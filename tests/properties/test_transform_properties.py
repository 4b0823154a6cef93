"""Random operations on real Python files: the result is the code that the same change of the tree gives."""

from __future__ import annotations

import ast
import random
import sysconfig
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.python.module import Module
from migrator.python.rewrite.edits import (
    Insert,
    Operation,
    RemoveArm,
    RemoveStmt,
    ReplaceExpr,
    ReplaceStmt,
    UnrollIf,
    WrapExpr,
)
from migrator.python.rewrite.transform import apply_operations, rewritten

HERE = Path(__file__).resolve()
STDLIB = Path(sysconfig.get_path("stdlib"))
SOURCES = sorted(
    [
        *(HERE.parents[2] / "migrator").rglob("*.py"),
        *(STDLIB / "json").glob("*.py"),
        *(STDLIB / "asyncio").glob("*.py"),
        *(STDLIB / "email").glob("*.py"),
        *(STDLIB / name for name in ("contextlib.py", "dataclasses.py", "shlex.py", "netrc.py", "calendar.py")),
        *(STDLIB / name for name in ("cgitb.py", "runpy.py", "socketserver.py", "glob.py", "trace.py")),
    ]
)
PATHS = [path for path in SOURCES if path.exists() and 0 < path.stat().st_size < 30_000]
NEWLINES = ["\n", "\r\n", "\r"]
WRAPPED = (ast.Name, ast.Attribute, ast.Call, ast.Constant, ast.BinOp, ast.BoolOp, ast.Compare, ast.Lambda, ast.List)


@cache
def module_of(path: Path, newline: str) -> Module:
    text = path.read_text(encoding="utf-8").replace("\n", newline)
    return Module("m.py", "", text, ast.parse(text))


def expressions(module: Module) -> list[ast.expr]:
    """Expressions that can stand in brackets, as operands and arguments do."""
    kept_out: set[ast.AST] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr | ast.pattern):
            kept_out.update(ast.walk(node))
    found = [n for n in ast.walk(module.tree) if isinstance(n, WRAPPED) and n not in kept_out]
    return [n for n in found if isinstance(getattr(n, "ctx", ast.Load()), ast.Load)]


def statements(module: Module) -> list[ast.stmt]:
    """Statements that stand in a block of their own (not `elif`)."""
    return [n for n in ast.walk(module.tree) if isinstance(n, ast.stmt) and not is_elif(module, n)]


def is_elif(module: Module, node: ast.AST) -> bool:
    return isinstance(node, ast.If) and module.lines[node.lineno - 1][node.col_offset :].startswith("elif")


class Model(ast.NodeTransformer):
    """Does to the tree what the operations do to the text."""

    def __init__(self, module: Module, planned: dict[ast.AST, Operation]) -> None:
        self.module, self.planned = module, planned

    def visit(self, node: ast.AST) -> object:
        operation = self.planned.get(node)
        elif_arm = is_elif(self.module, node)
        changed = self.generic_visit(node)
        for name, value in ast.iter_fields(changed):
            alone = name in {"body", "orelse", "finalbody"} and isinstance(value, list)
            # an `else` keeps a block, an `elif` that goes leaves nothing
            if alone and not value and getattr(node, f"_had_{name}", False):
                setattr(changed, name, [ast.Pass()])
        inner = [ast.parse("new()").body[0]]
        match operation:
            case None:
                return changed
            case WrapExpr():
                return ast.Call(ast.Name("w", ast.Load()), [changed], [])
            case RemoveStmt():
                return []
            case ReplaceStmt():
                return ast.parse(operation.code).body
            case Insert(where="before"):
                return [*ast.parse(operation.code).body, changed]
            case Insert(where="after"):
                return [changed, *ast.parse(operation.code).body]
            case Insert(where="top"):
                body = changed.body  # type: ignore[attr-defined]
                at = 1 if ast.get_docstring(changed, clean=False) is not None else 0  # type: ignore[arg-type]
                if len(body) == 1 and isinstance(body[0], ast.Pass):
                    body = []
                changed.body = [*body[:at], *inner, *body[at:]]  # type: ignore[attr-defined]
                return changed
            case RemoveArm() | UnrollIf(keep="orelse"):
                return _unrolled(changed.orelse, elif_arm)  # type: ignore[attr-defined]
            case UnrollIf():
                return _unrolled(changed.body, elif_arm)  # type: ignore[attr-defined]
        raise AssertionError(operation)


def _unrolled(body: list[ast.stmt], elif_arm: bool) -> list[ast.stmt]:
    return body if elif_arm else [s for s in body if not isinstance(s, ast.Pass)]


def mark_blocks(module: Module) -> None:
    for node in ast.walk(module.tree):
        for name in ("body", "orelse", "finalbody"):
            value = getattr(node, name, None)
            if isinstance(value, list) and value and not isinstance(node, ast.Module):
                setattr(node, f"_had_{name}", not is_elif(module, value[0]))


def planned(module: Module, seed: int, count: int) -> dict[ast.AST, Operation]:
    """Some operations at random places, one for each place."""
    choose = random.Random(seed)
    found: dict[ast.AST, Operation] = {}
    for node in choose.sample(exprs := expressions(module), min(count, len(exprs))):
        found[node] = WrapExpr(module.at(node), "w(", ")")
    for node in choose.sample(stmts := statements(module), min(count, len(stmts))):
        at = module.at(node)
        code = choose.choice(["new()", "if new:\n    new(\n        1,\n    )", "def new():\n    return 1"])
        choices: list[Operation] = [
            RemoveStmt(at),
            ReplaceStmt(at, code),
            Insert(at, code, "before"),
            Insert(at, code, "after"),
        ]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            choices.append(Insert(at, "new()", "top"))
        found[node] = choose.choice(choices)
    branches = [n for n in ast.walk(module.tree) if isinstance(n, ast.If) and n not in found]
    for branch in choose.sample(branches, min(count, len(branches))):
        at = module.at(branch)
        found[branch] = choose.choice([RemoveArm(at), UnrollIf(at, "body"), UnrollIf(at, "orelse")])
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PATHS), st.sampled_from(NEWLINES), st.integers(0, 10**9), st.integers(1, 8))
def test_text_and_tree_change_alike(path: Path, newline: str, seed: int, count: int) -> None:
    module = module_of(path, newline)
    operations = planned(module, seed, count)
    result = rewritten(module, operations.values())
    copy = Module("m.py", "", module.text, ast.parse(module.text))
    twins = dict(zip(ast.walk(module.tree), ast.walk(copy.tree), strict=True))
    mark_blocks(copy)
    expected = Model(copy, {twins[node]: operation for node, operation in operations.items()}).visit(copy.tree)
    assert isinstance(expected, ast.Module)
    assert ast.dump(ast.parse(result)) == ast.dump(expected)
    if newline != "\n" and "\n" not in module.text.replace("\r\n", ""):
        assert "\n" not in result.replace("\r\n", "")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PATHS), st.sampled_from(NEWLINES), st.integers(0, 10**9))
def test_putting_back_what_is_there_changes_no_byte(path: Path, newline: str, seed: int) -> None:
    module = module_of(path, newline)
    choose = random.Random(seed)
    nodes = [n for n in expressions(module) if n.lineno == n.end_lineno]
    picked = choose.sample(nodes, min(5, len(nodes)))
    data = module.text.encode()
    assert apply_operations("m.py", data, [ReplaceExpr(module.at(n), module.source(n)) for n in picked]) == data


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PATHS), st.sampled_from(NEWLINES), st.integers(0, 10**9))
def test_whole_run_gives_python(path: Path, newline: str, seed: int) -> None:
    module = module_of(path, newline)
    data = b"\xef\xbb\xbf" + module.text.encode()
    result = apply_operations("m.py", data, planned(module, seed, 4).values())
    assert result.startswith(b"\xef\xbb\xbf")
    ast.parse(result)
