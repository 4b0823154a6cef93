"""Flags that are named for the old transport: `--sse`, `--use-sse`, `"--sse" in sys.argv`.

Each gets a new name beside the old one, with the same meaning to the code (`dest` stays): the old one goes on
working and says so. What is decided elsewhere is untouched: these names choose a start, they are not its word.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.model import Selector
from migrator.python.flow.value import Expr
from migrator.python.functions import decorator_name, default_of
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import EditCall, EditElements, EnsureImport, ReplaceExpr
from migrator.python.unit import Draft
from migrator.python.words.commands import Commands
from migrator.python.words.declared import Source
from migrator.python.words.newword import helper_of
from migrator.python.words.optioncalls import elements, is_flag, of_parser, option_dest, option_names
from migrator.python.words.retiring import HELPER, TOKEN, Retiring
from migrator.python.words.selector import HELPER as CURRENT
from migrator.records import record

NEWER = re.compile(r"(?<![A-Za-z0-9])(?:streamable|s?http)(?![A-Za-z0-9])", re.I)
BOTH = re.compile(
    r"(?P<new>streamable[ -]?http)(?: and | or |/|, ?)(?:http\+)?sse\b|\bsse(?: and | or |/|, ?)(?P<last>streamable[ -]?http)",
    re.I,
)


@record(frozen=True)
class Condition:
    """A test that must hold where a start is reached."""

    module: Module
    node: ast.expr


def _any_of(condition: Condition) -> Iterator[tuple[Module, ast.BoolOp]]:
    """The operands of which one is enough, in a test or in what a name in it stands for: `http = args.http or args.sse`."""
    module, nodes = condition.module, [*ast.walk(condition.node)]
    for name in [n for n in nodes if isinstance(n, ast.Name)]:
        for binding in module.scope_of(name).bindings.get(name.id, ()):
            nodes += ast.walk(binding.value) if binding.value is not None else ()
    yield from ((module, n) for n in nodes if isinstance(n, ast.BoolOp) and isinstance(n.op, ast.Or))


class Flags(Retiring):
    """Names the flags and commands of one draft anew."""

    def __init__(self, project: Project, draft: Draft) -> None:
        super().__init__(project, draft)
        self.asked: set[int] = set()  # nodes of the conditions
        self.any_of: list[tuple[Module, ast.BoolOp]] = []  # ... and those of which one is enough

    def move(self, places: Iterable[tuple[Module, ast.AST]]) -> None:
        """Add the edits for what chooses the code at these places."""
        places = list(places)
        for module, node in places:
            if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):  # the word itself
                for source in self.words.trace(module, node).sources:
                    self._source(source)
        conditions = list(self._conditions(places))
        self.asked = {id(part) for c in conditions for part in ast.walk(c.node)}
        self.any_of = [pair for c in conditions for pair in _any_of(c)]
        for condition in conditions:
            for node in ast.walk(condition.node):
                if isinstance(node, ast.Compare):
                    self._argument(condition.module, node)
                elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
                    for source in self.words.trace(condition.module, node).sources:
                        self._source(source)
        Commands(self.project, self.draft).move(places)

    # -- what a place depends on

    def _conditions(self, places: list[tuple[Module, ast.AST]]) -> Iterator[Condition]:
        """The tests around the places and around the calls of the functions that hold them."""
        seen: set[int] = set()
        stack = [(m, c) for m, n in places for m, c in self.project.guards.conditions(m, n)]
        while stack:
            module, node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield Condition(module, node)
            for inner in ast.walk(node):  # a test that has a name
                if isinstance(inner, ast.Name | ast.Attribute):
                    stack += [(v.module, v.node) for v in self.values.of(module, inner) if isinstance(v, Expr)]  # type: ignore[misc]

    # -- options

    def _source(self, source: Source) -> None:
        declared = self.words.declarations(source)
        if source.kind == "command" and not any(option_names(c) for _, c in declared):
            self._parameter(source)
            return
        annotation = getattr(source.node, "annotation", None)
        truth = annotation is not None and "bool" in {dotted(n) for n in ast.walk(annotation)}
        for module, call in declared:
            if (truth or is_flag(call)) and any(TOKEN.search(name) for name in option_names(call)):
                self._option(source, module, call)

    def _option(self, source: Source, module: Module, call: ast.Call) -> None:
        """A declared flag: `add_argument("--sse", ...)`, `@click.option("--sse", ...)`, `typer.Option(..., "--sse")`."""
        taken = {n for c in module.calls for a in option_names(c) for n in a.split("/")}
        put: list[tuple[int, str]] = []
        for i, argument in enumerate(call.args):
            if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                continue
            if not argument.value.startswith("-") or not TOKEN.search(argument.value):
                continue
            old, new = argument.value, TOKEN.sub(self.word, argument.value)
            if self._elsewhere(old.split("/")[0], call):
                continue
            same = self._same_as(source)
            if same is not None:
                self._named(source, module, call, old.split("/")[0], same[1])
                self._without_word(*same)
                continue
            chosen = self._choose_new()
            if not taken & set(new.split("/")):
                named = next((n for n in chosen if NEWER.search(n)), None)
                if named is not None:
                    self._named(source, module, call, old.split("/")[0], named)
                    self._help(module, call)
                    continue
                put.append((i, f'"{new}"'))
            elif new not in chosen:
                continue
            else:
                self._help(module, call)
            self._named(source, module, call, old.split("/")[0], new.split("/")[0])
        if put:
            self._keep_name(source, call, put)
            keywords: tuple[tuple[str, str | None], ...] = ()
            if source.kind == "option" and not any(k.arg == "dest" for k in call.keywords):
                keywords = (("dest", f'"{option_dest(call)}"'),)
            if self.accept_old:
                self.do(module, EditCall(module.at(call), keywords=keywords, put=tuple(put)))
            else:
                names = tuple((i, code) for i, code in put if i < len(call.args))
                more = tuple((i, code) for i, code in put if i >= len(call.args))
                self.do(module, EditCall(module.at(call), keywords=keywords, positional=names, put=more))
            self._help(module, call)

    def _same_as(self, source: Source) -> tuple[tuple[Module, ast.Call], str] | None:
        """The flag that means the new transport already where this one does: `args.http or args.sse`; its declaration, its name."""
        for where, asked in self.any_of:
            traced = [(v, self.words.trace(where, v).sources) for v in asked.values]
            mine = [v for v, sources in traced if source in sources]
            others = [s for v, sources in traced if v not in mine for s in sources]
            for module, call in (d for s in others if mine for d in self.words.declarations(s)):
                name = next((n for n in option_names(call) if is_flag(call) and NEWER.search(n)), None)
                if name is not None:
                    return (module, call), name
        return None

    def _without_word(self, declared: tuple[Module, ast.Call], name: str) -> None:
        """The help of the flag that stays: "Streamable HTTP and SSE"."""
        module, call = declared
        for keyword in call.keywords:
            if keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                text = module.source(keyword.value)
                changed = BOTH.sub(lambda m: m["new"] or m["last"], text)
                if changed != text:
                    self.do(module, ReplaceExpr(module.at(keyword.value), changed))

    def _elsewhere(self, flag: str, own: ast.AST) -> bool:
        """True when other code of the program handles the flag's text, which would not know a new name."""
        mine = {id(part) for part in ast.walk(own)} | self.asked
        for module in self.project.modules:
            if flag in module.text:
                for node in module.parents:
                    if isinstance(node, ast.Constant) and node.value == flag and id(node) not in mine:
                        if not isinstance(module.parents.get(node), ast.Call) or not self._declares(module, node):
                            return True
        return False

    def _declares(self, module: Module, node: ast.AST) -> bool:
        """True for a name in the declaration of another option: of another parser."""
        call = module.parents[node]
        return of_parser(call) or decorator_name(call).rpartition(".")[2] in ("option", "Option")  # type: ignore[arg-type]

    def _keep_name(self, source: Source, call: ast.Call, put: list[tuple[int, str]]) -> None:
        """click names the parameter for its first option unless a name stands among them."""
        if decorator_name(call).rpartition(".")[2] == "option":
            if not any(isinstance(a, ast.Constant) and str(a.value).isidentifier() for a in call.args):
                put.append((len(call.args), f'"{source.name}"'))

    def _choose_new(self) -> list[str]:
        """The flags that a start of the new transport hangs on."""
        found = []
        for start in self.project.starts.all([m for m in self.project.modules if m.path in self.draft.files]):
            if self.project.starts.literal(start) in self.words.new:
                for where, condition in self.project.guards.conditions(start.module, start.node):
                    for node in ast.walk(condition):
                        if isinstance(node, ast.Name | ast.Attribute):
                            for source in self.words.trace(where, node).sources:
                                calls = [c for _, c in self.words.declarations(source)]
                                found += [n for c in calls if is_flag(c) for n in option_names(c)]
        return found

    def _named(self, source: Source, module: Module, call: ast.Call, old: str, new: str) -> None:
        self.draft.selectors.append(Selector("flag", (old,), old, new, self.accept_old, module.place(call)))
        self.draft.keys.add(("selector", source.key))
        self.draft.files.add(module.path)
        if not self.accept_old:
            return
        function = self._function(source)
        if function is not None:
            self.say(module, function, "top", old, new)
        else:
            self.say(module, module.statement_of(call), "before", old, new)

    def _function(self, source: Source) -> FunctionNode | None:
        if source.kind != "command":
            return None
        function = source.module.parents.get(source.module.parents.get(source.node))  # type: ignore[arg-type]
        return function if isinstance(function, FunctionNode) else None

    def _parameter(self, source: Source) -> None:
        """A typer flag that is only a parameter: `def main(sse: bool = False)`."""
        function, module = self._function(source), source.module
        assert isinstance(source.node, ast.arg)
        annotation = source.node.annotation
        name = source.name.replace("_", "-")
        if function is None or annotation is None or not TOKEN.search(name):
            return
        if any(decorator_name(d).rpartition(".")[2] in ("option", "argument") for d in function.decorator_list):
            return  # click, by a name that is not read here
        typer = [c for _, c in self.words.declarations(source)]
        if "bool" not in {dotted(n) for n in ast.walk(annotation)}:
            return
        new = TOKEN.sub(self.word, name)
        if new.replace("-", "_") in {a.arg for a in [*function.args.args, *function.args.kwonlyargs]}:
            return
        if self.accept_old:
            flags = f'"--{new}/--no-{new}", "--{name}/--no-{name}"'
        else:
            flags = f'"--{new}/--no-{new}"'
        if typer:
            self.do(module, EditCall(module.at(typer[0]), put=((len(typer[0].args), flags),)))
            self._help(module, typer[0])
        else:
            code = f"Annotated[{module.source(annotation)}, typer.Option({flags})]"
            self.do(module, ReplaceExpr(module.at(annotation), code))
            self.do(module, EnsureImport(module.path, "typer"), EnsureImport(module.path, "typing", "Annotated"))
        self.draft.selectors.append(
            Selector("flag", (f"--{name}",), f"--{name}", f"--{new}", self.accept_old, module.place(source.node))
        )
        self.draft.keys.add(("selector", source.key))
        if self.accept_old and default_of(function, source.node) is not None:
            self.say(module, function, "top", f"--{name}", f"--{new}")

    def _help(self, module: Module, call: ast.Call) -> None:
        for keyword in call.keywords:
            if keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                text = module.source(keyword.value)
                if "streamable" not in text.lower():
                    self.do(module, ReplaceExpr(module.at(keyword.value), said_anew(text)))

    # -- sys.argv

    def _argument(self, module: Module, compare: ast.Compare) -> None:
        """`"--sse" in sys.argv` and `sys.argv[1] == "--sse"`."""
        if len(compare.ops) != 1:
            return
        op, left, right = compare.ops[0], compare.left, compare.comparators[0]
        if isinstance(op, ast.In) and isinstance(left, ast.Constant) and left.value in self.words.old:
            self._within(module, compare, left, right)
            return
        known, place = (left, right) if isinstance(left, ast.Constant) else (right, left)
        if not isinstance(known, ast.Constant) or not isinstance(known.value, str):
            return
        old = known.value
        if not old.startswith("-") or not TOKEN.search(old) or not self._is_argv(module, place):
            return
        if self._elsewhere(old, compare):
            return
        new = TOKEN.sub(self.word, old)
        negative = isinstance(op, ast.NotIn | ast.NotEq)
        sign = "in" if isinstance(op, ast.In | ast.NotIn) else "=="
        test = f'"{new}" {sign} {module.source(place)}' if sign == "in" else f'{module.source(place)} == "{new}"'
        test = f'{test} or {HELPER}("{old}", "{new}")'
        self.helper(module)
        holder = module.parents.get(compare)
        alone = isinstance(holder, ast.If | ast.Assign | ast.IfExp) and not negative
        code = test if alone else f"({test})"
        code = f"not {code}" if negative else code
        self.do(module, ReplaceExpr(module.at(compare), code))
        self.draft.selectors.append(Selector("flag", (old,), old, new, self.accept_old, module.place(compare)))
        self.draft.files.add(module.path)

    def _within(self, module: Module, compare: ast.Compare, word: ast.Constant, place: ast.expr) -> None:
        """`"sse" in kinds`: text or a list that comes from outside and may hold several words."""
        if self._is_argv(module, place) or not isinstance(place, ast.Name | ast.Attribute):
            return
        sources = self.words.trace(module, place).sources
        if not sources:
            return
        new, held = module.source(word).replace(str(word.value), self.word), module.source(place)
        several = [s for s in sources if any(_takes_several(c) for _, c in self.words.declarations(s))]
        for source in several:
            self._list(source)
        if several:
            self.do(module, ReplaceExpr(module.at(compare), f"{new} in [{CURRENT}(word) for word in {held}]"))
            self.do(module, *helper_of(module, self.word, accept_old=self.accept_old))
            return
        code = f"{new} in {held} or {module.source(word)} in {held}"
        alone = isinstance(module.parents.get(compare), ast.If | ast.Assign | ast.IfExp)
        self.do(module, ReplaceExpr(module.at(compare), code if alone else f"({code})"))

    def _list(self, source: Source) -> None:
        """An option that takes several words learns the new one."""
        for module, call in self.words.declarations(source):
            for where, holder in self.words.choice_lists(module, call):
                given = [self.words.word(where, e) for e in elements(holder)]
                if self.word in given or not set(given) & self.words.old:
                    continue
                index = next(i for i, word in enumerate(given) if word in self.words.old)
                code = where.source(elements(holder)[index]).replace(given[index], self.word)
                self.do(where, EditElements(where.at(holder), put=((index, code),)))
            for where, default in self.words.defaults(source):
                if isinstance(default, ast.Constant) and default.value in self.words.old:
                    code = where.source(default).replace(str(default.value), self.word)
                    self.do(where, ReplaceExpr(where.at(default), code))
            names = option_names(call)
            if names:
                old = min(self.words.old)
                self.draft.selectors.append(
                    Selector("option", names, old, self.word, self.accept_old, module.place(call))
                )

    def _is_argv(self, module: Module, node: ast.expr) -> bool:
        held = node.value if isinstance(node, ast.Subscript) else node
        return "sys.argv" in self.values.names(module, held)


def _takes_several(call: ast.Call) -> bool:
    """True for an option that gives a list."""
    given = {k.arg: k.value for k in call.keywords}
    action = given.get("action")
    return "nargs" in given or "multiple" in given or (isinstance(action, ast.Constant) and action.value == "append")


def said_anew(text: str) -> str:
    """A flag's help, as it stands in the source, for the new transport."""
    text = re.sub(r"HTTP \(SSE\)|SSE \(Server-Sent Events\)|HTTP\+SSE|HTTP/SSE", "Streamable HTTP", text)
    text = re.sub(r"(?i)\bserver-sent events(?: \(SSE\))?", "Streamable HTTP", text)
    word = re.compile(
        r"(--?\w[\w-]*[ =])?(?<![\w/.-])(?:SSE|sse)(?![\w/-])"
    )  # another option's word stays: --transport sse
    return word.sub(lambda m: m[0] if m[1] else "Streamable HTTP", text)
