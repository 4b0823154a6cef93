"""Commands and settings: what every deployment file comes down to, whatever its language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field, replace

from migrator.deploy.strands import Strand
from migrator.records import record


@record(frozen=True)
class Container:
    """What a command or variable runs in.

    build: the folder of the build context, relative to the project ("" for its root); None when it isn't built here.
    dockerfile: path of the file that it is built by, where that is said. image: the image's name, "" for none.
    folder: the folder that commands run in, where that is said. starts: what it runs instead of the image's own program.
    """

    build: str | None = None
    dockerfile: str = ""
    image: str = ""
    folder: str = ""
    starts: tuple[str, ...] = ()


@record(frozen=True)
class Command:
    """One command line.

    words: without quotes, the program first. folders: what `cd` went to before it, for relative paths.
    bare: words for a program that another place names (CMD behind ENTRYPOINT, `args` of a container).
    prompt: where a variable can be set for it (`NAME=value command`), -1 where that is not possible.
    inside: the shell function that it stands in, "" for none.
    """

    words: tuple[Strand, ...]
    folders: tuple[str, ...] = ()
    container: Container | None = None
    bare: bool = False
    comment: bool = False
    prompt: int = -1
    inside: str = ""

    @property
    def texts(self) -> list[str]:
        return [w.text for w in self.words]


@record(frozen=True)
class Setting:
    """A variable that gets a value. exported: handed on to programs.

    inside: the shell function that sets it. among: the values of the list that it is one of.
    """

    name: str
    value: Strand
    container: Container | None = None
    comment: bool = False
    exported: bool = True
    inside: str = ""
    among: tuple[str, ...] = ()


@record(frozen=True)
class Exposed:
    """A container whose ports are handed on: pairs of (port on this machine, port in the container).

    commands: what starts in it, where that is said beside them; else its image knows. at: the place that says so.
    """

    container: Container
    pairs: tuple[tuple[str, str], ...]
    commands: tuple[Command, ...]
    at: int


@record
class Sheet:
    """What one file (or one block of one) says.

    texts: everything that may hold an address. tested: variables that are compared with something.
    probes: paths that a health check asks for. pairs: every other key with its text.
    compared: old words that something is compared with. broken: it is not what its language says, and read by its lines.
    clients: addresses that code gives to a client of its own choice. asked: addresses that are asked for a page.
    trails: texts with the keys that lead to them, "mcp.transport". exposed: containers whose ports are handed on.
    functions: the names of the shell functions that are defined here.
    reaches: for Python that names a client, or asks for pages itself. named: addresses by the names that code gives them.
    """

    commands: list[Command] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    texts: list[Strand] = field(default_factory=list)
    tested: set[str] = field(default_factory=set)
    probes: list[Strand] = field(default_factory=list)
    pairs: list[tuple[str, Strand]] = field(default_factory=list)
    compared: list[Strand] = field(default_factory=list)
    broken: bool = False
    clients: list[Strand] = field(default_factory=list)
    asked: list[Strand] = field(default_factory=list)
    trails: list[tuple[str, Strand]] = field(default_factory=list)
    exposed: list[Exposed] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    reaches: bool = False
    named: list[tuple[str, Strand]] = field(default_factory=list)

    def add(self, other: Sheet, container: Container | None = None) -> None:
        """Take over what `other` holds, as running in `container`."""
        if container is not None:
            other = other.within(container)
        self.commands += other.commands
        self.settings += other.settings
        self.texts += other.texts
        self.tested |= other.tested
        self.probes += other.probes
        self.pairs += other.pairs
        self.compared += other.compared
        self.functions |= other.functions

    def resolved(self) -> Iterator[Command]:
        """The commands, with the texts of variables set here in the place of words that consist of one."""
        held = {s.name: next(spoken(s.value), s.value) for s in self.settings if "://" in s.value.text}
        for command in self.commands:
            words = tuple(held.get(variable(w.text), w) if w.text[:1] in "${%" else w for w in command.words)
            yield command if words == command.words else replace(command, words=words)

    def name(self) -> None:
        """Put the names of programs and files in the place of the variables that hold them: `$(PYTHON) $(MAIN)`.

        What an option gets keeps its variable, and so does what has several values or says more than a name.
        """
        said: dict[str, dict[str, Strand]] = {}
        for setting in self.settings:
            said.setdefault(setting.name, {})[setting.value.text] = setting.value
        names = {
            n: v for n, (v, *more) in ((n, [*vs.values()]) for n, vs in said.items()) if _names(v.text) and not more
        }
        for i, command in enumerate(self.commands if names else ()):
            words, before = [], ""
            for word in command.words:
                free = word.text[:1] in "${%" and (not before.startswith("-") or before == "-m")
                words.append(names.get(variable(word.text), word) if free else word)
                before = word.text
            self.commands[i] = replace(command, words=tuple(words))

    def within(self, container: Container) -> Sheet:
        """The same, said inside `container`: what has a container of its own keeps it."""
        return Sheet(
            [replace(c, container=c.container or container) for c in self.commands],
            [replace(s, container=s.container or container) for s in self.settings],
            self.texts,
            self.tested,
            self.probes,
            self.pairs,
            self.compared,
            self.broken,
            functions=self.functions,
        )


_NAME = re.compile(r"[^\s=,;|&<>:'\"`]*[\w)}][./][\w./-]+|\w[\w.-]*")  # of a program or a file


def _names(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and text.lower() != "sse"


_DEFAULTS = (
    re.compile(r"\$\{(?P<name>\w+):?[-=](?P<word>[^{}$]*)\}"),  # ${NAME:-sse}
    re.compile(r"\$\{(?:env:)?(?P<name>\w+)(?::|\|)(?P<word>[^{}$]*)\}"),  # ${NAME:sse}
    re.compile(r"\{\{.*\|\s*default\s+[\"'](?P<word>[^\"']*)[\"'].*\}\}"),  # {{ .Values.x | default "sse" }}
    re.compile(r"\{\{.*\|\s*default\(\s*[\"'](?P<word>[^\"']*)[\"']\s*\).*\}\}"),  # {{ x | default("sse") }}
)
_NAMED = re.compile(
    r"\$\{(?P<a>\w+)(?::?\?[^{}]*)?\}|\$\$?(?P<b>\w+)|\$\((?P<c>\w+)\)|\{\{\s*\.?(?P<d>\w+)\s*\}\}|%(?P<e>\w+)%|\$env:(?P<f>\w+)|\$\$\{(?P<g>\w+)\}"
    r"|\{\{-?\s*\$?(?P<h>\.Values\.[\w.]+)(?:\s*\|[^{}]*)?-?\s*\}\}|(?:\$\{)?(?P<i>(?:var|local)\.\w+)\}?"
    r"|\$\{\{\s*env\.(?P<j>\w+)\s*\}\}|\$\{\{\s*(?:github\.event\.)?(?P<k>(?:matrix|inputs)\.[\w-]+)\s*\}\}"
    r"|(?P<l>configMap/\S+)"
)


REFERRED = ("matrix.", "inputs.", "configMap/")  # begin the names of what is no variable: only references read it

_NESTED = re.compile(r"\$\{(?P<name>\w+):?[-=](?P<inner>\$\{.*\})\}")  # ${NAME:-${OTHER:-sse}}


def spoken(value: Strand) -> Iterator[Strand]:
    """The parts of a value that say one word each: all of it, or the default in `${NAME:-word}`."""
    text = value.stripped()
    if nested := _NESTED.fullmatch(text.text):
        yield from spoken(text.part(*nested.span("inner")))
        return
    for form in _DEFAULTS:
        match = form.fullmatch(text.text)
        if match:
            yield text.part(*match.span("word"))
            return
    if text.text:
        yield text


def variable(value: str) -> str:
    """The variable that `value` consists of ("$NAME", "${NAME:-x}", "$(NAME)", "{{NAME}}"), "" for anything else.

    Of Terraform and Helm "var.NAME", "local.NAME" and ".Values.a.name", of workflows "matrix.name" and "inputs.name";
    of Kubernetes "configMap/NAME/KEY", which stands for a reference to a key (also of a Secret).
    """
    match = _NAMED.fullmatch(value.strip())
    if match:
        return next(g for g in match.groups() if g)
    if nested := _NESTED.fullmatch(value.strip()):  # an argument of the script is no variable that others set
        return variable(nested["inner"]) if nested["name"].isdigit() else nested["name"]
    match = _DEFAULTS[0].fullmatch(value.strip())
    return match["name"] if match else ""


def option_values(words: Sequence[Strand], names: Sequence[str]) -> list[Strand]:
    """The values that options get, as `--opt value`, `--opt=value` and `-ovalue`."""
    found = []
    for i, word in enumerate(words):
        for name in names:
            if word.text == name:
                if i + 1 < len(words):
                    found.append(words[i + 1])
            elif word.text.startswith(f"{name}="):
                found.append(word.part(len(name) + 1))
            elif len(name) == 2 and word.text.startswith(name) and word.text[1] != "-" and word.text[2:].isalpha():
                found.append(word.part(2))
    return found
