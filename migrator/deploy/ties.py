"""Which of this repository's servers a command starts, and which of them a variable reaches.

Nothing is changed that is not tied: the command starts a file, module, console script or image of this repository that
a server belongs to, or the variable is one that the server's code reads, in the same project.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import Any

from migrator.configs.services import inside, is_plain, services
from migrator.context import Context
from migrator.deploy import dockerfile, shell
from migrator.deploy.built import Built
from migrator.deploy.places import Places, normal, program_name
from migrator.deploy.references import filled_image
from migrator.deploy.scripts import Scripts
from migrator.deploy.strands import Strand
from migrator.deploy.tie import NOTHING, Tie, carries
from migrator.deploy.words import Command, Container, Sheet, variable
from migrator.model import Endpoint
from migrator.records import record
from migrator.text import Undecodable
from migrator.tree import Unreadable

_WORKSPACE = re.compile(
    r"^(?:\$\{(?:workspaceFolder|workspaceRoot|containerWorkspaceFolder)\}|\$\{\{\s*github\.(?:workspace|action_path)\s*\}\})/?"
)
DOCKERFILE = re.compile(r"(?:^|[/.])(?:Docker|Container)file(?:$|\.)|\.dockerfile$")


@record
class Ties:
    """Answers for one project."""

    context: Context
    places: Places
    table: dict[str, Any]
    read_script: Callable[[str], Sheet | None]
    _by_file: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    _images: dict[str, Tie] = field(default_factory=dict)
    _ties: dict[tuple[str, int], tuple[Command, Tie]] = field(default_factory=dict)
    passed_through: set[str] = field(default_factory=set)  # scripts that tied command lines pass through
    _own_images: set[str] | None = None
    names_images: bool = False  # whether a build says what an image of ours is called, once own_images was asked

    def __post_init__(self) -> None:
        self.scripts = Scripts(self.tie, self.read_script, self.table["programs"]["printing"])

    # ------------------------------------------------------------------ servers

    def servers_of(self, path: str) -> tuple[Endpoint, ...]:
        """The endpoints that a Python file starts: those it belongs to, else the nearest ones that it imports."""
        if path not in self._by_file:
            self._by_file[path] = self._servers_of(path)
        return self._by_file[path]

    def _servers_of(self, path: str) -> tuple[Endpoint, ...]:
        if not self.context.endpoints:
            return ()
        for one in self.places.reached(path):
            found = tuple(e for e in self.context.endpoints if one in e.files or one == e.place.path)
            if found:
                return found
        return ()

    def imported(self, path: str) -> tuple[Endpoint, ...]:
        """The endpoints of the modules that a Python file itself imports."""
        near = self.places.imports(path)
        return tuple(dict.fromkeys(e for p in near for e in self.servers_of(p)))

    # ------------------------------------------------------------------ commands

    def word_of(self, endpoint: Endpoint) -> str:
        """What a server calls the new transport, "" when that can't be told."""
        words = [s.new_word for s in endpoint.selectors if s.old_word == "sse"]
        words += [s.word for s in self.context.started if s.endpoint == endpoint.name]
        return next((w for w in words if w), "")

    def reworded(self, endpoint: Endpoint) -> bool:
        """True for a server whose own code said the old word somewhere, and says the new one now."""
        return any(path in endpoint.files for path, _, _ in self.context.reworded)

    def tie(self, command: Command, path: str, depth: int = 0) -> Tie:
        """What the command in the file `path` starts."""
        key = (path, id(command))
        if key not in self._ties:
            self._ties[key] = (command, self._tie(command, path, depth))  # held, so that no other gets its id
            tie = self._ties[key][1]
            self.passed_through |= set(tie.via) if tie.ours else set()
        return self._ties[key][1]

    def _tie(self, command: Command, path: str, depth: int) -> Tie:
        bases = self.bases(command, path)
        direct = self._start(command.words, bases, path, depth)
        image = self.container(command.container, path) if command.container is not None and depth < 3 else NOTHING
        if direct is not None:
            return replace(direct, via=(*image.via, *direct.via)) if image.via else direct
        function = self.scripts.function(path, command.words[0].text, depth) if command.words and depth < 3 else NOTHING
        if function.ours:
            return replace(function, after=1)
        return replace(image, after=0) if command.bare and image.ours else NOTHING

    def bases(self, command: Command, path: str) -> list[str]:
        """Folders that the command's paths may be relative to."""
        own = posixpath.dirname(path)
        start: list[str] = []
        container = command.container
        folder = self.workspace(container.folder) if container else ""
        if container and container.build is not None:
            start.append(container.build)
        start.append(own)
        while own:
            own = posixpath.dirname(own)
            start.append(own)
        moved = list(start)
        texts = command.texts
        wheres = [self.workspace(f) for f in command.folders]
        wheres += [self.workspace(b) for a, b in itertools.pairwise(texts) if a in self.table["programs"]["folders"]]
        for where in [folder, *wheres]:
            parts = [p for p in where.replace("\\", "/").split("/") if p not in ("", ".")]
            tails = (
                ["/".join(parts[i:]) for i in range(len(parts))]
                if where.startswith(("/", "~", "$", "<"))
                else ["/".join(parts)]
            )
            inner = [posixpath.normpath(posixpath.join(b, t)) for t in tails if t for b in start]
            moved = [m for m in inner if not m.startswith("..")] + moved
        return list(dict.fromkeys("" if m == "." else m for m in moved))

    def workspace(self, text: str) -> str:
        """A folder without the variable that stands for the project's own."""
        return _WORKSPACE.sub("", text)

    def _start(self, words: Sequence[Strand], bases: list[str], path: str, depth: int) -> Tie | None:
        """The first word that names something of this project; None when no word does."""
        programs = self.table["programs"]
        launched = False
        skip = False
        pinned = False
        runner = ""
        via: tuple[str, ...] = ()
        for i, strand in enumerate(words):
            word = self.workspace(strand.text)
            name = program_name(word)
            if skip:
                skip = False
                if words[i - 1].text in ("--from", "--spec") and re.search(r"[=@]\d|==", word):
                    pinned = True
                continue
            if word in programs["launcher-values"] and launched:
                skip = True
                continue
            if word == "-m" and i + 1 < len(words):
                module = words[i + 1].text
                if module in ("fastmcp", "mcp"):
                    runner = module
                    continue
                found = self.places.module(module, bases)
                if found:
                    return Tie(self.servers_of(found), i + 2, found, via=via)
                if module not in ("fastmcp.cli", "mcp.cli"):
                    launched = True
                continue
            if (
                name in ("fastmcp", "mcp")
                and (i == 0 or launched)
                and any(w.text in ("run", "dev") for w in words[i + 1 : i + 2])
            ):
                runner = name
                continue
            if name in programs["applications"] and (i == 0 or launched):
                found = self._application(words[i + 1 :], programs["applications"][name], bases)
                if found:
                    return Tie(self.servers_of(found), i + 1, found, via=via)
            script = word.partition(":")[0] if runner or ":" in word[2:] else word
            found = self.places.file(script, bases)
            if found and (i == 0 or launched or runner or posixpath.dirname(script) or words[i - 1].text[:1] != "-"):
                found = self.places.management(found, "".join(w.text for w in words[i + 1 : i + 2])) or found
                return Tie(self.servers_of(found), i + 1, found, runner=runner, via=via)
            if (i == 0 or launched) and not word.startswith("-"):
                key = normal(name)
                targets = self.places.scripts.get(key, [])
                if targets and not runner:
                    near = [t for t in targets if any(b and t.startswith(b + "/") for b in bases[:1])] or targets
                    endpoints = tuple(dict.fromkeys(e for t in near for e in self.servers_of(t)))
                    exact = pinned or re.search(r"==|@\d|@v\d", word) is not None
                    return Tie(endpoints, i + 1, near[0], exact, via=via)
                wrapper = self.wrapper(word, bases)
                if wrapper and depth < 3:
                    inner = self.scripts.of(wrapper, depth)
                    via = (*via, wrapper)
                    if inner.ours:
                        return replace(inner, after=i + 1, via=(*via, *inner.via))
                    launched = True  # it may well start what it is given
                    continue
            if name in programs["launchers"] or name in programs["shells"] or word in ("run", "exec", "--", "tool"):
                launched = launched or i == 0 or name in programs["launchers"] or name in programs["shells"]
        return None

    def _application(self, words: Sequence[Strand], table: dict[str, Any], bases: list[str]) -> str:
        """The file of the application whose commands a program carries out: `flask --app shop.web mcp`; "" for none."""
        said = [b.text for a, b in itertools.pairwise(words) if a.text in table["options"]]
        said += [
            w.text.partition("=")[2] for w in words if w.text.partition("=")[0] in table["options"] and "=" in w.text
        ]
        tree, files = self.context.tree, [posixpath.join(b, name) for b in bases for name in table["files"]]
        set_ = rb"^\s*(?:export\s+)?" + table["variable"].encode() + rb"\s*=\s*[\"']?([A-Za-z0-9_./:-]+)"
        texts = [tree.read(f) for f in files if not said and tree.exists(f)]
        said += [m.decode() for text in texts for m in re.findall(set_, text, re.M)]
        modules = [name.partition(":")[0].removesuffix(".py").replace("/", ".") for name in said or table["usual"]]
        return next((found for m in modules if (found := self.places.module(m, bases))), "")

    def wrapper(self, word: str, bases: list[str]) -> str:
        """The shell script of the project that a program's name means, "" for none."""
        found = self.places.file(word, bases, (".sh", ".bash", ""))
        exact = f"/{word}".endswith("/" + posixpath.basename(found)) if found else False
        return found if (exact and self.context.tree.read(found)[:2] == b"#!") or found.endswith(".sh") else ""

    # ------------------------------------------------------------------ containers

    def container(self, container: Container, path: str) -> Tie:
        """What a container starts by itself; its image must be of this repository."""
        if "{{" in container.image:
            container = replace(container, image=filled_image(self.context.tree, path, container.image))
        found = self._dockerfile_of(container, path)
        if found:
            return self.image_of(found)
        targets = self.places.scripts.get(normal(image_name(container.image)), []) if container.image else []
        return (
            Tie(tuple(dict.fromkeys(e for t in targets for e in self.servers_of(t))), 0, targets[0])
            if targets
            else NOTHING
        )

    def given_file(self, path: str) -> list[Container]:
        """The containers of compose services whose environment comes from the file `path` and that are images."""
        named = re.search(r"(?:^|[./])env(?:\.|$)", path) is not None
        found = services(self.context.tree, self.table["images"]["plain"]) if named else ()
        return [Container(image=s.image) for s in found if path in s.variables and s.context is None]

    def foreign(self, container: Container | None) -> bool:
        """True for a container whose image is known to be somebody else's."""
        if container is None or container.build is not None or not container.image or "{{" in container.image:
            return False
        if self.own_image(container.image):
            return False
        return not is_plain(container.image, self.table["images"]["plain"]) or self._runs_another(container)

    def _runs_another(self, container: Container) -> bool:
        """True for a container of a plain image that starts something, and none of this repository's servers."""
        found = self._starts(container)
        return bool(found) and not any(tie.ours for tie in found)

    def runs_own(self, container: Container | None) -> bool:
        """True for a container that starts a program of this repository that is about MCP, a known server or not."""
        about = {*self.context.tree.mcp_python}
        starts = [tie.path for tie in self._starts(container) if tie.path] if container is not None else []
        return any(about & {path, *self.places.reached(path)} for path in starts)

    def _starts(self, container: Container) -> list[Tie]:
        """What each command of a container's start leads to."""
        words = tuple(Strand.of(word) for word in container.starts)
        inner = [c for w in words if re.search(r"\s", w.text) for c in shell.read(w).commands]
        return [
            self._start(c.words, self.bases(c, ""), "", 1) or NOTHING
            for c in ([Command(words), *inner] if words else [])
        ]

    @cached_property
    def _dockerfiles(self) -> list[str]:
        return [p for p in self.context.tree.files if DOCKERFILE.search(p)]

    def _dockerfile_of(self, container: Container, path: str) -> str:
        if container.dockerfile and self.context.tree.exists(container.dockerfile):
            return container.dockerfile
        files = self._dockerfiles
        if container.build is not None:
            near = [p for p in files if posixpath.dirname(p) == container.build]
            plain = [p for p in near if posixpath.basename(p) in ("Dockerfile", "Containerfile")]
            return (plain or near or [""])[0]
        if container.image and self.own_image(container.image):
            ours = [p for p in files if self.image_of(p).ours]
            name = normal(image_name(container.image))
            named = [p for p in ours if normal(posixpath.basename(posixpath.dirname(p))) == name]
            near = [p for p in ours if posixpath.dirname(p) == posixpath.dirname(path)]
            return ours[0] if len(ours) == 1 else (named or near or [""])[0]
        return ""

    def image_of(self, path: str) -> Tie:
        """What the image of a Dockerfile starts."""
        if path not in self._images:
            self._images[path] = NOTHING
            try:
                source = Strand.of(self.context.tree.text(path).text)
            except (Unreadable, Undecodable):
                return NOTHING
            stages = list(dockerfile.starts(source, Sheet()))
            for stage in stages[-1:]:
                words = [*(stage.entrypoint or []), *(stage.command or [])]
                command = Command(tuple(words), container=Container(dockerfile=path, folder=stage.folder))
                bases = self.bases(command, path)
                tie = self._start(words, bases, path, 1) or NOTHING
                options = [(name, option) for name, _, option in carries(words[tie.after :], tie.endpoints)]
                options += [(name, option) for name, option in tie.carried if not name.isdigit()]
                numbers = self._numbers(stage.entrypoint or [], tie)
                self._images[path] = replace(tie, carried=(*options, *numbers, *self._handed_on(path, tie)))
        return self._images[path]

    def _numbers(self, entrypoint: Sequence[Strand], tie: Tie) -> Iterator[tuple[str, str]]:
        """(number, option) of the words that an image's program gets behind those of its entrypoint."""
        fixed = len(entrypoint) - tie.after
        for name, option in tie.carried if fixed >= 0 else ():
            if name.isdigit() and int(name) > fixed:
                yield str(int(name) - fixed), option
        for e in tie.endpoints if fixed > 0 else ():
            for s in e.selectors:
                if s.kind == "option" and entrypoint[-1].text in s.names:  # ENTRYPOINT [..., "--transport"]
                    yield "1", s.names[0]

    def _handed_on(self, path: str, tie: Tie) -> Iterator[tuple[str, str]]:
        """(argument, variable) of a Dockerfile's variables that its servers read: `ENV MCP_TRANSPORT=$TRANSPORT`."""
        sheet = self.read_script(path) if tie.ours else None
        read = {n for e in tie.endpoints for s in e.selectors if s.kind == "environment" for n in s.names}
        for setting in sheet.settings if sheet is not None else ():
            name = variable(setting.value.text)
            if name and name != setting.name and setting.name in read:
                yield name, setting.name

    def own_image(self, image: str) -> bool:
        """True when the image's name is one that this repository builds or publishes."""
        name = normal(image_name(image))
        return bool(name) and name in self.own_images

    @property
    def own_images(self) -> set[str]:
        """Names under which images of this repository's own may be known."""
        if self._own_images is None:
            names = set(self.places.scripts)
            tree = self.context.tree
            for path in tree.files:
                if posixpath.basename(path) in ("Dockerfile", "Containerfile") and posixpath.dirname(path):
                    names.add(normal(posixpath.basename(posixpath.dirname(path))))
            names.add(normal(tree.root.name))
            names |= {normal(n) for n in self.places.names}
            built = [s for s in services(tree, self.table["images"]["plain"]) if s.context is not None]
            for s in built:  # what a registry gets has the service's name more often than not
                alone = [o.context for o in built].count(s.context) == 1
                if alone and any(inside(e, s) for e in self.context.endpoints):
                    names |= {normal(image_name(n)) for n in (s.name, s.image) if n}
            said = {normal(image_name(n)) for n in Built(tree, self.table, self._is_ours).images()}
            self._own_images = names | said
            self.names_images = bool(said) or any(inside(e, s) for s in built for e in self.context.endpoints)
        return self._own_images

    def _is_ours(self, dockerfile_path: str) -> bool:
        """True for a Dockerfile whose image starts a server; "" stands for the only one of the project."""
        if not dockerfile_path:
            files = [p for p in self.context.tree.files if posixpath.basename(p) in ("Dockerfile", "Containerfile")]
            return len(files) == 1 and self._is_ours(files[0])
        return self.image_of(dockerfile_path).ours


def image_name(image: str) -> str:
    """The last part of an image's name, without tag and digest."""
    return re.split(r"[:@]", image.rpartition("/")[2])[0]
