"""Edits that move a selector: its words, its tests, its declarations, and the old word that still comes from outside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from migrator.model import Selector
from migrator.python.declared import Source
from migrator.python.edits import (
    EditCall,
    EditElements,
    EnsureImport,
    Helper,
    Insert,
    RemoveArm,
    RemoveCase,
    ReplaceExpr,
    WrapExpr,
)
from migrator.python.fields import variables_of
from migrator.python.literals import listed_unseen, literals_of
from migrator.python.module import FunctionNode, Module
from migrator.python.optioncalls import elements, is_flag, option_names
from migrator.python.selector import HELPER, Test, Words
from migrator.python.traces import Trace
from migrator.python.unit import Draft
from migrator.python.value import Cls, Const, Field

PLAIN = '    if isinstance(name, str) and name.lower() == "sse":\n'


class Chooser:
    """Moves one selector in one draft. `new` is the word that stands for the new transport from now on."""

    def __init__(
        self, words: Words, draft: Draft, keys: frozenset[object], new: str, accept_old: bool, served: bool, fixed: str
    ) -> None:
        # fixed: the SDK's own word, where the start always says the old one whatever the selector calls it
        # served: the code already serves the new transport under `new`: what tests for the old word is dead now
        self.served = served
        self.words = words
        self.draft = draft
        self.keys = keys
        self.new = new
        self.accept_old = accept_old
        self.fixed = fixed
        self.tests = words.tests_of(keys)
        self.text = self.spelled()
        self.removed_arms: dict[ast.AST, Module] = {}  # an `if` or `case` that goes -> where it stands
        self.never: set[ast.AST] = set()  # tests of the old word that nobody passes any more
        self.sources: dict[Source, None] = {}
        self.enums: dict[Cls, None] = {}
        self.raw: set[ast.expr] = set()  # lists of words that are asked with the word as it came from outside

    def spelled(self) -> str:
        """The new word in the letters that the code compares it in: "StreamableHTTP"."""
        consts = {
            str(c.value)
            for t in self.tests
            if self.new in t.words
            for c in self.words.values.of(t.module, t.words[self.new])
            if isinstance(c, Const) and str(c.value).lower() == self.new
        }
        text = consts.pop() if len(consts) == 1 else self.new
        return self.new if text.isupper() else text  # capitals: see `upper`

    def run(self, sinks: Iterable[tuple[Module, ast.expr, Trace]]) -> None:
        """Add the selector's edits to the draft. `sinks`: expressions that hand the word to the SDK."""
        sinks = list(sinks)
        if self.fixed:
            for module, expression, trace in sinks:
                self.say(module, expression, trace)
            sinks = []
        traces = [*(t.trace for t in self.tests), *(t for _, _, t in sinks)]
        for trace in traces:
            self.sources.update(trace.sources)
            self.enums.update(trace.enums)
        for trace in traces:
            for const in trace.consts:
                self.const(const)
            for member in trace.members:
                if isinstance(member, Field) and isinstance(member.of, Cls):
                    self.enums.setdefault(member.of)
                    if member.spot is not None and self.words.member_word(member) in self.words.old:
                        self.replace_word(*member.spot)
                        self.draft.files.add(member.spot[0].path)
        enum_edits = {e: self.enum(e) for e in self.enums if "sse" in self.words.enum_members(e)}
        # a test for a word that nothing seen here can be: its source was not found, so it is read where it is tested
        seen = {str(c.value).lower() for t in traces for c in t.consts if isinstance(c.value, str)}
        lost = not self.sources and not self.enums and not seen & self.words.old
        entry = not enum_edits and not lost and all(self.can_enter(s) for s in self.sources)
        for source in [] if entry else list(self.sources):
            for other in self.words.namesakes(source):
                self.sources.setdefault(other)
                self.draft.keys.add(("selector", other.key))
        for source in self.sources:
            self.declare(source, entry)
            if entry and self.accept_old:
                self.enter(source)
            self.draft.files.add(source.module.path)
        for test in self.tests:
            early = test.module.function_of(test.node) in self.words.checkers
            self.test(test, wrap=early or (not entry and bool(self.sources or enum_edits or lost)))
        for test in self.tests:
            self.messages(test)
        if not entry and (self.sources or enum_edits or lost) and self.accept_old:
            for module, expression, trace in sinks:
                if trace.sources or trace.enums or lost:
                    self.wrap(module, expression)
        self.literals()

    # -- words

    def say(self, module: Module, node: ast.expr, trace: Trace) -> None:
        """A start that always says the old word says the SDK's new one; a constant for it changes where it stands."""
        mine = {id(c.node) for t in self.tests for c in (*t.trace.consts, *self.named(t))}
        others = {
            id(c.node)
            for t in self.words.tests
            if t not in self.tests and t.words.keys() & self.words.old
            for c in (*t.trace.consts, *self.named(t))
        }
        self.draft.files.add(module.path)
        for const in trace.consts:
            if (self.fixed != self.new and id(const.node) in mine) or id(const.node) in others or trace.members:
                break
            if isinstance(const.value, str) and const.value.lower() in self.words.old:
                self.draft.do(
                    ReplaceExpr(const.module.at(const.node), self.quoted(const.module, const.node, self.fixed))
                )
                self.draft.files.add(const.module.path)
                self.draft.keys.add(("selector", ("const", id(const.node))))  # two servers may share it
        else:
            if not trace.members:
                return
        self.draft.do(ReplaceExpr(module.at(node), f'"{self.fixed}"'))

    def named(self, test: Test) -> Iterable[Const]:
        """The constants that the words of a test are."""
        for node in test.words.values():
            yield from (v for v in self.words.values.of(test.module, node) if isinstance(v, Const))

    # -- spelling

    def quoted(self, module: Module, node: ast.AST, word: str | None = None) -> str:
        text = module.source(node)
        match = re.match(r"[A-Za-z]*(\"\"\"|'''|\"|')", text)
        quote = match[1] if match else '"'
        word = self.text if word is None else word
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isupper():
            word = word.upper()
        return f"{quote}{word}{quote}"

    def const(self, const: Const) -> None:
        if isinstance(const.value, str) and const.value.lower() in self.words.old:
            self.draft.do(ReplaceExpr(const.module.at(const.node), self.quoted(const.module, const.node)))

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

    # -- tests

    def test(self, test: Test, wrap: bool) -> None:
        old = [w for w in test.words if w in self.words.old]
        self.draft.files.add(test.module.path)
        if not old:
            if wrap and self.accept_old and not isinstance(test.node, ast.match_case | ast.Dict):
                if self.new in test.words:
                    self.wrap(test.module, test.operand)
            return
        if isinstance(test.node, ast.match_case):
            self.case(test, test.node, old[0], wrap)
            return
        if isinstance(test.node, ast.Dict):
            if self.new not in test.words:
                self.replace_word(test.holder_module or test.module, test.words[old[0]])
            if wrap and self.accept_old:
                self.wrap(test.module, test.operand)
            return
        if test.holder is None and not test.negative and self.served and self.falsify(test):
            self.never.add(test.node)
            return
        if wrap and self.accept_old:
            self.wrap(test.module, test.operand)
        if test.holder is not None:
            self.membership(test.holder_module or test.module, test.holder, keep_old=False)
            return
        arm = self.duplicate_arm(test)
        if arm is not None:
            self.never.add(test.node)
            self.removed_arms[arm] = test.module
            self.draft.do(RemoveArm(test.module.at(arm)))
        elif not self.repeated(test):
            self.replace_word(test.module, test.words[old[0]])

    def repeated(self, test: Test) -> bool:
        """Take out a test of `kind == "http" or kind == "sse"` whose neighbour asks for the new word already."""
        module, parent = test.module, test.module.parents.get(test.node)
        if not isinstance(parent, ast.BoolOp) or isinstance(parent.op, ast.And) is not test.negative:
            return False
        for other in self.tests:
            if other.node in parent.values and other.holder is None and set(other.words) == {self.new}:
                if module.source(other.operand) == module.source(test.operand) and other.negative is test.negative:
                    rest = [module.source(v) for v in parent.values if v is not test.node]
                    self.draft.do(ReplaceExpr(module.at(parent), (" and " if test.negative else " or ").join(rest)))
                    return True
        return False

    def falsify(self, test: Test) -> bool:
        """Take out what hangs on a test that never holds any more. False when its place is not one we know."""
        module = test.module
        node: ast.AST = test.node
        while True:
            parent = module.parents.get(node)
            if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.And):
                node = parent
            elif isinstance(parent, ast.BoolOp):
                rest = [module.source(v) for v in parent.values if v is not node]
                self.draft.do(ReplaceExpr(module.at(parent), " or ".join(rest)))
                return True
            elif isinstance(parent, ast.IfExp) and parent.test is node:
                self.draft.do(ReplaceExpr(module.at(parent), module.source(parent.orelse)))
                return True
            elif isinstance(parent, ast.If) and parent.test is node:
                self.removed_arms[parent] = module
                self.draft.do(RemoveArm(module.at(parent)))
                return True
            else:
                return False

    def replace_word(self, module: Module, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            self.draft.do(ReplaceExpr(module.at(node), self.quoted(module, node)))
        elif isinstance(node, ast.Attribute):
            for value in self.words.values.of(module, node):
                if isinstance(value, Field) and isinstance(value.of, Cls):
                    self.draft.do(ReplaceExpr(module.at(node), f"{module.source(node.value)}.{self.enum(value.of)}"))
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
                if not has_new:
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
        return word == self.new or self.new not in self.words.new

    def duplicate_arm(self, test: Test) -> ast.If | None:
        """The test's own `if` arm, when another arm of the same chain already serves the new transport."""
        arm = test.module.parents.get(test.node)
        if not isinstance(arm, ast.If) or arm.test is not test.node or test.negative:
            return None
        chain = if_chain(test.module, arm)
        for other in self.tests:
            if other is test or other.module is not test.module or other.negative:
                continue
            holder = test.module.parents.get(other.node)
            if holder in chain and holder is not arm and set(other.words) & set(self.words.new):
                self.must_hold(other)
                return arm
        return None

    def ends(self, moved: bool) -> tuple[dict[ast.AST, bool], set[ast.AST]]:
        """How each test ends for a start that is told the old word, and the rows of tables that it doesn't get.

        moved: with the edits made, else as the code is.
        """
        holds: dict[ast.AST, bool] = {}
        others: set[ast.AST] = set()
        for test in self.tests:
            old = [w for w in test.words if w in self.words.old]
            now = self.new in test.words or bool(old and test.node not in self.never)
            holds[test.node] = (now if moved else bool(old)) is not test.negative
            if isinstance(test.node, ast.Dict):
                found = self.new if moved and self.new in test.words else old[0]
                others.update(row_of(test.module, k) for w, k in test.words.items() if w != found)
        return holds, others

    def must_hold(self, other: Test) -> None:
        """Block the draft unless the arm that takes a removed one's place is entered with the new word.

        It isn't where it asks for another word than the SDK is given: who said "sse" would be in neither arm, and what
        the arms set up, a check of credentials for one, would not be there for him.
        """
        if self.new in other.words:
            return
        known = ", ".join(sorted(other.words))
        self.draft.block(
            other.module.place(other.node),
            f'the code that takes the place of the old transport asks for "{known}", and the SDK is given "{self.new}"',
            f'Let the code call the new transport "{self.new}" throughout, then run mcp-migrate again.',
        )

    def case(self, test: Test, case: ast.match_case, old: str, wrap: bool) -> None:
        match = test.module.parents[case]
        assert isinstance(match, ast.Match)
        others = [
            t
            for t in self.tests
            if isinstance(t.node, ast.match_case)
            and t.node in match.cases
            and t is not test
            and set(t.words) & set(self.words.new)
        ]
        if others:
            self.never.add(case)
        if wrap and self.accept_old:
            self.wrap(test.module, test.operand)
        if not isinstance(case.pattern, ast.MatchValue):
            if self.new not in test.words and not others:  # else the word gets there no more
                self.replace_word(test.module, test.words[old])
        elif others:
            self.must_hold(others[0])
            self.removed_arms[case] = test.module
            self.draft.do(RemoveCase(test.module.at(case.pattern, "case")))
        else:
            self.replace_word(test.module, test.words[old])

    # -- where the word enters

    def can_enter(self, source: Source) -> bool:
        """True when the word can be normalised where this source is read or declared."""
        if source.kind == "option":
            for module, call in self.taking(source):
                kind = next((k.value for k in call.keywords if k.arg == "type"), None)
                if kind is not None and module.source(kind) not in ("str", HELPER):
                    return False
                if any(k.arg == "nargs" for k in call.keywords):
                    return False
            return bool(self.words.declarations(source))
        if source.kind in ("env", "argv"):
            return isinstance(source.node, ast.expr)
        if source.kind in ("command", "param"):
            return isinstance(source.module.parents.get(source.module.parents.get(source.node)), FunctionNode)  # type: ignore[arg-type]
        return source.kind == "opaque" and isinstance(source.node, ast.Call | ast.Subscript) and bool(source.name)

    def taking(self, source: Source) -> list[tuple[Module, ast.Call]]:
        """The declarations that take a word from the command line, and don't only stand for one."""
        return [(m, c) for m, c in self.words.declarations(source) if not is_flag(c)]

    def enter(self, source: Source) -> None:
        """The old word from this source means the new transport."""
        module, node = source.module, source.node
        if source.kind == "option":
            for option_module, call in self.taking(source):
                self.draft.do(EditCall(option_module.at(call), keywords=(("type", HELPER),)))
                self.helper(option_module)
        elif source.kind == "command" and self.words.declarations(source) and not self.taking(source):
            return
        elif source.kind in ("command", "param"):
            function = module.parents[module.parents[node]]
            name = node.arg  # type: ignore[attr-defined]
            self.draft.do(Insert(module.at(function), f"{name} = {HELPER}({name})", where="top"))
            self.helper(module)
        elif not self.within_option(module, node):
            self.wrap(module, stripped(module, node))  # type: ignore[arg-type]

    def within_option(self, module: Module, node: ast.AST) -> bool:
        """True inside the declaration of an option whose `type=` normalises string defaults too."""
        options = {c for s in self.sources if s.kind == "option" for _, c in self.words.declarations(s)}
        return any(outer in options for outer in module.ancestors(node))

    def wrap(self, module: Module, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) or self.words.word(module, node):
            return
        self.draft.do(WrapExpr(module.at(node), f"{HELPER}(", ")"))
        self.helper(module)
        self.draft.files.add(module.path)

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

    def helper(self, module: Module) -> None:
        """Our function that gives the old word its new meaning, and says so once."""
        if self.enums:
            test, answer = (
                '    word = getattr(name, "value", name)\n    if isinstance(word, str) and word.lower() == "sse":\n',
                f'        return "{self.new}" if word is name else type(name)("{self.new}")\n',
            )
        else:
            case = ' if name.islower() else "' + self.new.upper() + '"' if self.upper() else ""
            test, answer = PLAIN, f'        return "{self.text}"{case}\n'
        self.draft.do(*helper_of(module, self.text, test, answer))

    def declare(self, source: Source, entry: bool) -> None:
        """The option's choices, help text, and what other files call it."""
        names: list[str] = []
        if source.kind == "subcommand":
            self.subcommand(source)
            return
        for module, call in self.words.declarations(source):
            self.draft.files.add(module.path)
            names += option_names(call) if not is_flag(call) else ()
            raw = source.kind in ("command", "each") or not entry
            for holder_module, holder in self.words.choice_lists(module, call):
                if raw and self.accept_old:
                    self.raw.add(holder)
                    self.keep_beside(holder_module, holder)
                else:
                    self.membership(holder_module, holder, keep_old=False)
            for keyword in call.keywords:
                if keyword.arg in ("help", "metavar"):
                    self.help(module, keyword.value)
                elif keyword.arg == "envvar":
                    for value in self.words.values.of(module, keyword.value):
                        if isinstance(value, Const) and isinstance(value.value, str):
                            self.selector("environment", (value.value,), source)
        first = source.held or source
        kind = {"option": "option", "command": "option", "env": "environment", "argv": "argument"}.get(
            first.kind, "setting"
        )
        if self.words.declarations(source) and not self.taking(source):
            return  # flags: named anew in flags.py
        if source.kind == "command" and not names and not self.words.positional(source):
            names = ["--" + source.name.replace("_", "-")]
        if source.kind == "param":
            return
        if kind == "option" and not names and self.words.declarations(source):
            kind = "argument"  # a positional one
        if source.kind == "slot":
            variables = variables_of(self.words.values, Cls(source.module, source.node), source.name)
            if variables:
                self.selector("environment", variables, source)
        if source.kind == "argv" and source.name.startswith("--"):
            kind = "option"
        if names or (source.name and (source.kind, source.name) != ("field", "value")):  # of an enum's member
            self.selector(kind, tuple(dict.fromkeys(names)) or (source.name,), source)

    def subcommand(self, source: Source) -> None:
        """`add_parser("sse")`: the new word names the parser, the old one is an alias of it."""
        parsers = self.words.parsers(source)
        if self.new not in {c.args[0].value for _, c in parsers}:  # type: ignore[attr-defined]
            for module, call in parsers:
                if self.words.word(module, call.args[0]) in self.words.old:
                    rename_parser(self.draft, module, call, self.new, self.accept_old)
        self.selector("argument", (source.name,), source)

    def selector(self, kind: str, names: tuple[str, ...], source: Source) -> None:
        place = source.module.place(source.node)
        old, new = ("SSE", self.new.upper()) if self.capitals(source) else ("sse", self.text)
        self.draft.selectors.append(Selector(kind, names, old, new, self.accept_old, place))

    def capitals(self, source: Source) -> bool:
        """True when the option's choices spell the word in capitals."""
        lists = (h for m, c in self.words.declarations(source) for _, h in self.words.choice_lists(m, c))
        return any(isinstance(e, ast.Constant) and e.value == "SSE" for h in lists for e in elements(h))

    def keep_beside(self, module: Module, holder: ast.expr) -> None:
        """Choices that see the raw word: the new one in front, the old one still accepted."""
        words = [self.words.word(module, e) for e in elements(holder)]
        for i, (word, element) in enumerate(zip(words, elements(holder), strict=True)):
            if word in self.words.old and self.new not in words and isinstance(element, ast.Constant):
                self.draft.do(
                    EditElements(
                        module.at(holder),
                        replace=((i, self.quoted(module, element)),),
                        append=(module.source(element),),
                    )
                )

    def help(self, module: Module, node: ast.expr) -> None:
        """The word inside the option's own help text."""
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and not isinstance(module.parents.get(part), ast.JoinedStr):
                self.reword(module, part)

    def reword(self, module: Module, node: ast.Constant | ast.JoinedStr) -> None:
        """The word in a text that people read."""
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            return
        text = module.source(node)
        if re.search(rf"(?<![\w/-]){self.text}(?![\w:/-])", text):
            changed = without_word(text)
        else:
            changed = re.sub(r"(?:(?<![\w/.-])|(?<=stdio/))sse(?![\w/-])", self.text, text)
        if changed != text:
            self.draft.do(ReplaceExpr(module.at(node), changed))

    def messages(self, test: Test) -> None:
        """What is said of a word that the test doesn't know: "unknown transport: use stdio or sse"."""
        module, node = test.module, test.node
        body: list[ast.stmt] = []
        parent = module.parents.get(node)
        if isinstance(node, ast.match_case) and isinstance(parent, ast.Match):
            body = parent.cases[-1].body if isinstance(parent.cases[-1].pattern, ast.MatchAs) else []
        elif isinstance(parent, ast.If):
            body = parent.body if test.negative else if_chain(module, parent)[-1].orelse
        if parent in self.removed_arms or node in self.removed_arms:
            return
        for statement in body:
            if isinstance(statement, ast.Raise | ast.Expr):
                for part in ast.walk(statement):
                    if isinstance(part, ast.JoinedStr | ast.Constant) and _lists_words(module, part):
                        self.reword(module, part)

    def literals(self) -> None:
        """`Literal["stdio", "sse"]` in the annotations of what the word passes through."""
        slots = any(s.kind in ("slot", "command") for s in self.sources)
        for module, node in list(literals_of(self.words, self.keys, self.draft.files)):
            elts = node.slice.elts  # type: ignore[attr-defined]
            words = [self.words.word(module, e) for e in elts]
            index = words.index("sse")
            texts = [module.source(e) for e in elts]
            new = self.quoted(module, elts[index])
            if (slots or listed_unseen(self.words, node, self.draft.files)) and self.accept_old:
                texts[index : index + 1] = [texts[index]] if self.new in words else [new, texts[index]]
            else:
                texts[index : index + 1] = [] if self.new in words else [new]
            self.draft.do(ReplaceExpr(module.at(node), f"{module.source(node.value)}[{', '.join(texts)}]"))
            self.draft.files.add(module.path)


def helper_of(module: Module, new: str, test: str = PLAIN, answer: str = "") -> tuple[Helper, EnsureImport]:
    """The function that gives the old word its new meaning, and what it imports."""
    code = (
        f"def {HELPER}(name):\n"
        '    """The retired transport name "sse" now means Streamable HTTP."""\n'
        f"{test}"
        f'        print(\'transport "sse" is retired: serving Streamable HTTP, say "{new}"\', file=sys.stderr)\n'
        + (answer or f'        return "{new}"\n')
        + "    return name\n"
    )
    return Helper(module.path, HELPER, code), EnsureImport(module.path, "sys")


def rename_parser(draft: Draft, module: Module, call: ast.Call, new: str, accept_old: bool) -> None:
    """`add_parser("sse")` under its new name, and the old one as an alias."""
    given = next((k.value for k in call.keywords if k.arg == "aliases"), None)
    old = module.source(call.args[0])
    keywords: tuple[tuple[str, str | None], ...] = ()
    if accept_old:
        inner = f", *{module.source(given)}" if given is not None else ""
        keywords = (("aliases", f"[{old}{inner}]"),)
    draft.do(EditCall(module.at(call), positional=((0, f'"{new}"'),), keywords=keywords))
    draft.files.add(module.path)


def without_word(text: str) -> str:
    """A help text's list of words without the old one: "stdio, sse or http" is "stdio or http"."""
    for pattern, left in (
        (r", (['`]?)sse\1(?: \([^()]*\))?( or | and )", r"\2"),
        (r"(?<![\w./-])(['`]?)sse\1(?: \([^()]*\))?(?:, (?!or |and )|\||/| or | and )", ""),
        (r",?(?: or | and |\||/|, )(['`]?)sse\1(?![\w/-])(?: \((?![^()]*default)[^()]*\))?", ""),
    ):
        changed = re.sub(pattern, left, text, count=1)
        if changed != text:
            return changed
    return text


def _lists_words(module: Module, node: ast.JoinedStr | ast.Constant) -> bool:
    """True for a text that names the old word and another one, in its own letters."""
    if isinstance(module.parents.get(node), ast.JoinedStr | ast.FormattedValue):
        return False
    parts = [node] if isinstance(node, ast.Constant) else node.values
    computed = " ".join(ast.unparse(p.value) for p in parts if isinstance(p, ast.FormattedValue))
    said = " ".join(str(p.value) for p in parts if isinstance(p, ast.Constant))
    return bool(re.search(r"\bsse\b", said) and re.search(r"\b(?:stdio|http)\b", said) and "sse" not in computed)


def stripped(module: Module, node: ast.AST) -> ast.AST:
    """The expression with the string methods behind it, where they strip: the word may have blanks until then."""
    inner, found = node, node
    while True:
        method = module.parents.get(inner)
        call = module.parents.get(method) if isinstance(method, ast.Attribute) else None
        if not isinstance(call, ast.Call) or call.func is not method or call.args or call.keywords:
            return found
        if not isinstance(method, ast.Attribute) or method.attr not in ("strip", "lower", "casefold"):
            return found
        if found is not node or method.attr == "strip":
            found = call
        inner = call


def row_of(module: Module, key: ast.expr) -> ast.AST:
    """What a table has under a key: `{key: row}`, `table[key] = row`."""
    parent = module.parents[key]
    if isinstance(parent, ast.Dict):
        return parent.values[parent.keys.index(key)]
    return module.statement_of(key)


def if_chain(module: Module, arm: ast.If) -> list[ast.If]:
    """All arms of the chain that an `if` belongs to, from the first."""
    first = arm
    while True:
        parent = module.parents.get(first)
        if isinstance(parent, ast.If) and parent.orelse == [first]:
            first = parent
        else:
            break
    chain = [first]
    while len(chain[-1].orelse) == 1 and isinstance(chain[-1].orelse[0], ast.If):
        chain.append(chain[-1].orelse[0])
    return chain


__all__ = ["HELPER", "Chooser", "helper_of", "if_chain", "rename_parser"]
