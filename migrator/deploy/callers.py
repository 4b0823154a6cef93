"""Python that starts a moved server or sets its variable: the user's tests, launchers, examples.

An argument list is a command line, `monkeypatch.setenv(NAME, "sse")` is a setting: they are tied as anywhere else.
In a test, what it then expects of the word changes with it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.deploy import shell
from migrator.deploy.follow import Follower, Site, moved, passed
from migrator.deploy.readers import Readers
from migrator.deploy.strands import Strand
from migrator.deploy.ties import Ties
from migrator.deploy.words import Command, Setting, Sheet, option_values
from migrator.model import Endpoint, Selector
from migrator.python.code import is_test
from migrator.python.functions import walk_own
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.rewrite.edits import EditCall, ReplaceExpr
from migrator.python.words.optioncalls import elements
from migrator.records import record
from migrator.text import TextFile

UNKNOWN = "<expression>"
PUT_TOGETHER = "the word stands in a string that is put together"
_ASSERTED = re.compile(r"assert_\w*called\w*|assert_any_call|assertEqual|assertIn|call$")
_PROGRAM = re.compile(r"(?:python|py)[\d.]*$")


@record(frozen=True)
class Use:
    """A place in Python that passes (or expects) the old word, and the operation that changes it; None: by hand."""

    node: ast.expr
    operation: ReplaceExpr | EditCall | None
    shown: str
    endpoint: Endpoint
    selector: Selector
    reason: str = ""
    instruction: str = ""  # where that is another than to write the new word


class Callers:
    """Reads one Python file that is none of the server's own."""

    def __init__(self, ties: Ties, readers: Readers, module: Module) -> None:
        self.ties = ties
        self.readers = readers
        self.module = module
        self.nodes: list[ast.expr] = []  # by the number that a strand carries as its position
        self.sheet = Sheet()
        self.bare: list[Command] = []

    def uses(self) -> list[Use]:
        """What passes the old word to a moved server, and the assertions of the same test about it."""
        for node in self.module.nodes:
            if isinstance(node, ast.List | ast.Tuple):
                self._display(node)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    self._setting(key, value)
            elif isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                self._setting(node.targets[0].slice, node.value)
        self._grown()
        found = {id(u.node): u for u in self._found()}
        for use in list(found.values()):
            for other in self.expected(use):
                found.setdefault(id(other.node), other)
        for use in [] if found else self._listed():
            found.setdefault(id(use.node), use)
        for use in self._varied():
            found.setdefault(id(use.node), use)
        return sorted(found.values(), key=lambda u: (u.node.lineno, u.node.col_offset))

    def _listed(self) -> Iterator[Use]:
        """The words that a test goes through, where its command line takes one of them from a variable."""
        for command in self.sheet.commands:
            for endpoint in moved(self.ties.tie(command, self.module.path).endpoints):
                for selector in endpoint.selectors:
                    values = option_values(command.words, selector.names) if selector.kind == "option" else []
                    if any(v.text == UNKNOWN for v in values):
                        for node in self._words(selector.old_word):
                            shown = f'"{selector.old_word}", which a command line takes from a variable,'
                            yield Use(node, None, shown, endpoint, selector, "it is one of several words")

    def _varied(self) -> Iterator[Use]:
        """The old word among those that a test is run with: `@pytest.mark.parametrize("kind", ["stdio", "sse"])`."""
        for endpoint in moved(self.ties.imported(self.module.path)):
            for selector in endpoint.selectors:
                for name in self._passed_names(selector):
                    yield from self.in_runs(name, endpoint, selector)

    def in_runs(self, name: ast.Name, endpoint: Endpoint, selector: Selector) -> Iterator[Use]:
        """The old word in the runs of the test that a name is a parameter of."""
        old, new = selector.old_word, selector.new_word
        rows = self._rows(name)
        beside = any(_is_word(e, new) for row in rows for e in row)
        for node in (e for row in rows for e in row if _is_word(e, old)):
            code = "" if beside else _written(self.module.source(node), old, new, True)
            if code:
                yield Use(node, ReplaceExpr(self.module.at(node), code), f"the test's {old}", endpoint, selector)
                continue
            reason = f"the test is run with {new} already" if beside else PUT_TOGETHER
            todo = f"take the run with {old} out, or let it say what becomes of who still says {old}" if beside else ""
            yield Use(node, None, f"the test's {old}", endpoint, selector, reason, todo)

    def _passed_names(self, selector: Selector) -> Iterator[ast.Name]:
        """Names that the file gives as a selector's word."""
        for node in self.module.nodes:
            pairs: list[tuple[ast.expr | None, ast.expr]] = []
            if isinstance(node, ast.Call):
                pairs += zip(node.args, node.args[1:], strict=False)
                pairs += [(ast.Constant(k.arg), k.value) for k in node.keywords]
            elif isinstance(node, ast.Dict):
                pairs += zip(node.keys, node.values, strict=True)
            elif isinstance(node, ast.List | ast.Tuple):
                pairs += zip(node.elts, node.elts[1:], strict=False)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                pairs.append((node.targets[0].slice, node.value))
            for first, second in pairs:
                if isinstance(first, ast.Constant) and first.value in selector.names and isinstance(second, ast.Name):
                    yield second

    def column(self, name: ast.Name) -> list[ast.expr]:
        """What a name is in each run of the test that it is a parameter of."""
        return [
            row[index]
            for names, rows in self._tables(name)
            for row in rows
            if (index := names.index(name.id)) < len(row)
        ]

    def _rows(self, name: ast.Name) -> list[list[ast.expr]]:
        """The values of each run of the test that a name is a parameter of."""
        return [row for _, rows in self._tables(name) for row in rows]

    def _tables(self, name: ast.Name) -> Iterator[tuple[list[str], list[list[ast.expr]]]]:
        """The parameters that a test is run with, the name among them, and their values in each run."""
        function = self.module.function_of(name)
        for call in function.decorator_list if function is not None else ():
            if isinstance(call, ast.Call) and dotted(call.func).endswith("parametrize") and len(call.args) > 1:
                names, values = call.args[0], call.args[1]
                text = names.value if isinstance(names, ast.Constant) else None
                given = str(text).split(",") if text else [getattr(n, "value", "") for n in elements(names)]
                stripped = [str(n).strip() for n in given]
                if name.id in stripped and isinstance(values, ast.List | ast.Tuple):
                    yield stripped, [_row(e) for e in values.elts]

    def _beside(self, node: ast.expr) -> Iterator[ast.expr]:
        """What a test asserts of those that a row holds beside the node: `parametrize("argv, mode", [(["sse"], "sse")])`."""
        around = {node, *self.module.ancestors(node)}
        test = next((f for f in around if isinstance(f, FunctionNode) and around & {*f.decorator_list}), None)
        claims = [a for a in ast.walk(test) if isinstance(a, ast.Assert)] if test is not None else []
        for name in [n for a in claims for n in ast.walk(a) if isinstance(n, ast.Name)]:
            for names, rows in self._tables(name):
                index = names.index(name.id)
                yield from (row[index] for row in rows if index < len(row) and around & {*row} - {row[index]})

    def _words(self, old: str) -> list[ast.expr]:
        """The items of lists and tuples that are the old word."""
        displays = (n for n in self.module.nodes if isinstance(n, ast.List | ast.Tuple))
        return [e for n in displays for e in n.elts if isinstance(e, ast.Constant) and e.value == old]

    # ------------------------------------------------------------------ reading

    def _strand(self, node: ast.expr) -> Strand:
        """A word for an argument: its text where that is known, and the number of its node as its position."""
        text = self._text(node)
        self.nodes.append(node)
        number = len(self.nodes) - 1
        return Strand(text, [number] * len(text), [number] * len(text))

    def _text(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Attribute) and node.attr == "executable":
            return "python"
        for inner in ast.walk(node):
            if (
                isinstance(inner, ast.Constant)
                and isinstance(inner.value, str)
                and inner.value.endswith((".py", ".sh"))
            ):
                return inner.value
            if isinstance(inner, ast.Name) and (found := self._bound(inner.id)):
                return found
        return UNKNOWN

    def _bound(self, name: str) -> str:
        """A path that a name of the module stands for."""
        for statement in self.module.tree.body:
            if isinstance(statement, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == name for t in statement.targets
            ):
                for inner in ast.walk(statement.value):
                    if (
                        isinstance(inner, ast.Constant)
                        and isinstance(inner.value, str)
                        and inner.value.endswith((".py", ".sh"))
                    ):
                        return inner.value
        return ""

    def _display(self, node: ast.List | ast.Tuple) -> None:
        texts = [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
        if not any(t.lower() == "sse" or t.lower().endswith("=sse") or t.startswith("-") for t in texts):
            return
        command = Command(tuple(self._strand(e) for e in node.elts))
        self.sheet.commands.append(command)
        self.bare.append(command)
        parent = self.module.parents.get(node)
        if isinstance(parent, ast.BinOp) and parent.right is node and isinstance(parent.left, ast.Name):  # BASE + [...]
            before = [e for name, e in self._pieces(None) if name == parent.left.id]
            self.sheet.commands += [Command(tuple(self._strand(e) for e in (*before, *node.elts)))] if before else []

    def _grown(self) -> None:
        """Command lines that grow: `cmd = [...]`, then `cmd += [...]`, `cmd.extend([...])`, `cmd.append("sse")`."""
        grows = bool(self.module.calls_by_name.keys() & {"append", "extend"})
        grows = grows or any(isinstance(n, ast.AugAssign) for n in self.module.nodes)
        for scope in [*self.module.scopes] if grows else ():
            lines: dict[str, list[ast.expr]] = {}
            for name, element in self._pieces(scope):
                lines.setdefault(name, []).append(element)
            for line in lines.values():
                self.sheet.commands.append(Command(tuple(self._strand(e) for e in line)))

    def _pieces(self, scope: ast.AST | None) -> Iterator[tuple[str, ast.expr]]:
        """(name, element) for what a scope (None: the module) puts into its lists, in the order of the text."""
        statements = [n for n in walk_own(scope or self.module.tree) if isinstance(n, ast.stmt)]
        for node in sorted(statements, key=lambda n: n.lineno):
            target: ast.expr | None = None
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                held = node.value
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and len(node.value.args) == 1:
                if isinstance(node.value.func, ast.Attribute) and node.value.func.attr in ("append", "extend"):
                    target, held = node.value.func.value, node.value.args[0]
                    held = held if node.value.func.attr == "extend" else ast.List([held])
            if isinstance(target, ast.Name) and isinstance(held, ast.List | ast.Tuple):
                yield from ((target.id, e) for e in held.elts)

    def _setting(self, key: ast.expr | None, value: ast.expr) -> None:
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and _is_text(value):
            self.sheet.settings.append(Setting(key.value, self._strand(value)))

    def _call(self, node: ast.Call) -> None:
        for first, second in zip(node.args, node.args[1:], strict=False):
            self._setting(first, second)
        for keyword in node.keywords:
            if keyword.arg and keyword.arg.isupper():
                self._setting(ast.Constant(keyword.arg), keyword.value)
        texts = [a.value for a in node.args[1:] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if any(t.startswith("-") for t in texts):  # session.run("weather", "--transport", "sse")
            self.sheet.commands.append(Command(tuple(self._strand(a) for a in node.args)))
        for argument in node.args[:1]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and " " in argument.value:
                self._line(argument, argument.value)
            elif isinstance(argument, ast.JoinedStr):
                pieces = [str(p.value) if isinstance(p, ast.Constant) else "0" for p in argument.values]
                self._line(argument, "".join(pieces))

    def _line(self, node: ast.expr, text: str) -> None:
        """A command line in one string."""
        self.nodes.append(node)
        number = len(self.nodes) - 1
        inner = shell.read(Strand(text, [number] * len(text), [number] * len(text)), comments=False)
        self.sheet.commands += inner.commands
        self.sheet.settings += inner.settings

    # ------------------------------------------------------------------ deciding

    def _found(self) -> Iterator[Use]:
        file = TextFile(self.module.path, self.module.text, "utf-8", b"")
        seen: set[int] = set()
        for site in (*Follower(self.ties, self.readers, file, self.sheet).sites(), *self._called()):
            if site.word.start in seen:
                continue
            seen.add(site.word.start)
            yield self._use(self.nodes[site.word.start], site)

    def _called(self) -> Iterator[Site]:
        """Arguments for a server that this module imports: `main(["--transport", "sse"])`, `sys.argv = [...]`."""
        servers = moved(self.ties.imported(self.module.path))
        if not servers:
            return
        for command in self.bare:
            words = command.words
            first = words[0].text
            if not first.startswith("-") and not self._is_argv(words[0]) and len(words) > 1:
                if _PROGRAM.match(first) or self.ties.tie(command, self.module.path).path:
                    continue
                if not self._is_arguments(words[0]):
                    continue
            for endpoint in servers:
                for selector in endpoint.selectors:
                    for shown, word, new in passed(words, selector):
                        yield Site(word, new, shown, endpoint, selector)

    def _is_argv(self, word: Strand) -> bool:
        """True for a list that becomes sys.argv."""
        node = self.module.parents[self.nodes[word.start]] if word.text else None
        parent = self.module.parents.get(node) if node is not None else None
        if isinstance(parent, ast.Assign):
            return any("argv" in self.module.source(t) for t in parent.targets)
        return isinstance(parent, ast.Call) and any(
            "argv" in self.module.source(a) for a in parent.args if a is not node
        )

    def _is_arguments(self, word: Strand) -> bool:
        """True for a list that is handed to a function of the server's or its command line runner."""
        node = self.module.parents[self.nodes[word.start]] if word.text else None
        parent = self.module.parents.get(node) if node is not None else None
        if isinstance(parent, ast.keyword):
            parent = self.module.parents.get(parent)
        if not isinstance(parent, ast.Call):
            return False
        name = self.module.source(parent.func).rpartition(".")[2]
        return name in ("invoke", "parse_args", "main", "cli", "parse_known_args")

    def _use(self, node: ast.expr, site: Site) -> Use:
        source = self.module.source(node)
        old = site.word.text
        code = _written(source, old, site.new, isinstance(node, ast.Constant) and node.value == old)
        reason = site.reason if code else PUT_TOGETHER
        operation = ReplaceExpr(self.module.at(node), code) if code and not site.reason else None
        return Use(node, operation, site.shown, site.endpoint, site.selector, reason)

    def expected(self, use: Use) -> Iterator[Use]:
        """What the same test asserts about the word."""
        if not is_test(self.module.path):
            return
        words = {use.selector.old_word: use.selector.new_word}
        if use.selector.kind == "flag" and self.ties.reworded(use.endpoint):
            words["sse"] = self.ties.word_of(use.endpoint)  # what the flag stands for in the code
        for cell in self._beside(use.node):
            old = str(cell.value) if isinstance(cell, ast.Constant) else ""
            if new := words.get(old):
                code = _written(self.module.source(cell), old, new, True)
                operation = ReplaceExpr(self.module.at(cell), code) if code else None
                yield Use(cell, operation, f"the expected {old}", use.endpoint, use.selector)
        function = self.module.function_of(use.node)
        if function is None:
            return
        for node in ast.walk(function):
            asserted: list[ast.expr] = []
            if isinstance(node, ast.Assert):
                asserted = [
                    c for n in ast.walk(node.test) if isinstance(n, ast.Compare) for c in (n.left, *n.comparators)
                ]
            elif isinstance(node, ast.Call) and _ASSERTED.search(self.module.source(node.func).rpartition(".")[2]):
                asserted = [*node.args, *(k.value for k in node.keywords)]
            for display in [a for a in asserted if isinstance(a, ast.Tuple | ast.List | ast.Set | ast.Dict)]:
                inner = display.values if isinstance(display, ast.Dict) else display.elts
                if not any(_is_word(e, new) for e in inner for new in words.values()):
                    asserted += inner
            for one in asserted:
                old = str(one.value) if isinstance(one, ast.Constant) else ""
                if new := words.get(old):
                    source = self.module.source(one)
                    code = _written(source, old, new, True)
                    yield Use(
                        one,
                        ReplaceExpr(self.module.at(one), code) if code else None,
                        f"the expected {source}",
                        use.endpoint,
                        use.selector,
                    )


def _row(node: ast.expr) -> list[ast.expr]:
    """The values of one run: `"sse"`, `("sse", 8000)`, `pytest.param("sse", id="x")`."""
    return list(node.args) if isinstance(node, ast.Call) else elements(node)


def _is_word(node: ast.expr, word: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == word


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _written(source: str, old: str, new: str, whole: bool) -> str:
    """The string literal `source` with the word `old` replaced; "" where that can't be told."""
    if whole:
        return source.replace(old, new, 1) if source.count(old) == 1 else ""
    found = list(re.finditer(rf"(?<![\w./-]){re.escape(old)}(?![\w./-])", source))
    if len(found) != 1:
        return ""
    return source[: found[0].start()] + new + source[found[0].end() :]
