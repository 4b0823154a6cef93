"""MCP server entries of a configuration file: how each is reached, and the commands that some of them start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from migrator.configs import json_spans, toml_spans, yaml_spans
from migrator.configs.clients import Clients
from migrator.configs.commands import ShellWord, shell_words
from migrator.configs.forms import Form, Found, Reader
from migrator.configs.places import says_sse
from migrator.configs.spans import Member, Node, Notation
from migrator.records import record
from migrator.tree import Tree

NOTATIONS: dict[str, Notation] = {
    "json": json_spans.NOTATION,
    "jsonc": json_spans.NOTATION,
    "json5": json_spans.NOTATION,
    "yaml": yaml_spans.NOTATION,
    "yml": yaml_spans.NOTATION,
    "toml": toml_spans.NOTATION,
}


@record(frozen=True)
class Entry:
    """One MCP server entry.

    key: what it is called; None in a list. words: members that name the transport. url: the member with the address.
    http_key: its key is one that only Streamable HTTP has. command: the words of the command that it starts, with the
    nodes they stand in.
    spoken: "sse", "http", "stdio", "other", or what an entry without a word is (Form.untyped).
    """

    name: str
    node: Node
    key: Node | None
    form: Form
    words: tuple[Member, ...]
    url: Member | None
    http_key: bool
    command: tuple[CommandWord, ...]
    env: Node | None
    spoken: str
    typed: bool


@record(frozen=True)
class CommandWord:
    """A word of a command, the text node that holds it, and, where that holds a whole command line, its place in it."""

    text: str
    node: Node
    shell: ShellWord | None = None


def read(found: Found, clients: Clients) -> Entry:
    """The entry that `found` names, as its form reads it."""
    node, form = found.node, found.form
    words = [m for k in (*form.type_keys, *form.misplaced_type_keys) if (m := _string(node, k))]
    keys = (*form.url_keys, *form.http_url_keys, *form.sse_url_keys)
    url = next((m for k in keys if (m := _string(node, k))), None)
    http_key = url is not None and url.key.value in form.http_url_keys
    spoken = _spoken(words, form, clients)
    typed = spoken != ""
    if url is not None and url.key.value in form.sse_url_keys:
        spoken = "sse"
    return Entry(
        ".".join(found.path),
        node,
        found.key,
        form,
        tuple(words),
        url,
        http_key,
        tuple(_command(node)),
        node.get("env") or node.get("environment"),
        "http" if http_key and not typed else spoken or form.untyped,
        typed,
    )


def _string(node: Node, key: str) -> Member | None:
    member = node.member(key)
    return member if member is not None and member.value.kind == "string" and member.value.value else None


def _spoken(words: Iterable[Member], form: Form, clients: Clients) -> str:
    """What the words of an entry say, "" for nothing."""
    values = [m.value.value for m in words]
    if any(v.lower() in form.old_words or says_sse(v) for v in values):
        return "sse"
    known = [v for v in values if v not in form.neutral]
    if any(v in form.words or v in clients.http_words for v in known):
        return "http"
    if any(v.lower() in clients.stdio_words for v in known):
        return "stdio"
    return "other" if any(v.lower() in clients.other_words for v in known) else ""


def _command(node: Node) -> Iterator[CommandWord]:
    command = node.get("command")
    args = node.get("args") or node.get("arguments")
    if command is not None and command.kind == "map":  # {"path": "npx", "args": [...]}
        args, command = command.get("args"), command.get("path")
    if command is not None and command.kind == "string":
        words = shell_words(command.value)
        if args is None and len(words) > 1:
            yield from (CommandWord(w.text, command, w) for w in words)
        else:
            yield CommandWord(command.value, command)
    elif command is not None and command.kind == "list":
        yield from (CommandWord(i.value, i) for i in command.items if i.kind == "string")
    if args is not None and args.kind == "list":
        yield from (CommandWord(i.value, i) for i in args.items if i.kind == "string")


def sibling_word(entries: Iterable[Entry], reader: Reader, clients: Clients) -> tuple[str, str]:
    """(key, word) with which most entries of a file say Streamable HTTP already; ("", "") when none does."""
    counted: Counter[tuple[str, str]] = Counter()
    for e in entries:
        accepted = e.form.words if reader.told else clients.http_words
        counted.update(
            (m.key.value, m.value.value) for m in e.words if m.value.value in accepted and e.spoken == "http"
        )
    return counted.most_common(1)[0][0] if counted else ("", "")


def config_files(tree: Tree) -> Iterator[tuple[str, str]]:
    """(path, syntax) of every hit that may be a configuration file."""
    for kind in ("json", "yaml", "toml"):
        for path in tree.hits.get(kind, ()):
            yield path, kind
