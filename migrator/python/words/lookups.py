"""What else a transport's word is used for: names and keys that are made of it, and patterns that it must fit.

Nothing there is written out for the new word, so a start that says it would end there, or go on with something else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.python.flow.value import Cls, Display, Ext, is_dict
from migrator.python.functions import last_name
from migrator.python.module import Module
from migrator.python.words.newword import NewWord
from migrator.python.words.optioncalls import split_words
from migrator.python.words.traces import Trace

FINDERS = {"getattr": 1, "import_module": 0, "__import__": 0, "find_spec": 0}  # which argument says what is looked up
MATCHERS = ("match", "fullmatch", "search")
FILE = re.compile(r"\.(?:ya?ml|json|toml|ini|cfg|conf|env|py)$")
OLD = re.compile(r"(?<![A-Za-z])sse(?![A-Za-z])", re.I)


def block_lookups(word: NewWord, sinks: Iterable[tuple[Module, ast.expr, Trace]]) -> None:
    """Block the draft where the word finds something that nobody here can see, unless the code has the new word already."""
    if any(word.new in t.words for t in word.tests):
        return
    operands = [*((t.module, t.operand) for t in word.tests), *((m, e) for m, e, _ in sinks)]
    names = {name for _, e in operands if (name := last_name(_plain(e)))}
    for module in dict.fromkeys(m for m, _ in operands):
        for node in _lookups(word, module):
            said = next((n for n in _named(node, names) if word.words.trace(module, n).keys & word.keys), None)
            if said is not None:
                word.draft.block(
                    module.place(node),
                    f"{module.source(said)} is also used in {module.source(node)}, which knows nothing of the new word",
                    f'Ask for "{word.text}" there too, with an if or in a dict that is written out; then run mcp-migrate again.',
                )


def _lookups(word: NewWord, module: Module) -> Iterator[ast.expr]:
    """Expressions that find something by a name or key, or check a text against a pattern or a list in a text."""
    values = word.words.values
    for name, index in FINDERS.items():
        for call in module.calls_by_name.get(name, ()):
            if len(call.args) > index and not isinstance(call.args[index], ast.Constant):
                yield call.args[index]
    for name in MATCHERS:
        for call in module.calls_by_name.get(name, ()):
            if any(OLD.search(t) for t in _patterns(word, module, call)):
                yield call
    for call in module.calls_by_name.get("get", ()):
        if isinstance(call.func, ast.Attribute) and call.args and not isinstance(call.args[0], ast.Constant):
            if not any(is_dict(v) for v in values.of(module, call.func.value)):
                yield call
    for node in module.parents:
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            if isinstance(node.slice, ast.Name | ast.Attribute | ast.JoinedStr | ast.BinOp | ast.Call):
                if not any(_is_known(v) for v in values.of(module, node.value)):
                    yield node
        elif isinstance(node, ast.JoinedStr) and FILE.search(_end(node)):
            yield node
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            if {w.lower() for w in split_words(node.comparators[0])} & word.words.old:
                yield node


def _is_known(value: object) -> bool:
    """True for a table that is written down, and for a class: of an enum, or of a type's parameter."""
    if isinstance(value, Ext):
        return value.name not in ("os.environ", "builtins.globals")
    return isinstance(value, Cls | Display) or is_dict(value)  # type: ignore[arg-type]


def _patterns(word: NewWord, module: Module, call: ast.Call) -> Iterator[str]:
    """The texts of a pattern: `re.fullmatch("stdio|sse", kind)`, `KINDS.fullmatch(kind)`."""
    held = [*call.args[:1], *([call.func.value] if isinstance(call.func, ast.Attribute) else [])]
    for node in held:
        for value in word.words.values.of(module, node):
            inner = getattr(value, "node", None)
            for part in ast.walk(inner) if isinstance(inner, ast.expr) else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def _named(node: ast.expr, names: set[str]) -> Iterator[ast.expr]:
    """The names in an expression that are among those of the word; in an index only what is in the index."""
    root = node.slice if isinstance(node, ast.Subscript) else node
    for part in ast.walk(root):
        if isinstance(part, ast.Name | ast.Attribute) and last_name(part) in names:
            yield part


def _plain(node: ast.expr) -> ast.expr:
    """An operand without the string methods behind it."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        node = node.func.value
    return node


def _end(node: ast.JoinedStr) -> str:
    last = node.values[-1] if node.values else None
    return str(last.value) if isinstance(last, ast.Constant) else ""


__all__ = ["block_lookups"]
