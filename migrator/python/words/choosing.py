"""Moves a selector: what its tests ask for, the arms that go, and the words of the starts that it selects."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.python.flow.value import Cls, Const, Field
from migrator.python.functions import last_name
from migrator.python.module import Module, dotted
from migrator.python.rewrite.edits import RemoveArm, RemoveCase, ReplaceExpr
from migrator.python.unit import Draft
from migrator.python.words.arms import if_chain, row_of
from migrator.python.words.declared import Source
from migrator.python.words.literals import move_literals
from migrator.python.words.lookups import block_lookups, fields_of_texts
from migrator.python.words.newword import NewWord
from migrator.python.words.optioncalls import is_flag, option_names
from migrator.python.words.picked import picked
from migrator.python.words.selector import Test, Words
from migrator.python.words.texts import reword_messages
from migrator.python.words.traces import Trace
from migrator.python.words.wordsources import WordSources


class Chooser(NewWord):
    """Moves one selector in one draft. `new` is the word that stands for the new transport from now on."""

    def __init__(
        self, words: Words, draft: Draft, keys: frozenset[object], new: str, accept_old: bool, served: bool, fixed: str
    ) -> None:
        # fixed: the SDK's own word, where the start always says the old one whatever the selector calls it
        # served: the code already serves the new transport under `new`: what tests for the old word is dead now
        super().__init__(words, draft, keys, new, accept_old)
        self.served = served
        self.fixed = fixed
        self.incoming = WordSources(self)
        self.removed_arms: dict[ast.AST, Module] = {}  # an `if` or `case` that goes -> where it stands
        self.picked: set[Const] = set()  # old words that something unseen looks for where they stand
        self.never: set[ast.AST] = set()  # tests of the old word that nobody passes any more

    def run(self, sinks: Iterable[tuple[Module, ast.expr, Trace]]) -> None:
        """Add the selector's edits to the draft. `sinks`: expressions that hand the word to the SDK."""
        sinks = list(sinks)
        block_lookups(self, sinks)
        if self.fixed:
            for module, expression, trace in sinks:
                self.say(module, expression, trace)
            sinks = []
        traces = [*(t.trace for t in self.tests), *(t for _, _, t in sinks)]
        if all(self.unnamed(s) for t in traces for s in t.sources):
            self.picked = picked(self.words, {c for t in traces for c in t.consts}, {e for _, e, _ in sinks})
        self.accept_old = self.accept_old or bool(self.picked)  # there is no other word to start it with
        self.words_of(traces)
        enum_edits = {e: self.enum(e) for e in self.enums if "sse" in self.words.enum_members(e)}
        # a test for a word that nothing seen here can be: its source was not found, so it is read where it is tested
        seen = {str(c.value).lower() for t in traces for c in t.consts if isinstance(c.value, str)}
        lost = not self.sources and not self.enums and not seen & self.words.old
        here = not enum_edits and not lost and not self.picked  # it can be taken where it comes in
        entry = here and all(self.incoming.can_enter(s) for s in self.sources)
        self.declare(entry)
        if lost and self.tests:
            self.incoming.unknown(self.tests[0].module.place(self.tests[0].node))
        # each reader takes the old word for itself
        open_ = self.accept_old or not all(self.incoming.refuses(s) for s in self.sources)
        elsewhere = not entry and bool((self.sources and open_) or enum_edits or lost or self.picked)
        for test in self.tests:
            early = self.accept_old and test.module.function_of(test.node) in self.words.checkers
            self.test(test, wrap=early or elsewhere)
        for test in self.tests:
            reword_messages(self.draft, test, self.removed_arms, self.text)
        if elsewhere:
            for module, expression, trace in sinks:
                if trace.sources or trace.enums or lost or not self.picked.isdisjoint(trace.consts):
                    self.wrap(module, expression)
        move_literals(self)

    def unnamed(self, source: Source) -> bool:
        """True for flags whose names are put together of the words: `add_argument(f"--{kind}", const=kind)`."""
        return any(is_flag(c) and c.args and not option_names(c) for _, c in self.words.declarations(source))

    def words_of(self, traces: Iterable[Trace]) -> None:
        """What the word comes from: its sources and enums are noted, constants and members change where they stand."""
        traces = list(traces)
        for trace in traces:
            self.sources.update(trace.sources)
            self.enums.update(trace.enums)
        for trace in traces:
            for const in (c for c in trace.consts if c not in self.picked):
                self.const(const)
            for member in trace.members:
                if isinstance(member, Field) and isinstance(member.of, Cls):
                    self.enums.setdefault(member.of)
                    if member.spot is not None and self.words.member_word(member) in self.words.old:
                        self.replace_word(*member.spot)
                        self.draft.files.add(member.spot[0].path)

    def declare(self, entry: bool) -> None:
        """What declares the sources says the new word. entry: the old one is taken where it comes in."""
        for source in list(self.sources):
            for other in [] if entry and self.words.declarations(source) else self.words.namesakes(source):
                self.sources.setdefault(other)
                self.draft.keys.add(("selector", other.key))
        for source in self.sources:
            self.incoming.declare(source, entry)
            if entry and (self.accept_old or not self.incoming.refuses(source)):
                self.incoming.enter(source)
            self.draft.files.add(source.module.path)

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
            if self.looked_up(const) or self.compared(const):
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

    def compared(self, const: Const) -> bool:
        """True when code compares something with the constant by its name, and that is no test of ours that moves.

        `REMOTE = "sse"`, `if kind == REMOTE: mcp.run(REMOTE)`: another REMOTE would send the old word elsewhere.
        """
        statement = const.module.statement_of(const.node)
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            return False
        ours = {t.node for t in self.words.tests}
        names = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for module in self.words.modules:
            patterns = [
                p.value
                for m in module.matches
                for c in m.cases
                for p in ast.walk(c.pattern)
                if isinstance(p, ast.MatchValue)
            ]
            compares = [c for c in module.compares if c not in ours]
            for operand in (*patterns, *(o for c in compares for o in (c.left, *c.comparators))):
                named = {
                    n.id if isinstance(n, ast.Name) else n.attr
                    for n in ast.walk(operand)
                    if isinstance(n, ast.Name | ast.Attribute)
                }
                if names & named and const in self.words.values.of(module, operand):
                    return True
        return False

    def looked_up(self, const: Const) -> bool:
        """True for a class's attribute by which code finds the class: `{c.name: c for c in CLASSES}`, `c.name == word`.

        So is a constant that names a field of a text: `BANNER.format(**{KIND: "on"})`.
        """
        module, statement = const.module, const.module.parents.get(const.node)
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is not const.node:
            return False
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = {t.id for t in targets if isinstance(t, ast.Name)}
        if any(last_name(key) in names for key in fields_of_texts(self.words.modules)):
            return True
        owner = module.parents.get(statement)
        if isinstance(owner, ast.Module):  # of a plug-in: `if module.NAME == word: module.serve()`
            code = self.words.values.code
            near = [m for n in names for m in code.mentioning(n, tests=False, in_form=(r"\.WORD",)) if m is not module]
            uses = ((m, u) for m in near for n in names for u in m.loads.get(n, ()) if isinstance(u, ast.Attribute))
            return any(_finds(m, u) and const not in self.words.values.of(m, u) for m, u in uses)
        return isinstance(owner, ast.ClassDef) and any(
            isinstance(use, ast.Attribute) and dotted(use.value).rpartition(".")[2] != owner.name and _finds(m, use)
            for m in self.words.modules
            for n in names
            for use in m.loads.get(n, ())
        )

    def named(self, test: Test) -> Iterable[Const]:
        """The constants that the words of a test are."""
        for node in test.words.values():
            yield from (v for v in self.words.values.of(test.home, node) if isinstance(v, Const))

    # -- tests

    def test(self, test: Test, wrap: bool) -> None:
        """Make one comparison with the old word one with the new. wrap: its operand may still be the old word."""
        old = [w for w in test.words if w in self.words.old]
        self.draft.files.add(test.module.path)
        if not old:
            if wrap and not isinstance(test.node, ast.match_case | ast.Dict):
                if self.new in test.words:
                    self.wrap(test.module, test.operand)
            return
        if isinstance(test.node, ast.match_case):
            self.case(test, test.node, old[0], wrap)
            return
        if isinstance(test.node, ast.Dict):
            if self.new not in test.words:
                self.replace_word(test.home, test.words[old[0]])
            if wrap:
                self.wrap(test.module, test.operand)
            for other in self.words.tests if wrap else ():  # what asks the same table for other words
                if test.node in (other.node, other.holder) and other not in self.tests and other.trace.sources:
                    self.wrap(other.module, other.operand)
            return
        arm = self.duplicate_arm(test)
        if test.holder is None and not test.negative and self.served and self.falsify(test):
            self.never.add(test.node)
            return
        if wrap:
            self.wrap(test.module, test.operand)
        if test.holder is not None:
            self.membership(test.home, test.holder, keep_old=False)
            return
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
                others.update(row_of(test.home, k) for w, k in test.words.items() if w != found)
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
        """The same for a `case` of a match."""
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
        if wrap:
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


def _finds(module: Module, use: ast.Attribute) -> bool:
    """True for an attribute that is a dict's key, or compared with something that is not written out."""
    parent = module.parents.get(use)
    if isinstance(parent, ast.Compare):
        return not any(isinstance(side, ast.Constant) for side in (parent.left, *parent.comparators))
    if isinstance(parent, ast.DictComp):
        return use is parent.key
    if isinstance(parent, ast.Dict):
        return use in parent.keys
    return isinstance(parent, ast.Subscript) and use is parent.slice
