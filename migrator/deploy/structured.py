"""JSON, YAML and TOML of any schema: commands and variables by the names of their keys (rules/deploy/surfaces.toml).

Formats differ in where they put `command` and `env`, hardly in what they call them, so one walk reads compose files,
Kubernetes objects, Helm values, workflows, launch configurations, and whatever comes next.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from migrator.configs.entries import NOTATIONS
from migrator.configs.services import pairs_of
from migrator.configs.spans import Member, Node
from migrator.deploy import lines, shell
from migrator.deploy.published import add_package
from migrator.deploy.strands import Strand, of_node
from migrator.deploy.words import Command, Container, Exposed, Setting, Sheet

_DEFAULT = re.compile(r"\$\{\w+:?-(\w*)\}")
_JS_COMMAND = re.compile(r"command['\"]?\s*:\s*(['\"])(?P<text>.*?)\1")
_JS_LIST = re.compile(r"args['\"]?\s*:\s*\[(?P<items>[^\]]*)\]")
_JS_STRING = re.compile(r"(['\"])(?P<text>(?:(?!\1)[^\\\n])*)\1")
_JS_PAIR = re.compile(r"(?P<name>[A-Z][A-Z0-9_]+)['\"]?\s*:\s*(['\"])(?P<value>[^'\"\n]*)\2")
_JS_START = re.compile(
    r"\bscript['\"]?\s*:\s*(['\"])(?P<program>[^'\"\n]+)\1"
    r"|\bargs['\"]?\s*:\s*(?:(['\"])(?P<line>[^'\"\n]*)\3|\[(?P<items>[^\]]*)\])"
)
_ASKED = re.compile(r"\b((?:matrix|inputs)\.[\w-]+)\s*[!=]=\s*'sse'")  # in an expression of a workflow
_COMMENT = re.compile(
    r"[ \t]*#[ \t#]*(?:-[ \t]+)?[\"']?(?P<name>[A-Za-z_]\w*)[\"']?[ \t]*[=:][ \t]*[\"']?(?P<value>[\w-]+)[\"']?,?[ \t]*(?:#.*)?$"
)


# The service that another one of a compose file extends, with its file; None for one that extends none.
Extended = Callable[[str, Node], tuple[str, Node] | None]


class Structured:
    """Reads documents by the rulebook's keys."""

    def __init__(self, keys: Mapping[str, Sequence[str]], extended: Extended) -> None:
        self.extended = extended
        self.keys = {name: frozenset(values) for name, values in keys.items()}
        self.order = {name: tuple(values) for name, values in keys.items()}

    def read(self, source: Strand, syntax: str, path: str) -> Sheet:
        """The commands and settings of a document. Raises Unparsable."""
        sheet = Sheet()
        for document in NOTATIONS[syntax].parse(source.text):
            _Walk(self, source, path, sheet).node(document, (), None)
        given = {s.value.start for s in sheet.settings if s.container is not None}
        # What a template (`x-env: &env`) says is said in the containers that take it over.
        sheet.settings = [s for s in sheet.settings if s.container is not None or s.value.start not in given]
        sheet.tested |= {m[1] for m in _ASKED.finditer(source.text)}
        if syntax != "json":
            for line in source.lines():
                match = _COMMENT.match(line.text)
                if match:
                    sheet.settings.append(Setting(match["name"], line.part(*match.span("value")), comment=True))
        return sheet


def scripted(source: Strand) -> Sheet:
    """The programs of a JavaScript file of settings that holds more than literals, with their literal arguments."""
    sheet = Sheet(texts=[source.part(*m.span("text")) for m in _JS_STRING.finditer(source.text)])
    program: Strand | None = None
    for match in _JS_START.finditer(source.text):
        if match["program"]:
            program = source.part(*match.span("program"))
        elif program is not None:
            items, begin = match["items"] or "", match.start("items")
            listed = [source.part(begin + m.start("text"), begin + m.end("text")) for m in _JS_STRING.finditer(items)]
            words = listed or shell.split(source.part(*match.span("line")))
            sheet.commands.append(Command((program, *words)))
            program = None
    for match in _JS_PAIR.finditer(source.text):
        sheet.settings.append(Setting(match["name"], source.part(*match.span("value"))))
    return sheet


class _Walk:
    def __init__(self, rules: Structured, source: Strand, path: str, sheet: Sheet) -> None:
        self.rules = rules
        self.keys = rules.keys
        self.source = source
        self.path = path
        self.folder = posixpath.dirname(path)
        self.workspace = path.rpartition("/")[2] in self.keys["workspaces"]
        self.sheet = sheet
        self.seen: set[int] = set()
        self.asking = self.keys["probes"] | self.keys["monitored"]

    def text(self, node: Node | None) -> Strand | None:
        if node is not None and self.hole(node):
            return self.source.part(node.start, node.end)
        return of_node(node, self.source) if node is not None else None

    def hole(self, node: Node) -> bool:
        """True for `{{ .Values.x }}`, which YAML takes for a map in a map."""
        return node.kind == "map" and node.flow and self.source.text.startswith("{{", node.start)

    def first(self, node: Node, kind: str) -> Member | None:
        return next((m for k in self.rules.order[kind] if (m := node.member(k)) is not None), None)

    def node(self, node: Node, trail: tuple[str, ...], container: Container | None) -> None:
        if id(node) in self.seen:
            return
        self.seen.add(id(node))
        if node.kind == "map" and not self.hole(node):
            self.map(node, trail, container)
        elif node.kind == "list":
            for item in node.items:
                self.node(item, trail, container)
        elif text := self.text(node):
            self.sheet.texts.append(text)
            asked = not self.asking.isdisjoint(trail) or (
                bool(trail)
                and trail[-1] in self.keys["asking-options"]
                and not self.keys["asking-tasks"].isdisjoint(trail[:-1])
            )
            if asked and text.text.startswith("/"):
                self.sheet.probes.append(text)
            elif trail and node.kind == "string":
                self.sheet.pairs.append((trail[-1], text))
                self.sheet.trails.append((".".join(trail), text))
                self.sheet.asked += [text] if asked else []

    def map(self, node: Node, trail: tuple[str, ...], container: Container | None) -> None:
        container = self.container(node, container)
        before = len(self.sheet.commands)
        taken = self.command(node, container)
        ports = node.member("ports")
        if container is not None and ports is not None and (pairs := pairs_of(ports.value)):
            at = self.source.part(ports.key.start, ports.value.end).start
            self.sheet.exposed.append(Exposed(container, pairs, tuple(self.sheet.commands[before:]), at))
        self.keyed(node, container)
        named = self.first(node, "variable-name")
        value = self.first(node, "variable-value")
        if named is not None and value is not None and named.value.kind == "string":
            text = self.text(value.value)
            if text is not None and re.fullmatch(r"[A-Za-z_]\w*", named.value.value):
                self.sheet.settings.append(Setting(named.value.value, text, container))
        monitored = next((m.key.value for m in node.members if m.key.value in self.keys["monitored"]), "")
        trail = (*trail, monitored) if monitored else trail
        for member in node.all_members():
            key = member.key.value
            if member.value in taken:
                continue
            if key in self.keys["packages"]:
                for package in member.value.items:
                    add_package(self.sheet, package, self.text)
            if key in self.keys["matrix"]:
                self.matrix(member.value, "" if "parallel" in trail else "matrix.")
            elif key in self.keys["inputs"]:
                self.inputs(member.value)
            if key in self.keys["environment"]:
                self.variables(member.value, container)
            elif key in self.keys["shell"] or (trail and trail[-1] in self.keys["tables"]):
                self.shell(member.value, container)
            elif key in self.keys["words"]:
                self.check(member.value, container)
            elif key in self.keys["javascript"]:
                self.javascript(member.value)
            if key in self.keys["build"] and member.value.kind == "map" and (args := member.value.get("args")):
                self.variables(args, container)
            self.node(member.value, (*trail, key), container)

    def container(self, node: Node, outer: Container | None) -> Container | None:
        """What a map that names an image or a build runs in."""
        if self.workspace:
            return outer
        build, image, folder = (self.first(node, k) for k in ("build", "image", "folder"))
        below = self.folder
        if build is None and image is None and (base := self.rules.extended(self.path, node)) is not None:
            below = posixpath.dirname(base[0])
            build, image = self.first(base[1], "build"), self.first(base[1], "image")
            folder = folder or self.first(base[1], "folder")
        where = self.string(folder)
        if image is None and (build is None or build.value.kind == "scalar"):
            if where and outer:
                return Container(outer.build, outer.dockerfile, outer.image, where)
            return Container(folder=where) if where and self.first(node, "words") else outer
        name = self.string(image)
        if image is not None and image.value.kind == "map":
            repository = image.value.get("repository")
            name = repository.value if repository is not None and repository.kind == "string" else ""
        context, dockerfile = None, ""
        if build is not None:
            where_built = build.value.get("context") if build.value.kind == "map" else build.value
            text = where_built.value if where_built is not None and where_built.kind == "string" else "."
            if not re.match(r"\w+://|git@", text):
                context = normal(posixpath.join(below, _DEFAULT.sub(r"\1", text)))
                named = build.value.get("dockerfile") if build.value.kind == "map" else None
                if named is not None and named.kind == "string":
                    dockerfile = normal(posixpath.join(context, named.value))
        starts = [] if context is not None else [*self.words(node.get("entrypoint")), *self.words(node.get("command"))]
        return Container(context, dockerfile, name, where, tuple(w.text for w in starts))

    def string(self, member: Member | None) -> str:
        return member.value.value if member is not None and member.value.kind == "string" else ""

    def words(self, node: Node | None) -> list[Strand]:
        """The words of a list, or of a string that is split."""
        if node is None:
            return []
        if node.kind == "list":
            return [t for i in node.items if (t := self.text(i)) is not None]
        text = self.text(node) if node.kind == "string" else None
        return shell.split(text) if text is not None else []

    def command(self, node: Node, container: Container | None) -> list[Node]:
        """The one command that the keys of a map make up together; the nodes that it took."""
        entry = node.get("entrypoint")
        command = node.get("command")
        arguments = self.first(node, "arguments")
        program, module = self.first(node, "program"), self.first(node, "module")
        taken = [n for n in (entry, command) if n is not None and n.kind in ("list", "string")]
        words = [*self.words(entry)]
        inside = False
        if command is not None and command.kind in ("list", "string"):
            text = self.text(command) if command.kind == "string" else None
            if text is not None and re.search(r"[\n;|]|&&", text.text) and not re.match(r"\S*sh\s+-\w*c\s", text.text):
                self.sheet.add(shell.read(text), container)
                inside = True
            else:
                words += self.words(command)
        if arguments is not None and arguments.value.kind in ("list", "string") and not self.builds(node):
            if program is not None and (text := self.text(program.value)) is not None:
                words.append(text)
            if module is not None and (text := self.text(module.value)) is not None:
                words += [Strand("-m", [text.start] * 2, [text.start] * 2), text]
            words += self.words(arguments.value)
            taken.append(arguments.value)
        if not words or inside:
            return taken
        if len(words) == 1 and command is not None and command.kind == "list" and re.search(r"\s-", words[0].text):
            self.sheet.add(shell.read(words[0]), container)  # for an entrypoint that is a shell
            return taken
        bare = entry is None and (command is None or container is not None)
        self.add(words, container, bare)
        return taken

    def builds(self, node: Node) -> bool:
        """True for compose's `build:`, whose args are variables."""
        return node.get("context") is not None or node.get("dockerfile") is not None

    def add(self, words: list[Strand], container: Container | None, bare: bool) -> None:
        self.sheet.texts += words
        self.sheet.commands.append(Command(tuple(words), container=container, bare=bare))
        for word in words[1:]:
            if " " in word.text and words[0].text.rpartition("/")[2] in ("sh", "bash", "ash", "dash", "zsh"):
                self.sheet.add(shell.read(word), container)

    def check(self, node: Node, container: Container | None) -> None:
        """A command that is no program's start: the test of a health check."""
        if node.kind == "string" and (text := self.text(node)) is not None:
            self.sheet.add(shell.read(text), container)
            return
        words = self.words(node) if node.kind == "list" else []
        if words and words[0].text == "CMD-SHELL" and len(words) > 1:
            self.sheet.add(shell.read(words[1]), container)
        elif words:
            words = words[1:] if words[0].text in ("CMD", "NONE") else words
            if words:
                self.add(words, container, bare=False)

    def shell(self, node: Node, container: Container | None) -> None:
        if node.kind == "list":
            texts = [t for i in node.items if (t := self.text(i)) is not None]
            if any(" " in t.text for t in texts) or len(texts) == 1:
                for text in texts:
                    self.sheet.add(shell.read(text), container)
            elif texts:
                self.add(texts, container, bare=False)
        elif node.kind == "string" and (one := self.text(node)) is not None:
            self.sheet.add(shell.read(one), container)
        elif node.kind == "map" and self.workspace:  # commands that run beside each other, by their names
            for member in node.all_members():
                self.shell(member.value, container)

    def variables(self, node: Node, container: Container | None) -> None:
        if node.kind == "map":
            for member in node.all_members():
                inner = self.first(member.value, "variable-value") if member.value.kind == "map" else None
                text = self.text(inner.value if inner is not None else member.value)
                if text is not None:
                    self.sheet.settings.append(Setting(member.key.value, text, container))
        elif node.kind == "string" and (block := self.text(node)) is not None:  # `build-args: |` with a line for each
            self.sheet.settings += [replace(s, container=container) for s in lines.environment(block).settings]
        elif node.kind == "list":
            for item in node.items:
                text = self.text(item) if item.kind == "string" else None
                if text is not None and "=" in text.text:
                    name, _, _ = text.text.partition("=")
                    value = lines.value_of(text.part(len(name) + 1))
                    self.sheet.settings.append(Setting(name.strip(), value, container))

    def keyed(self, node: Node, container: Container | None) -> None:
        """The keys of a ConfigMap or a Secret, and a variable that takes its value from one of them."""
        kind, meta, name = node.get("kind"), node.get("metadata"), self.string(node.member("name"))
        if kind is not None and kind.value in self.keys["key-holders"] and meta is not None and meta.kind == "map":
            holder = self.string(meta.member("name"))
            for held in (v for k in self.rules.order["held-keys"] if (v := node.get(k)) is not None):
                for member in held.all_members():
                    self.listed(f"configMap/{holder}/{member.key.value}", member.value)
        generated = node.get("literals")
        for item in generated.items if generated is not None and name else ():
            if (text := self.text(item)) is not None and "=" in text.text:
                key = text.text.partition("=")[0]
                value = lines.value_of(text.part(len(key) + 1))
                self.sheet.settings.append(Setting(f"configMap/{name}/{key.strip()}", value))
        source = node.get("valueFrom")
        for member in source.all_members() if source is not None and source.kind == "map" else ():
            if member.key.value in self.keys["key-references"] and member.value.kind == "map":
                holder, key = (self.string(member.value.member(k)) for k in ("name", "key"))
                stands, at = f"configMap/{holder}/{key}", member.key.start
                starts, ends = [self.source.starts[at]] * len(stands), [self.source.ends[at]] * len(stands)
                self.sheet.settings.append(Setting(name, Strand(stands, starts, ends), container))

    def matrix(self, node: Node, before: str) -> None:
        """The values that a job runs with, one after the other. before: what stands in front of their names."""
        for member in node.all_members() if node.kind == "map" else ():
            if member.key.value in self.keys["matrix-rows"]:
                self.matrix(member.value, before)
            self.listed(f"{before}{member.key.value}", member.value)
        for row in node.items if node.kind == "list" else ():
            self.matrix(row, before)

    def inputs(self, node: Node) -> None:
        """What a workflow or an action may be started with: the default, and what can be chosen."""
        for member in node.all_members() if node.kind == "map" else ():
            values = (
                [member.value.get(k) for k in self.rules.order["input-values"]] if member.value.kind == "map" else []
            )
            for value in values:
                self.listed(f"inputs.{member.key.value}", value)

    def listed(self, name: str, node: Node | None) -> None:
        """A variable with one value, or with each of a list's."""
        found = [node] if node is None or node.kind != "list" else node.items
        texts = [t for n in found if n is not None and n.kind == "string" and (t := self.text(n)) is not None]
        among = tuple(t.text for t in texts)
        self.sheet.settings += [Setting(name, text, among=among) for text in texts]

    def javascript(self, node: Node) -> None:
        """`(config) => ({command: 'python', args: ['server.py'], env: {...}})`: its literals."""
        text = self.text(node)
        if text is None:
            return
        for match in _JS_LIST.finditer(text.text):
            before = list(_JS_COMMAND.finditer(text.text, 0, match.start()))
            words = [text.part(*before[-1].span("text"))] if before else []
            base = match.start("items")
            words += [
                text.part(base + m.start("text"), base + m.end("text")) for m in _JS_STRING.finditer(match["items"])
            ]
            if words:
                self.sheet.commands.append(Command(tuple(words)))
        for match in _JS_PAIR.finditer(text.text):
            self.sheet.settings.append(Setting(match["name"], text.part(*match.span("value"))))


def normal(path: str) -> str:
    """A folder below the project, "" for the project's own."""
    path = posixpath.normpath(path)
    return "" if path == "." else path
