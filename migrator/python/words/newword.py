"""The new word in the place of the old one: in constants, enums, lists, and through a function where the old one still comes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.python.flow.value import Cls, Const, Field
from migrator.python.module import Module
from migrator.python.rewrite.edits import EditElements, EnsureImport, Helper, Insert, Operation, ReplaceExpr, WrapExpr
from migrator.python.unit import Draft
from migrator.python.words.declared import Source
from migrator.python.words.optioncalls import elements
from migrator.python.words.selector import HELPER, Words
from migrator.python.words.spread import KEY, is_spread

PLAIN = '    if isinstance(name, str) and name.lower() == "sse":\n'
REFUSED = 'raise SystemExit(\'transport "sse" is retired: say "{new}"\')\n'


class NewWord:
    """One selector's words in one draft. `new` stands for the new transport from now on."""

    def __init__(self, words: Words, draft: Draft, keys: frozenset[object], new: str, accept_old: bool) -> None:
        self.words = words
        self.draft = draft
        self.keys = keys
        self.new = new
        self.accept_old = accept_old
        self.tests = words.tests_of(keys)
        self.text = self.spelled()
        self.sources: dict[Source, None] = {}
        self.enums: dict[Cls, None] = {}
        self.raw: set[ast.expr] = set()  # lists of words that are asked with the word as it came from outside

    def spelled(self) -> str:
        """The new word in the letters that the code compares it in: "StreamableHTTP"."""
        consts = {
            str(c.value)
            for t in self.tests
            if self.new in t.words
            for c in self.words.values.of(t.home, t.words[self.new])
            if isinstance(c, Const) and str(c.value).lower() == self.new
        }
        text = consts.pop() if len(consts) == 1 else self.new
        return self.new if text.isupper() else text  # capitals: see `upper`

    def said(self) -> str:
        """The new word as it is said outside: where members are taken by their names, its member's."""
        for enum, folded in self.by_name():
            if self.words.old & self.words.enum_members(enum).keys():
                name = self.enum(enum)
                return name.lower() if folded else name
        return self.text

    def by_name(self) -> Iterator[tuple[Cls, bool]]:
        """The enums whose members the word from outside names, in any letters or not: `Kind[os.environ["KIND"].upper()]`."""
        for source in self.sources:
            yield from self.words.by_name(source)
        keys = {s.key for s in self.sources}
        for enum in self.enums:
            for module, look in self.words.lookups(enum):
                inside = {c for s in self.sources for _, c in self.words.declarations(s)} & {*module.ancestors(look)}
                if inside or self.words.trace(module, look.slice).keys & keys:
                    yield enum, any(getattr(n, "attr", "") in ("upper", "lower") for n in ast.walk(look.slice))

    def upper(self) -> bool:
        """True when the code compares the word in capitals: what stands for it must keep them."""
        nodes = [n for t in self.tests for n in t.words.values()]
        nodes += [
            e
            for s in self.sources
            for m, c in self.words.declarations(s)
            for _, h in self.words.choice_lists(m, c)
            for e in elements(h)
        ]
        return any(isinstance(n, ast.Constant) and n.value == "SSE" for n in nodes)

    def quoted(self, module: Module, node: ast.AST, word: str | None = None) -> str:
        """The word in the quotes and the letters of a node."""
        text = module.source(node)
        match = re.match(r"[A-Za-z]*(\"\"\"|'''|\"|')", text)
        quote = match[1] if match else '"'
        word = self.text if word is None else word
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isupper():
            word = word.upper()
        return f"{quote}{word}{quote}"

    # -- where it is said

    def const(self, const: Const) -> None:
        """A constant for the old word becomes one for the new."""
        if isinstance(const.value, str) and const.value.lower() in self.words.old:
            word = self.said() if self.default_by_name(const) else None
            self.draft.do(ReplaceExpr(const.module.at(const.node), self.quoted(const.module, const.node, word)))
            self.draft.files.add(const.module.path)

    def default_by_name(self, const: Const) -> bool:
        """True for the default of a source whose word names a member."""
        named = any(True for _ in self.by_name())
        return named and any(
            const in self.words.values.of(m, d) for s in self.sources for m, d in self.words.defaults(s)
        )

    def enum(self, enum: Cls) -> str:
        """The member for the new transport; made beside the old one where there is none."""
        members = self.words.enum_members(enum)
        for word in (self.new, *self.words.new):
            if word in members:
                return members[word]
        old = next(m for w, m in members.items() if w in self.words.old)
        name = "STREAMABLE_HTTP" if old.isupper() else "streamable_http" if old.islower() else "StreamableHttp"
        binding = self.words.values.classes.scope_of(enum).bindings[old][0]
        at = enum.module.at(binding.node)
        self.draft.do(Insert(at, f'{name} = "{self.new}"'))
        self.draft.files.add(enum.module.path)
        return name

    def replace_word(self, module: Module, node: ast.expr) -> None:
        """An expression that is the old word: what it names changes where it stands."""
        if isinstance(node, ast.Constant):
            self.draft.do(ReplaceExpr(module.at(node), self.quoted(module, node)))
        elif isinstance(node, ast.Attribute):
            for value in self.words.values.of(module, node):
                if isinstance(value, Field) and isinstance(value.of, Cls):
                    where, member = value.spot or (module, node)  # Kind.SSE, also of Kind.SSE.value
                    if isinstance(member, ast.Attribute):
                        code = f"{where.source(member.value)}.{self.enum(value.of)}"
                        self.draft.do(ReplaceExpr(where.at(member), code))
                        self.draft.files.add(where.path)
                    return
                if isinstance(value, Const):
                    self.const(value)
        else:
            for value in self.words.values.of(module, node):
                if isinstance(value, Const):
                    self.const(value)

    def membership(self, module: Module, holder: ast.expr, keep_old: bool) -> None:
        """A list of words: the old one goes, or becomes the new one when that is missing."""
        self.draft.files.add(module.path)
        if isinstance(holder, ast.Dict):
            return  # a table: what is looked up in it decides
        words = [self.words.word(module, e) for e in elements(holder)]
        has_new = any(w in self.words.new and self.alive(w) for w in words)
        keep_old = keep_old or (self.accept_old and self.shared(holder))
        for i, (word, element) in enumerate(zip(words, elements(holder), strict=True)):
            if word not in self.words.old:
                continue
            if keep_old:
                beside = holder in self.raw and isinstance(element, ast.Constant)  # it has the new word already
                if not has_new and not beside:
                    self.draft.do(EditElements(module.at(holder), append=(self.quoted(module, element),)))
            elif has_new:
                self.draft.do(EditElements(module.at(holder), replace=((i, None),)))
            else:
                self.replace_word(module, element)

    def shared(self, holder: ast.expr) -> bool:
        """True for a list of words that others ask too, who may be given the word as it came from outside."""
        mine = {c for s in self.sources for _, c in self.words.declarations(s)}
        return (
            holder in self.raw
            or any(t.holder is holder for t in self.words.tests if t not in self.tests)
            or any(listed is holder and call not in mine for listed, call in self.words.listed)
        )

    def alive(self, word: str) -> bool:
        """True for the new word, as this selector calls it."""
        return word == self.new or self.new not in self.words.new

    # -- where the old word still comes

    def wrap(self, module: Module, node: ast.expr) -> None:
        """Give the old word that an expression can be its new meaning."""
        if isinstance(node, ast.Constant) or self.words.word(module, node):
            return
        before, after = f"{HELPER}(", ")"
        if is_spread(module, node):
            key, value = module.free(node, "k", "key"), module.free(node, "v", "value")
            before = f'{{{key}: {HELPER}({value}) if {key} == "{KEY}" else {value} for {key}, {value} in '
            simple = isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
            before, after = (before, ".items()}") if simple else (f"{before}(", ").items()}")
        self.draft.do(WrapExpr(module.at(node), before, after))
        self.helper(module)
        self.draft.files.add(module.path)

    def helper(self, module: Module) -> None:
        """Our function that gives the old word its new meaning, and says so once; or refuses it."""
        if self.enums:
            test, answer = (
                '    word = getattr(name, "value", name)\n    if isinstance(word, str) and word.lower() == "sse":\n',
                f'        return "{self.new}" if word is name else type(name)("{self.new}")\n',
            )
        else:
            case = ' if name.islower() else "' + self.new.upper() + '"' if self.upper() else ""
            test, answer = PLAIN, f'        return "{self.text}"{case}\n'
        self.draft.do(*helper_of(module, self.said(), test, answer, self.accept_old))


def helper_of(
    module: Module, new: str, test: str = PLAIN, answer: str = "", accept_old: bool = True
) -> tuple[Operation, ...]:
    """The function that gives the old word its new meaning, or refuses it, and what it imports."""
    if accept_old:
        means, imports = "now means Streamable HTTP", [EnsureImport(module.path, "sys")]
        does = f'print(\'transport "sse" is retired: serving Streamable HTTP, say "{new}"\', file=sys.stderr)\n'
        does += answer or f'        return "{new}"\n'
    else:
        means, imports, does = "is refused", [], REFUSED.format(new=new)
    code = f'def {HELPER}(name):\n    """The retired transport name "sse" {means}."""\n{test}        {does}    return name\n'
    return Helper(module.path, HELPER, code), *imports
