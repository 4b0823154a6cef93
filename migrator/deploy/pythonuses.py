"""Python that passes the old word to a moved server, outside that server's own files: one part for each place."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.context import Context
from migrator.deploy.callers import Callers, Use
from migrator.deploy.expected import Expected
from migrator.deploy.readers import Readers
from migrator.deploy.testserved import Serving
from migrator.deploy.ties import Ties
from migrator.model import Finding, Outcome, Part, Severity
from migrator.python.code import is_test
from migrator.python.module import Module


def python_parts(context: Context, ties: Ties, readers: Readers) -> Iterator[Part]:
    """The parts of every such file; in tests, with what they then expect of the word."""
    served = {p for e in context.endpoints for p in (*e.files, e.place.path)}
    expected, serving = Expected(ties), Serving(context)
    for path in context.tree.hits.get("python", ()):
        test = is_test(path)
        if path in served or (test and not context.settings.tests):
            continue
        named, held = _names_selector(context, path), test and expected.may_hold(path)
        serves = test and serving.may_serve(path)
        module = context.code.load(path) if named or held or serves else None
        if module is None:
            continue
        callers = Callers(ties, readers, module)
        uses = callers.uses() if named else []
        known = {id(u.node) for u in uses}
        uses += [u for u in (expected.uses(module, callers) if held else ()) if id(u.node) not in known]
        uses += serving.uses(module) if serves else ()
        for use in {id(u.node): u for u in uses}.values():
            yield _part(module, use, "MCP506" if test else "MCP501")


def _part(module: Module, use: Use, rule: str) -> Part:
    e = use.endpoint
    place = module.place(use.node)
    message = f"{use.shown} is meant for {e.name}, which moves"
    if use.operation is not None:
        finding = Finding(rule, Severity.WARNING, Outcome.FIX, place, message, "", e.unit)
        return Part((finding,), (use.operation,), e.unit)
    message, todo = f"{message}; not changed: {use.reason}", use.instruction or f"write {use.selector.new_word}"
    return Part((Finding(rule, Severity.WARNING, Outcome.BY_HAND, place, message, todo, e.unit),), (), e.unit)


def _names_selector(context: Context, path: str) -> bool:
    """False when the file names no selector of a moved server. Cheap."""
    data = context.tree.read(path)
    names = {n for e in context.endpoints if e.moved for s in e.selectors for n in s.names}
    positional = any(s.kind == "argument" for e in context.endpoints for s in e.selectors)
    return positional or any(n.encode() in data for n in names)
