"""What the shell scripts of a project start, and what becomes of the words that they and their functions are given."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import field

from migrator.deploy.places import program_name
from migrator.deploy.tie import NOTHING, Tie, carries, numbered
from migrator.deploy.words import Command, Sheet, variable
from migrator.model import Endpoint
from migrator.records import record

_FILE = re.compile(r"\.(?:sh|bash|zsh)$|(?:^|/)[^./]+$")
_ASSIGNED = re.compile(r"\w+=\$\{?\w+[^/.]*$")


@record
class Scripts:
    """Answers for one project."""

    tie: Callable[[Command, str, int], Tie]  # what a command in the file of that path starts, so many scripts deep
    read: Callable[[str], Sheet | None]
    printing: Collection[str]  # programs that only show their words
    _known: dict[str, Tie] = field(default_factory=dict)

    def of(self, path: str, depth: int = 0) -> Tie:
        """What a shell script of the project starts with the arguments that it is given, or by its variables."""
        if path not in self._known:
            self._known[path] = NOTHING  # a script may call itself
            self._known[path] = self._through(path, depth)
        return self._known[path]

    def function(self, path: str, name: str, depth: int) -> Tie:
        """What a function of a shell script starts, by that name."""
        key = f"{path}:{name}"
        if key not in self._known:
            self._known[key] = NOTHING  # it may call itself
            sheet = self.read(path) if _FILE.search(path) else None
            if sheet is not None and name in sheet.functions:
                self._known[key] = self._through(path, depth, name)
        return self._known[key]

    def mixed(self, path: str) -> bool:
        """True for a script that makes more of a word it is given than an option's value or a message: `.env.$1`."""
        sheet = self.read(path) or Sheet()
        numbers = {number for number, _ in self.of(path).carried if number.isdigit()}
        names = numbers | {s.name for s in sheet.settings if variable(s.value.text) in numbers}
        used = re.compile(rf"\$\{{?(?:{'|'.join(sorted(names))})\b")
        told = [w for c in sheet.commands if self._only_told(c, path) for w in c.words]
        others = [w for w in sheet.texts if not any(w is t for t in told)]
        assigned = {s.value.start for s in sheet.settings}
        return bool(names) and any(
            used.search(w.text)
            and not re.search(r"\s", w.text)
            and w.start not in assigned
            and _ASSIGNED.match(w.text) is None
            for w in others
        )

    def _only_told(self, command: Command, path: str) -> bool:
        """True for a command that starts a server, and for one that prints."""
        return command.comment or program_name(command.texts[0]) in self.printing or self.tie(command, path, 1).ours

    def _through(self, path: str, depth: int, inside: str = "") -> Tie:
        sheet = self.read(path)
        if sheet is None:
            return NOTHING
        endpoints: dict[Endpoint, None] = {}
        carried: dict[tuple[str, str], None] = {}
        passes, inner = False, NOTHING
        for command in sheet.commands:
            if command.comment or (inside and command.inside != inside):
                continue
            tie = self.tie(command, path, depth + 1)
            if not tie.ours:
                continue
            inner = tie
            endpoints.update(dict.fromkeys(tie.endpoints))
            rest = [w.text for w in command.words[tie.after :]]
            passes = passes or any(w in ("$@", "$*", "${@}", "${@:1}", "${@:2}") for w in rest)
            found = [(name, option) for name, option in tie.carried if not name.isdigit()]
            found += [(variable(word.text), option) for word, option in numbered(command, tie)]
            found += [(name, option) for name, _, option in carries(command.words[tie.after :], tie.endpoints)]
            for name, option in found:
                own = command.inside == inside if name.isdigit() else name not in sheet.tested
                if name and own:
                    carried[name, option] = None
        for setting in sheet.settings:  # KIND="$1"
            number = variable(setting.value.text)
            if number.isdigit() and setting.inside == inside and not setting.comment:
                carried.update({(number, option): None for name, option in carried if name == setting.name})
        if not endpoints:
            return NOTHING
        return Tie(tuple(endpoints), 0, inner.path if passes else "", carried=tuple(carried))
