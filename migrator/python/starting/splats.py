"""Options in dicts that a start is given with `**`: what the new transport doesn't take goes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.python.flow.value import Cls, Obj, is_dict, pairs
from migrator.python.flow.values import Values
from migrator.python.module import FunctionNode, Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import EditCall, EditElements, RemoveStmt
from migrator.python.starting.starts import Start
from migrator.python.unit import Draft
from migrator.python.words.aliases import renames_entries
from migrator.python.words.declared import Source, in_dict
from migrator.python.words.optioncalls import of_parser, option_dest
from migrator.python.words.selector import Words
from migrator.python.words.spread import KEY, is_spread
from migrator.python.words.traces import Trace

OLD_PATHS = ("sse_path", "message_path")
OLD_PATH = re.compile(rb"\b(?:(?:sse|message)_path\b|path[\"']?\s{0,3}[:=]\s{0,3}[\"']?/sse\b)")  # in a file of options


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


def entry_of(values: Values, start: Start, name: str) -> tuple[Module, ast.expr] | None:
    """What a dict that the start is given holds under a name, and in which module that stands."""
    for display in start.options:
        assert isinstance(display.node, ast.Dict)
        for k, v in zip(display.node.keys, display.node.values, strict=True):
            if isinstance(k, ast.Constant) and k.value == name:
                return display.module, v
        for v in values.stores.items(display, {name}):
            return display.module, v
    if start.arguments is not None:
        for keyword in start.arguments.keywords:
            for value in values.of(start.module, keyword.value) if keyword.arg is None else ():
                if isinstance(value, Obj) and is_dict(value):
                    for key, given in pairs(value):
                        if key == name:
                            return value.module, given
            if keyword.arg is None and isinstance(keyword.value, ast.Name):
                for v in values.stores.of_names(start.module, keyword.value, {keyword.value.id}, {name}):
                    return start.module, v
    return None


def unread(words: Words, start: Start) -> list[ast.expr]:
    """The dicts that a start is given whose entries aren't seen, where nothing else tells it the transport."""
    if start.arguments is None or any(t.sources or t.members or t.enums for _, _, t in start.words):
        return []
    if start.words and not start.options:
        return []  # the call names it
    module, values = start.module, words.values
    splats = [k.value for k in start.arguments.keywords if k.arg is None]
    held = {s: values.of(module, s) for s in splats if not renames_entries(values, words, module, s)}
    return [s for s, of in held.items() if any(not is_dict(v) or values.dicts.is_open(v) for v in of)]  # type: ignore[arg-type]


def of_file(words: Words, start: Start) -> list[tuple[Module, ast.expr, Trace]]:
    """The word in `**config["server"]`, for a start that is told no other: an entry of what a file holds."""
    return [(start.module, s, words.entry(start.module, s, KEY)) for s in unread(words, start)]


def block_fields(draft: Draft, start: Start, project: Project) -> None:
    """Block a start that is given an object's fields (`**asdict(options)`) where one of them is the old path."""
    module, values = start.module, project.values
    splats = [k.value for k in start.arguments.keywords if k.arg is None] if start.arguments is not None else []
    splats += [node for where, node, _ in start.words if is_spread(where, node) and node not in splats]
    owners = [o for s in splats for v in values.of(module, s) for o in values.dicts.namespace(v)]
    for held in (o.of for o in owners if isinstance(o, Obj) and isinstance(o.of, Cls)):
        assert isinstance(held.node, ast.ClassDef)
        fields = values.classes.scope_of(held).bindings
        name = next((n for n in OLD_PATHS if n in fields), "")
        if not name and "path" in fields and "/sse" in held.module.source(held.node):
            name = "path"
        if name:
            _block_path(draft, start, name, held.node.name)
            return
    for _, node, trace in start.words:
        names = (*OLD_PATHS, "path")
        options = [
            o for s in trace.sources if s.kind == "option" for n in names for o in project.words.options.get(n, [])
        ]
        options += [o for s in trace.sources if in_dict(s) for o in _beside(project.words, s, names)]
        for where, call in options if is_spread(module, node) else ():
            name = option_dest(call)
            if where.path in draft.files and (name in OLD_PATHS or "/sse" in where.source(call)):
                _block_path(draft, start, name, "the parser" if of_parser(call) else "the command")
                return
    if any(s.kind == "opaque" for _, n, t in start.words if is_spread(module, n) for s in t.sources):
        if project.evidence.in_named_file(module, OLD_PATH):
            _block_path(draft, start, "path", "the file")


def _beside(words: Words, source: Source, names: Iterable[str]) -> Iterator[tuple[Module, ast.Call]]:
    """Where options are declared that a command finds in the dict in which it finds a source: `def main(**options)`."""
    function = source.module.parents[source.module.parents[source.node]]
    assert isinstance(function, FunctionNode)
    for found in (words.in_keywords(source.module, function, name) for name in names):
        yield from words.declarations(found) if found is not None else ()


def _block_path(draft: Draft, start: Start, name: str, holder: str) -> None:
    draft.block(
        start.module.place(start.node),
        f"{name} is a field of {holder}, and its fields are the options of this start",
        f"Let it be {draft.new_path} there, and run mcp-migrate again."
        if name == "path"
        else f"Take {name} out of {holder}, which the new transport doesn't know, and run mcp-migrate again.",
    )


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


__all__ = ["drop_keys", "entry_of", "stateless_entries", "unread"]
