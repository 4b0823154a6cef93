"""What else a transport's word is used for: names and keys that are made of it, and patterns that it must fit.

Nothing there is written out for the new word, so a start that says it would end there, or go on with something else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Set
from itertools import takewhile

from migrator.python.flow.value import Cls, Display, Ext, Func, Obj, Value, is_dict, pairs
from migrator.python.functions import argument, last_name
from migrator.python.module import FunctionNode, Module
from migrator.python.words.newword import NewWord
from migrator.python.words.optioncalls import split_words
from migrator.python.words.selector import Words
from migrator.python.words.traces import Trace

FINDERS = {"getattr": 1, "import_module": 0, "__import__": 0, "find_spec": 0}  # which argument says what is looked up
MATCHERS = ("match", "fullmatch", "search")
FILE = re.compile(r"\.(?:ya?ml|json|toml|ini|cfg|conf|env|py)$")
ENDING = re.compile(r"\.\w+$")
FILLERS = ("format", "format_map", "substitute", "safe_substitute")
LOGGING = ("formatter", "formatters", "handlers", "filters")  # what names a part of itself in logging.config.dictConfig
CONFIGURED = ("dictConfig", "log_config")
OLD = re.compile(r"(?<![A-Za-z])sse(?![A-Za-z])", re.I)


def block_lookups(word: NewWord, sinks: Iterable[tuple[Module, ast.expr, Trace]]) -> None:
    """Block the draft where the word finds something that nobody here can see, unless the code has the new word already."""
    if any(word.new in t.words for t in word.tests):
        return
    operands = [*((t.module, t.operand) for t in word.tests), *((m, e) for m, e, _ in sinks)]
    names = {name for _, e in operands if (name := last_name(_plain(e)))}
    modules = dict.fromkeys(m for m, _ in operands)
    for module in [*modules]:
        for callee, name in _handed_on(word, module, names):
            modules.setdefault(callee)
            names.add(name)
    for module in modules:
        for node in _lookups(word, module):
            said = next((n for n in _named(node, names) if word.words.trace(module, n).keys & word.keys), None)
            if said is not None and _is_found(word, module, node):
                around = module.parents[node] if node is said else node
                word.draft.block(
                    module.place(node),
                    f"{module.source(said)} is also used in {module.source(around)}, which knows nothing of the new word",
                    f'Ask for "{word.text}" there too, with an if or in a dict that is written out; then run mcp-migrate again.',
                )


def _handed_on(word: NewWord, module: Module, names: set[str]) -> Iterator[tuple[Module, str]]:
    """The functions of the project that the module gives the word to: their modules, and what they call it."""
    known = frozenset(names)
    for call in module.calls:
        given = [*call.args, *(k.value for k in call.keywords)]
        if not any(last_name(a) in known for a in given):
            continue
        for value in word.words.values.of(module, call.func):
            if isinstance(value, Func) and isinstance(value.node, FunctionNode):
                a, method = value.node.args, value.module.class_of(value.node) is not None
                for parameter in (*a.posonlyargs, *a.args, *a.kwonlyargs):
                    got = argument(call, value.node, parameter, method)
                    if got is not None and last_name(got) in known:
                        yield value.module, parameter.arg


def unanswered(
    words: Words, module: Module, operands: Iterable[ast.expr], keys: Set[object]
) -> Iterator[ast.If | ast.IfExp]:
    """Choices by something that is made of the word: `if "sse" in kind:`, `if len(kind) == 3:`."""
    names = {name for e in operands if (name := last_name(_plain(e)))}
    known = {t.node for t in words.tests}
    for choice in module.nodes:
        if not isinstance(choice, ast.If | ast.IfExp):
            continue
        for part in _named(choice.test, names):
            above = list(takewhile(lambda n, choice=choice: n is not choice, module.ancestors(part)))  # type: ignore[misc]
            asks = any(isinstance(n, ast.Compare | ast.Call | ast.Subscript) for n in above)
            calls = [n for n in above if isinstance(n, ast.Call)]
            own = any(isinstance(v, Func) for n in calls for v in words.values.of(module, n.func))
            own = own or any(n in known for c in calls for n in ast.walk(c))  # {"sse": check}.get(kind)
            if asks and not own and known.isdisjoint([part, *above]) and words.trace(module, part).keys & keys:
                if not any(isinstance(n, ast.Compare) and isinstance(n.ops[0], ast.Is | ast.IsNot) for n in above):
                    yield choice
                    break


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
            held = values.of(module, call.func.value)
            if not any(is_dict(v) for v in held) or any(_lacks(word, v) for v in held):
                yield call
    yield from _logging(word, module)
    yield from fields_of_texts([module])
    for node in module.parents:
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            if isinstance(node.slice, ast.Name | ast.Attribute | ast.JoinedStr | ast.BinOp | ast.Call):
                held = values.of(module, node.value)
                if not any(_is_known(v) for v in held) or any(_lacks(word, v) for v in held):
                    yield node
        elif isinstance(node, ast.JoinedStr) and ENDING.search(_end(node)):
            yield node
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            if {w.lower() for w in split_words(node.comparators[0])} & word.words.old:
                yield node


def fields_of_texts(modules: Iterable[Module]) -> Iterator[ast.expr]:
    """The keys of dicts that fill a text's fields, which aren't written out: `BANNER.format(**{kind: "on"})`."""
    for module in modules:
        for name in FILLERS:
            for call in module.calls_by_name.get(name, ()):
                given = [k.value for k in call.keywords if k.arg is None]
                given += call.args if name != "format" else []
                for held in (h for h in given if isinstance(h, ast.Dict)):
                    yield from (k for k in held.keys if isinstance(k, ast.Name | ast.Attribute))


def _is_known(value: object) -> bool:
    """True for a table that is written down, and for a class: of an enum, or of a type's parameter."""
    if isinstance(value, Ext):
        return value.name not in ("os.environ", "builtins.globals")
    return isinstance(value, Cls | Display) or is_dict(value)  # type: ignore[arg-type]


def _lacks(word: NewWord, value: Value) -> bool:
    """True for a dict that has the old word, or keys that are put in where nobody sees it, and won't have the new one."""
    if not isinstance(value, Display | Obj) or not is_dict(value) or any(t.node is value.node for t in word.tests):
        return False
    said = {k.lower() if isinstance(k, str) else word.words.word(value.module, k) for k, _ in pairs(value) if k}
    return word.new not in said and bool(said & word.words.old or word.words.values.stores.open(value))


def _is_found(word: NewWord, module: Module, node: ast.expr) -> bool:
    """True for a lookup, and where a text names a file: settings, or one of the project's when a part is the old word."""
    if not isinstance(node, ast.JoinedStr) or FILE.search(_end(node)):
        return True
    outer = module.parents[node]
    if isinstance(outer, ast.Call) and last_name(outer.func) in FINDERS:
        return True
    texts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else None for p in node.values]
    for i in (i for i, t in enumerate(texts) if t is None):
        path = "".join("sse" if j == i else "[^/]*" if t is None else t for j, t in enumerate(texts))
        path = path.removeprefix(re.escape("./"))
        found = re.compile(rf"(?:^|/){path.lstrip('/')}$", re.I)
        if any(found.search(p) for p in word.words.values.code.tree.files):
            return True
    return False


def _logging(word: NewWord, module: Module) -> Iterator[ast.expr]:
    """What the settings of a logging configuration name its own formatters and handlers by."""
    held = [n for n in module.nodes if isinstance(n, ast.Dict)] if any(c in module.text for c in CONFIGURED) else []
    if not any(k is not None and word.words.word(module, k) == word.new for n in held for k in n.keys):
        for node in held:
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in LOGGING:
                    named = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
                    yield from (n for n in named if not isinstance(n, ast.Dict))


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


__all__ = ["block_lookups", "unanswered"]
