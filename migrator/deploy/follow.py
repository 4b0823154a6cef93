"""Follows a moved server's words to where they are passed: the edits of one sheet, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from migrator import examples
from migrator.deploy.pages import Page
from migrator.deploy.places import Places
from migrator.deploy.readers import Readers
from migrator.deploy.references import compared, given, made, makefiles, users
from migrator.deploy.strands import Strand
from migrator.deploy.tie import Tie, numbered
from migrator.deploy.ties import Ties
from migrator.deploy.words import Command, Setting, Sheet, option_values, spoken, variable
from migrator.model import Endpoint, Selector
from migrator.records import record
from migrator.text import TextFile


@record(frozen=True)
class Site:
    """A word that a moved server's selector gets.

    shown: the word with what it belongs to, for people. new: what it has to say.
    """

    word: Strand
    new: str
    shown: str
    endpoint: Endpoint
    selector: Selector
    reason: str = ""  # why it is left to the user
    comment: bool = False
    todo: str = ""  # what the user is told then, "" for the new word

    @property
    def order(self) -> int:
        return self.word.start


@record
class Follower:
    """Finds the sites of one sheet."""

    ties: Ties
    readers: Readers
    file: TextFile
    sheet: Sheet

    def sites(self) -> list[Site]:
        """Every place where an old word is passed to a moved server, once, in the order of the text."""
        found: dict[tuple[int, str], Site] = {}
        for site in (*self._commands(), *self._settings(), *self._given()):
            key = (site.word.start, site.new)
            found.setdefault(key, site)
        return self._agreed(sorted(found.values(), key=lambda s: s.order))

    def _agreed(self, sites: list[Site]) -> list[Site]:
        """With what two servers want differently left to the user."""
        wanted: dict[int, set[str]] = {}
        for s in sites:
            wanted.setdefault(s.word.start, set()).add(s.new)
        kept: dict[int, Site] = {}
        for s in sites:
            several = wanted[s.word.start]
            if len(several) > 1:
                reason = f"the servers that get it want different words: {', '.join(sorted(several))}"
                kept.setdefault(s.word.start, replace(s, reason=reason))
            kept.setdefault(s.word.start, s)
        return list(kept.values())

    # ------------------------------------------------------------------ command lines

    def _commands(self) -> Iterator[Site]:
        self.carried: dict[str, list[tuple[Endpoint, Selector]]] = {}
        for command in self.sheet.commands:
            tie = self.ties.tie(command, self.file.path)
            if tie.ours and not tie.runner:
                yield from self._tied(command, tie)

    def _tied(self, command: Command, tie: Tie) -> Iterator[Site]:
        rest = command.words[tie.after :]
        for endpoint in moved(tie.endpoints):
            for selector in endpoint.selectors:
                for shown, word, new in passed(rest, selector):
                    reason = self._reason(tie)
                    yield Site(word, new, shown, endpoint, selector, reason, command.comment)
                for value in values(rest, selector):
                    if name := variable(value.text):
                        self.carried.setdefault(name, []).append((endpoint, selector))
            for name, option in tie.carried:
                for selector in endpoint.selectors:
                    if option in selector.names and not name.isdigit():
                        self.carried.setdefault(name, []).append((endpoint, selector))
            for word, option in numbered(command, tie):
                for selector in endpoint.selectors:
                    if option in selector.names:
                        yield from self._numbered(command, tie, endpoint, selector, word)

    def _numbered(
        self, command: Command, tie: Tie, endpoint: Endpoint, selector: Selector, word: Strand
    ) -> Iterator[Site]:
        """A word that reaches an option by its number: `./run.sh sse`, where run.sh says `--transport "$1"`."""
        if name := variable(word.text):
            self.carried.setdefault(name, []).append((endpoint, selector))
        for one in spoken(word):
            if one.text.lower() == selector.old_word.lower():
                shown = f"{command.texts[tie.after - 1]} {one.text}" if tie.after else one.text
                reason = self._reason(tie) or self._mixed(tie)
                yield Site(one, selector.new_word, shown, endpoint, selector, reason, command.comment)

    def _mixed(self, tie: Tie) -> str:
        """Why a word that scripts on the way take by its number is not the server's alone."""
        path = next((p for p in tie.via if self.ties.scripts.mixed(p)), "")
        return f"{path} uses it for more than the server's option" if path else ""

    def _reason(self, tie: Tie) -> str:
        """Why a command line keeps its word for now."""
        if tie.pinned:
            return "it starts a published release, which may not know the new word"
        for path in tie.via:
            sheet = self.ties.read_script(path)
            if sheet is not None and sheet.compared:
                return f"{path} looks at the word itself, and must know the new one first"
        return ""

    # ------------------------------------------------------------------ variables

    def _handed_on(self) -> None:
        """What a variable that reaches a server takes its value from: `MCP_TRANSPORT: ${MODE}`."""
        for setting in self.sheet.settings * 2:  # twice, for what is handed on through another one
            name = variable(setting.value.text)
            if name and name != setting.name and not setting.comment:
                known = self.carried.setdefault(name, [])
                known += [one for one in self._reached(setting) if one not in known]

    def used(self) -> dict[str, list[tuple[Endpoint, Selector]]]:
        """The names of the values that this file hands to a moved server."""
        list(self._commands())
        self._handed_on()
        return self.carried

    def _given(self) -> Iterator[Site]:
        """What this file gives to others, which hand it to a server."""
        tree, path = self.ties.context.tree, self.file.path
        yield from self._given_to(given(path, self.sheet), lambda: users(tree, path))
        yield from self._given_to(made(self.sheet), lambda: makefiles(tree, path))

    def _given_to(self, pairs: Iterable[tuple[str, Strand]], takers: Callable[[], Iterable[str]]) -> Iterator[Site]:
        tree, path = self.ties.context.tree, self.file.path
        values = [(name, word) for name, value in pairs for word in spoken(value)]
        olds = {s.old_word.lower() for e in self.ties.context.endpoints for s in e.selectors}
        values = [(name, word) for name, word in values if word.text.lower() in olds]
        for user in takers() if values else ():
            sheet = self.ties.read_script(user)
            if sheet is None:
                continue
            carried = Follower(self.ties, self.readers, tree.text(user), sheet).used()
            for name, word in values:
                for endpoint, selector in carried.get(name, ()):
                    if word.text.lower() == selector.old_word.lower():
                        other = user if name in sheet.tested else compared(tree, path, name)
                        reason = f"{other} looks at the word itself, and must know the new one first" if other else ""
                        shown = f"{_plain(re.sub(r'^(?:var|[.]Values)[.]', '', name))}={word.text}"
                        yield Site(word, selector.new_word, shown, endpoint, selector, reason)

    def _settings(self) -> Iterator[Site]:
        self._handed_on()
        for setting in self.sheet.settings:
            words = list(spoken(setting.value))
            if not words:
                continue
            for endpoint, selector in self._reached(setting):
                for word in words:
                    if word.text.lower() == selector.old_word.lower():
                        shown = f"{_plain(setting.name)}={word.text}"
                        doubled = self._doubled(setting, selector)
                        reason, todo = self._shared(setting) or doubled, "take the old word out" if doubled else ""
                        yield Site(word, selector.new_word, shown, endpoint, selector, reason, setting.comment, todo)

    def other_paths(self) -> Iterator[Site]:
        """Where a variable puts a moved server on a path of its own choice: neither the old nor the new one that is known."""
        self.used()
        for setting in self.sheet.settings:
            for endpoint, selector in self._reached(setting):
                for word in spoken(setting.value) if selector.old_word.startswith("/") else ():
                    if word.text.startswith("/") and word.text.rstrip("/") not in (
                        selector.old_word,
                        selector.new_word,
                    ):
                        shown = f"{_plain(setting.name)}={word.text}"
                        yield Site(word, word.text, shown, endpoint, selector, comment=setting.comment)

    def _doubled(self, setting: Setting, selector: Selector) -> str:
        """Why one of several values, which a job runs with in turn, is not made the same as another."""
        beside = any(s.name == setting.name and selector.new_word in s.among for s in self.sheet.settings)
        return f"{selector.new_word} stands beside it" if beside else ""

    def _shared(self, setting: Setting) -> str:
        """Why a value that several containers take over (a YAML anchor, an env_file) is not this server's alone."""
        at = (setting.name, setting.value.start)
        others = [s for s in self.sheet.settings if (s.name, s.value.start) == at and s is not setting]
        containers = [*(o.container for o in others), *self.ties.given_file(self.file.path)]
        found = [self.readers.stranger(setting.name, c, self.file.path) for c in containers]
        who = next((f for f in found if f), "")
        return f"{who} gets it, too, and is no server of this run: give the server a value of its own" if who else ""

    def _reached(self, setting: Setting) -> Iterator[tuple[Endpoint, Selector]]:
        readers = self.readers.of(setting.name, setting.container, self.file.path)
        if readers:
            if all(e.moved for e in readers):
                for e in readers:
                    yield from ((e, s) for s in e.selectors if s.kind == "environment" and setting.name in s.names)
            return
        if self.ties.foreign(setting.container):
            return
        if setting.name in self.carried and setting.name not in self.sheet.tested:
            yield from self.carried[setting.name]
            return
        if setting.container is not None:
            tie = self.ties.container(setting.container, self.file.path)
            for name, option in tie.carried:
                if name == setting.name:
                    yield from ((e, s) for e in moved(tie.endpoints) for s in e.selectors if option in s.names)


def _plain(name: str) -> str:
    """A value's name as its own file has it."""
    return re.sub(r"^configMap/.*/", "", name)


def moved(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """The endpoints when all of them move, else none: a word that reaches one that stays must stay."""
    return list(endpoints) if all(e.moved for e in endpoints) else []


def values(words: Sequence[Strand], selector: Selector) -> list[Strand]:
    """The words of a command line that an option gets, or that may be an argument."""
    if selector.kind == "option":
        return option_values(words, selector.names)
    options = [i for i, w in enumerate(words) if w.text.startswith("-")]
    return [w for i, w in enumerate(words) if i - 1 not in options] if selector.kind == "argument" else []


def passed(words: Sequence[Strand], selector: Selector) -> Iterator[tuple[str, Strand, str]]:
    """(what to show, the word, its new text) for every way in which command-line words pass the old one."""
    old = selector.old_word.lower()
    if selector.kind == "option":
        for value in option_values(words, selector.names):
            for word in spoken(value):
                if word.text.lower() == old:
                    yield f"{selector.names[0]} {word.text}", word, selector.new_word
    elif selector.kind in ("argument", "flag"):
        for i, word in enumerate(words):
            for one in spoken(word) if selector.kind == "argument" else [word]:
                before = words[i - 1].text if i else ""
                if one.text.lower() == old and (selector.kind == "flag" or not before.startswith("-")):
                    yield one.text, one, selector.new_word


def from_settings(page: Page, ties: Ties, places: Places) -> Iterator[Site]:
    """Keys of the server's own configuration files, where its code reads the key and names the file."""
    if not page.sheet.pairs or page.document:
        return
    name = page.file.path.rpartition("/")[2]
    names = {name, examples.plain_name(name)}  # code names config.yaml, and config.example.yaml is what people copy
    for endpoint in ties.context.endpoints:
        selectors = [s for s in endpoint.selectors if s.kind == "setting" and endpoint.moved]
        sites = [
            Site(word, selector.new_word, f"{key}: {word.text}", endpoint, selector)
            for key, value in page.sheet.pairs
            for selector in selectors
            if key in selector.names
            for word in spoken(value)
            if word.text.lower() == selector.old_word.lower()
        ]
        if sites and _named_by(endpoint, names, ties, places):  # who reads it is the dear question
            yield from sites


def _named_by(endpoint: Endpoint, names: set[str], ties: Ties, places: Places) -> bool:
    """True where the server's code, or what it or its callers import, names one of these files."""
    above = sorted(ties.context.code.importers([endpoint.place.path]))  # what hands the settings to the server
    reached = [p for start in (endpoint.place.path, *above) for p in places.reached(start)]
    return any(n in ties.context.tree.source(p) for p in dict.fromkeys((*endpoint.files, *reached)) for n in names)
