"""Entries of client configurations that start a server by command: what the deployment side changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from migrator.configs.clients import Clients
from migrator.configs.entries import NOTATIONS, config_files, read
from migrator.configs.parts import known_of
from migrator.configs.spans import FIXED, Node, NotEdited, Unparsable
from migrator.context import Context
from migrator.model import Replacement
from migrator.settings import Settings
from migrator.text import Undecodable
from migrator.tree import Tree, Unreadable


@dataclass(frozen=True)
class Text:
    """A string of a file: what it says, and where it stands (with its quotes) in the file's text."""

    value: str
    start: int
    end: int
    node: Node
    syntax: str

    def replaced(self, path: str, value: str) -> Replacement:
        """The replacement that makes it say `value`, in its own quotes. Raises spans.NotEdited."""
        if self.node.style == FIXED:
            raise NotEdited("the text stands in a form that can't be replaced in place")
        quote = "" if self.node.style == "plain" else self.node.style
        encoded = NOTATIONS[self.syntax].encode(value, self.node.style)
        return Replacement(path, self.start, self.end, f"{quote}{encoded}{quote}")


@dataclass(frozen=True)
class Launch:
    """An entry that starts a server by command.

    command: its words; a command line in one string is one Text. env: names with their values. url: the address that
    the entry gives beside the command, "" for none. bridge: the command is a bridge that this room takes care of.
    """

    path: str
    name: str
    command: Text
    args: tuple[Text, ...]
    env: tuple[tuple[str, Text], ...]
    client: str
    bridge: bool


def launches_of(context: Context) -> Iterator[Launch]:
    """`launches` for a whole project. Raises SettingsError for an unknown client."""
    known = known_of(context)
    return launches(
        context.tree, context.settings, known.clients, lambda words: known.tools.rewrite(words, known.urls) is not None
    )


def launches(
    tree: Tree, settings: Settings, clients: Clients, is_bridge: Callable[[Sequence[str]], bool]
) -> Iterator[Launch]:
    """Every entry of the project's configuration files that starts a server by command.

    is_bridge: called with the command's words; true for those that other entries' rules take care of.
    Files that can't be read are left out: they have a finding already. Raises SettingsError, see Clients.chosen.
    """
    for path, syntax in config_files(tree):
        try:
            text = tree.text(path).text
            if not clients.may_hold(path, text):
                continue
            documents = NOTATIONS[syntax].parse(text)
        except (Unreadable, Undecodable, Unparsable):
            continue
        for root in documents:
            reader = clients.reader(path, root, settings)
            for found in reader.entries if reader else ():
                entry = read(found, clients)
                if not entry.command or reader is None:
                    continue
                texts = list(dict.fromkeys(_text(w.node, syntax) for w in entry.command))
                env = entry.env.all_members() if entry.env is not None and entry.env.kind == "map" else []
                yield Launch(
                    path,
                    entry.name,
                    texts[0],
                    tuple(texts[1:]),
                    tuple((m.key.value, _text(m.value, syntax)) for m in env if m.value.kind == "string"),
                    reader.client.id,
                    is_bridge([w.text for w in entry.command]),
                )


def _text(node: Node, syntax: str) -> Text:
    return Text(node.value, node.start, node.end, node, syntax)
