"""Options in dicts that a start is given with `**`: what the new transport doesn't take goes."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.python.flow.value import Cls, Obj
from migrator.python.flow.values import Values
from migrator.python.rewrite.edits import EditCall, EditElements, RemoveStmt
from migrator.python.starting.starts import Start
from migrator.python.unit import Draft

OLD_PATHS = ("sse_path", "message_path")


def drop_keys(draft: Draft, start: Start, names: Iterable[str]) -> None:
    """Take these keys out of the dicts that the start is given, and the statements that put them in."""
    gone = frozenset(names)
    for display in start.options:
        node = display.node
        if not isinstance(node, ast.Dict):
            continue
        drops = [(i, None) for i, k in enumerate(node.keys) if isinstance(k, ast.Constant) and k.value in gone]
        if drops:
            draft.do(EditElements(display.module.at(node), replace=tuple(drops)))
            draft.files.add(display.module.path)
    for made in start.made:
        named = {k.arg for k in made.node.keywords} & gone if made.node is not None else ()
        if made.node is not None and named:
            draft.do(EditCall(made.module.at(made.node), keywords=tuple((n, None) for n in sorted(map(str, named)))))
            draft.files.add(made.module.path)
    module = start.module
    held = [k.value for k in start.arguments.keywords if k.arg is None] if start.arguments is not None else []
    for splat in held:
        if not isinstance(splat, ast.Name):
            continue
        for inner in module.within(module.scope_of(splat)):
            if isinstance(inner, ast.Assign) and len(inner.targets) == 1:
                target = inner.targets[0]
                if (
                    isinstance(target, ast.Subscript)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == splat.id
                    and isinstance(target.slice, ast.Constant)
                    and target.slice.value in gone
                ):
                    draft.do(RemoveStmt(module.at(inner)))


def block_fields(draft: Draft, start: Start, values: Values) -> None:
    """Block a start that is given an object's fields (`**asdict(options)`) where one of them is the old path."""
    splats = [k.value for k in start.arguments.keywords if k.arg is None] if start.arguments is not None else []
    owners = [o for s in splats for v in values.of(start.module, s) for o in values.dicts.namespace(v)]
    for held in (o.of for o in owners if isinstance(o, Obj) and isinstance(o.of, Cls)):
        assert isinstance(held.node, ast.ClassDef)
        fields = values.classes.scope_of(held).bindings
        name = next((n for n in OLD_PATHS if n in fields), "")
        if not name and "path" in fields and "/sse" in held.module.source(held.node):
            name = "path"
        if name:
            draft.block(
                start.module.place(start.node),
                f"{name} is a field of {held.node.name}, and its fields are the options of this start",
                f"Let it be {draft.new_path} there, and run mcp-migrate again."
                if name == "path"
                else f"Take {name} out of {held.node.name}, which the new transport doesn't know, and run mcp-migrate again.",
            )
            return


def stateless_entries(draft: Draft, start: Start, old: Iterable[str]) -> bool:
    """Say stateless in the dicts that name the old transport, where every dict names one or none. False: they don't."""
    words = frozenset(old)
    edits = []
    for display in start.options:
        node = display.node
        assert isinstance(node, ast.Dict)
        entries = zip(node.keys, node.values, strict=True)
        given = [v for k, v in entries if isinstance(k, ast.Constant) and k.value == "transport"]
        if not given and not start.has_name:
            continue  # stdio
        if len(given) != 1 or not isinstance(given[0], ast.Constant):
            return False
        if str(given[0].value).lower() in words:
            edits.append(EditElements(display.module.at(node), append=('"stateless_http": True',)))
            draft.files.add(display.module.path)
    draft.do(*edits)
    return bool(edits)


__all__ = ["drop_keys", "stateless_entries"]
