"""`Literal["stdio", "sse"]` in the annotations of what a transport's word passes through."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.python.flow.value import Cls, Opaque
from migrator.python.functions import decorator_name
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.rewrite.edits import ReplaceExpr
from migrator.python.words.newword import NewWord
from migrator.python.words.optioncalls import PARSERS, of_parser, option_dest
from migrator.python.words.selector import Words
from migrator.python.words.typed import aliases

DEPTH = 4
OPTIONS = (*PARSERS, "option", "argument", "Option", "Argument")


def move_literals(word: NewWord) -> None:
    """The new word in the place of the old one, or in front of it where the old one can still come there."""
    slots = any(s.kind in ("slot", "command") for s in word.sources)
    for module, node in list(literals_of(word.words, word.keys, word.draft.files)):
        elts = node.slice.elts  # type: ignore[attr-defined]
        words = [word.words.word(module, e) for e in elts]
        index = words.index("sse")
        texts = [module.source(e) for e in elts]
        new = word.quoted(module, elts[index])
        if (slots or listed_unseen(word.words, node, word.draft.files)) and word.accept_old:
            texts[index : index + 1] = [texts[index]] if word.new in words else [new, texts[index]]
        else:
            texts[index : index + 1] = [] if word.new in words else [new]
        word.draft.do(ReplaceExpr(module.at(node), f"{module.source(node.value)}[{', '.join(texts)}]"))
        word.draft.files.add(module.path)


def literals_of(words: Words, keys: frozenset[object], paths: Iterable[str]) -> Iterator[tuple[Module, ast.Subscript]]:
    """The Literals with the old word and another that a selector's word passes through, in these files and beyond."""
    near = set(paths)
    modules = {m.path: m for m in words.modules if m.path in near}
    for named in [m for module in modules.values() for m in aliases(words, module)]:
        modules[named.path] = named
    for module in modules.values():
        for node in module.parents:
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
                if dotted(node.value).rpartition(".")[2] == "Literal":
                    given = {words.word(module, e) for e in node.slice.elts} - {""}
                    if given & words.old and given - words.old and _carries(words, keys, module, node, modules):
                        yield module, node


def listed_unseen(words: Words, literal: ast.expr, paths: Iterable[str]) -> bool:
    """True when `get_args` makes a list of it that can't be followed: what it must go on accepting is not known."""
    near = set(paths)
    modules = {m.path: m for m in words.modules if m.path in near or "get_args" in m.text}
    for module, use in _uses(words, literal, modules):
        call = module.parents.get(use)
        if isinstance(call, ast.Attribute) and call.attr == "__args__":
            return True
        if not isinstance(call, ast.Call) or decorator_name(call).rpartition(".")[2] != "get_args":
            continue
        known = (ast.Compare, ast.Assign, ast.AnnAssign, ast.keyword, ast.FormattedValue)
        holder = module.parents.get(call)
        while isinstance(holder, ast.Call) and call in holder.args:  # list(get_args(Transport)), Choice(get_args(...))
            holder = module.parents.get(holder)
            call = module.parents[call]
        if not isinstance(holder, known):
            return True
    return False


def _carries(
    words: Words, keys: frozenset[object], module: Module, node: ast.expr, modules: dict[str, Module], depth: int = 0
) -> bool:
    """True when what the annotation belongs to can be the selector's word."""
    if depth > DEPTH:
        return False
    child: ast.AST = node
    for outer in module.ancestors(node):
        if isinstance(outer, ast.arg):
            return _parameter(words, keys, module, outer)
        if isinstance(outer, FunctionNode):
            found = (words.gather(words.values.returns(module, outer), module),) if child is outer.returns else ()
            return any(t.keys & keys for t in found)
        if isinstance(outer, ast.AnnAssign) and child is outer.annotation:
            return _variable(words, keys, module, outer)
        if isinstance(outer, ast.Assign | ast.AnnAssign) and child is outer.value:
            return any(
                _carries(words, keys, user, use, modules, depth + 1) for user, use in _uses(words, node, modules)
            )
        if isinstance(outer, ast.Compare):  # kind in get_args(Transport)
            return bool(words.trace(module, outer.left).keys & keys)
        if isinstance(outer, ast.Call) and decorator_name(outer).rpartition(".")[2] in OPTIONS:  # choices=get_args(...)
            own = {k[2] for k in keys if isinstance(k, tuple) and k[0] == "option"}
            return not of_parser(outer) or option_dest(outer) in own
        child = outer
    return False


def _parameter(words: Words, keys: frozenset[object], module: Module, arg: ast.arg) -> bool:
    function = module.parents.get(module.parents.get(arg))  # type: ignore[arg-type]
    for name in ast.walk(function) if function is not None else ():
        if isinstance(name, ast.Name) and name.id == arg.arg and isinstance(name.ctx, ast.Load):
            return bool(words.trace(module, name).keys & keys)
    return False


def _variable(words: Words, keys: frozenset[object], module: Module, statement: ast.AnnAssign) -> bool:
    owner = module.parents.get(statement)
    if isinstance(owner, ast.ClassDef) and isinstance(statement.target, ast.Name):
        held = words.values.classes.attribute(Cls(module, owner), statement.target.id)
        return bool(words.gather(held, module).keys & keys)
    return statement.value is not None and bool(words.trace(module, statement.value).keys & keys)


def _uses(words: Words, literal: ast.expr, modules: dict[str, Module]) -> Iterator[tuple[Module, ast.expr]]:
    """Where the name that a Literal is given stands in annotations, and in what `get_args` lists."""
    for module in modules.values():
        for node in module.parents:
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                if any(isinstance(v, Opaque) and v.node is literal for v in words.values.of(module, node)):
                    yield module, node


__all__ = ["listed_unseen", "literals_of"]
