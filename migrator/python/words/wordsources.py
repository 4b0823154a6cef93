"""Where the word comes from outside: options, variables, arguments, settings. What declares them says the new word."""

from __future__ import annotations

import ast
import re

from migrator.model import Place, Selector
from migrator.python.flow.value import Cls, Const
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.rewrite.edits import EditCall, EditElements, Insert, ReplaceExpr
from migrator.python.unit import Draft
from migrator.python.words.declared import Source, in_dict
from migrator.python.words.fields import option_of, reads_files, schema_lists, variables_of
from migrator.python.words.newword import NewWord
from migrator.python.words.optioncalls import elements, is_flag, option_names
from migrator.python.words.prefixed import prefixed
from migrator.python.words.selector import HELPER
from migrator.python.words.texts import reword_all

CUTS = ("strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "replace")
WORDS = re.compile(r"\^?(?:\((?:\?:)?)?[\w-]+(?:\|[\w-]+)+\)?\$?")


class WordSources:
    """The sources of one selector."""

    def __init__(self, word: NewWord) -> None:
        self.word = word
        self.words = word.words
        self.draft = word.draft

    def can_enter(self, source: Source) -> bool:
        """True when the word can be normalised where this source is read or declared."""
        if source.kind == "option":
            for module, call in self.taking(source):
                if getattr(call.func, "attr", "") == "add_option":  # optparse: its types are names
                    return False
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

    def refuses(self, source: Source) -> bool:
        """True for an option whose own list of choices refuses what isn't in it."""
        calls = self.taking(source) if source.kind in ("option", "command") else []
        if any(s.kind == "env" and self.within_option(s.module, s.node) for s in self.word.sources):
            return False  # argparse takes a default as it comes
        return bool(calls) and all(any(self.words.choice_lists(m, c)) for m, c in calls)

    def enter(self, source: Source) -> None:
        """The old word from this source means the new transport, or is refused."""
        module, node = source.module, source.node
        if source.kind == "option":
            for option_module, call in self.taking(source):
                self.draft.do(EditCall(option_module.at(call), keywords=(("type", HELPER),)))
                self.word.helper(option_module)
        elif source.kind == "command" and self.words.declarations(source) and not self.taking(source):
            return
        elif source.kind in ("command", "param"):
            function = module.parents[module.parents[node]]
            name = f'{node.arg}["{source.name}"]' if in_dict(source) else source.name  # type: ignore[attr-defined]
            self.draft.do(Insert(module.at(function), f"{name} = {HELPER}({name})", where="top"))
            self.word.helper(module)
        elif not self.within_option(module, node):
            self.word.wrap(module, _stripped(module, node))  # type: ignore[arg-type]

    def within_option(self, module: Module, node: ast.AST) -> bool:
        """True inside the declaration of an option whose `type=` normalises string defaults too."""
        options = {c for s in self.word.sources if s.kind == "option" for _, c in self.words.declarations(s)}
        return any(outer in options for outer in module.ancestors(node))

    def declare(self, source: Source, entry: bool) -> None:
        """The option's choices, help text, and what other files call it."""
        names: list[str] = []
        if source.kind == "subcommand":
            self.subcommand(source)
            return
        for module, call in self.words.declarations(source):
            self.draft.files.add(module.path)
            names += option_names(call) if not is_flag(call) else ()
            raw = source.kind in ("command", "each", "env") or not entry
            for holder_module, holder in self.words.choice_lists(module, call):
                if raw and self.word.accept_old:
                    self.word.raw.add(holder)
                    self.keep_beside(holder_module, holder)
                else:
                    self.word.membership(holder_module, holder, keep_old=False)
            for keyword in call.keywords:
                if keyword.arg in ("help", "metavar"):
                    reword_all(self.draft, module, keyword.value, self.word.text)
                elif keyword.arg in self.words.commands["variables"]:  # one, or a list of them
                    for value in (v for e in elements(keyword.value) for v in self.words.values.of(module, e)):
                        if isinstance(value, Const) and isinstance(value.value, str):
                            self.selector("environment", (value.value,), source)
        if source.kind == "command":
            module = source.module
            if variable := prefixed(module, module.parents[module.parents[source.node]], source.name):
                self.selector("environment", (variable,), source)
        closed = self.words.closed(source)
        if closed is not None and not self.let_pass(source, closed):
            self.draft.block(
                source.module.place(closed),
                f"{source.name} goes through {source.module.source(closed)}, which can't be told the new word",
                f'Let it pass "{self.word.text}" beside the old word, in a list (or check the word after it is read); '
                "then run mcp-migrate again.",
            )
        for holder_module, holder in schema_lists(self.words.modules, source.name):
            if {self.words.word(holder_module, e) for e in elements(holder)} & self.words.old:
                self.draft.files.add(holder_module.path)
                self.word.raw.add(holder)
                self.keep_beside(holder_module, holder)
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
            cls = Cls(source.module, source.node)
            self.describe(source)
            for holder_module, holder in self.words.field_lists(source):
                self.draft.files.add(holder_module.path)
                if self.word.accept_old:
                    self.word.raw.add(holder)
                    self.keep_beside(holder_module, holder)
                else:
                    self.word.membership(holder_module, holder, keep_old=False)
            variables = variables_of(self.words.values, cls, source.name)
            if variables:
                self.selector("environment", variables, source)
            option = option_of(self.words.values, cls, source.name)
            if option:
                self.selector("option", (option,), source)
            if not reads_files(self.words.values, cls):
                return
        if source.kind == "argv" and source.name.startswith("--"):
            kind = "option"
        if names or (source.name and (source.kind, source.name) != ("field", "value")):  # of an enum's member
            self.selector(kind, tuple(dict.fromkeys(names)) or (source.name,), source)
        elif source.kind == "opaque":
            self.selector("code", (), source)  # from somewhere, and nobody here knows what it is called there

    def let_pass(self, source: Source, pattern: ast.expr) -> bool:
        """Name the new word in a field's pattern, where that is a choice of words: `pattern="^(stdio|sse)$"`."""
        if source.kind != "slot" or not isinstance(pattern, ast.Constant) or not WORDS.fullmatch(str(pattern.value)):
            return False
        new = f"{self.word.text}|sse" if self.word.accept_old else self.word.text
        code = re.sub(r"(?<![\w-])sse(?![\w-])", new, source.module.source(pattern))
        self.draft.do(ReplaceExpr(source.module.at(pattern), code))
        return True

    def describe(self, source: Source) -> None:
        """What a settings field says of itself: `Field(description="stdio or sse")`."""
        for field in getattr(source.node, "body", ()):
            if isinstance(field, ast.AnnAssign) and dotted(field.target) == source.name:
                said = [k for c in ast.walk(field) if isinstance(c, ast.Call) for k in c.keywords]
                for keyword in said:
                    if keyword.arg in ("description", "help"):
                        reword_all(self.draft, source.module, keyword.value, self.word.text)

    def subcommand(self, source: Source) -> None:
        """`add_parser("sse")`: the new word names the parser, the old one is an alias of it."""
        parsers = self.words.parsers(source)
        if self.word.new not in {c.args[0].value for _, c in parsers}:  # type: ignore[attr-defined]
            for module, call in parsers:
                if self.words.word(module, call.args[0]) in self.words.old:
                    rename_parser(self.draft, module, call, self.word.new, self.word.accept_old)
        self.selector("argument", (source.name,), source)

    def selector(self, kind: str, names: tuple[str, ...], source: Source) -> None:
        """Note a place where the word enters: an option, a variable, ..."""
        place = source.module.place(source.node)
        old, new = ("SSE", self.word.new.upper()) if self.capitals(source) else ("sse", self.word.said())
        self.draft.selectors.append(Selector(kind, names, old, new, self.word.accept_old, place))

    def unknown(self, place: Place) -> None:
        """Note that the word enters where no source of it can be seen. place: what asks for it."""
        self.draft.selectors.append(Selector("code", (), "sse", self.word.text, self.word.accept_old, place))

    def capitals(self, source: Source) -> bool:
        """True when the option's choices spell the word in capitals."""
        lists = (h for m, c in self.words.declarations(source) for _, h in self.words.choice_lists(m, c))
        return any(isinstance(e, ast.Constant) and e.value == "SSE" for h in lists for e in elements(h))

    def keep_beside(self, module: Module, holder: ast.expr) -> None:
        """Choices that see the raw word: the new one in front, the old one still accepted."""
        words = [self.words.word(module, e) for e in elements(holder)]
        for i, (word, element) in enumerate(zip(words, elements(holder), strict=True)):
            if word in self.words.old and self.word.new not in words and isinstance(element, ast.Constant):
                self.draft.do(
                    EditElements(
                        module.at(holder),
                        replace=((i, self.word.quoted(module, element)),),
                        append=(module.source(element),),
                    )
                )


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


def _stripped(module: Module, node: ast.AST) -> ast.AST:
    """The expression with the string methods behind it, where they cut: the word may have blanks or dashes until then."""
    inner, found = node, node
    while True:
        method = module.parents.get(inner)
        call = module.parents.get(method) if isinstance(method, ast.Attribute) else None
        if not isinstance(call, ast.Call) or call.func is not method or not isinstance(method, ast.Attribute):
            return found
        cuts = method.attr in CUTS
        if not cuts and (call.args or method.attr not in ("lower", "casefold")):
            return found
        if found is not node or cuts:
            found = call
        inner = call
