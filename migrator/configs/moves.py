"""What becomes of the MCP server entries of one text: the edits, and what the user is told about each.

The word and the address of an entry are one edit. An entry whose address can't be decided keeps its word too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING

from migrator.configs.addresses import credentials, looks_like_sse, parse, shown, variable
from migrator.configs.clients import Clients
from migrator.configs.commands import CommandMove, Tools, line_changes, shell_words
from migrator.configs.decisions import Action, Decision
from migrator.configs.entries import CommandWord, Entry, read, sibling_word
from migrator.configs.forms import Reader
from migrator.configs.spans import AddItem, AddMember, Edit, Member, Node, SetText, apply
from migrator.configs.urls import Urls
from migrator.model import Outcome, Severity
from migrator.records import record
from migrator.settings import Settings

if TYPE_CHECKING:
    from migrator.clients.loaders import Loader


@record(frozen=True)
class Known:
    """What the rulebook and the project say, for every file alike. own_only: leave what is not this repository's."""

    settings: Settings
    clients: Clients
    tools: Tools
    urls: Urls
    own_only: bool = False
    stays: Callable[[str], str] = lambda path: ""  # the own client that may read the file `path`, and stays on SSE
    loader: Callable[[str], Loader | None] = lambda path: None  # what the project's own code hands the file `path` to
    probes: frozenset[str] = frozenset()  # keys below which an address is asked for a page
    fetchers: frozenset[str] = frozenset()  # programs that do that
    monitored: frozenset[str] = frozenset()  # keys beside an address that is


@record(frozen=True)
class Move:
    """One entry's edits and finding. `node` is what the finding points at; the rest as in model.Finding.

    entry: None for an address in some program's settings.
    """

    entry: Entry | None
    node: Node
    rule: str
    message: str
    outcome: Outcome = Outcome.FIX
    severity: Severity = Severity.WARNING
    instruction: str = ""
    assumed: bool = False
    check: str = ""
    unit: str = ""
    edits: tuple[Edit, ...] = ()
    secrets: tuple[str, ...] = field(default=())
    also: tuple[str, ...] = ()  # see Decision

    def by_hand(self, reason: str) -> Move:
        """The same, left to the user: the instruction is what the edits would have written."""
        return replace(
            self,
            outcome=Outcome.BY_HAND,
            message=f"{self.message}; not changed: {reason}",
            instruction=f"write {written(self.edits)}",
            edits=(),
        )


def written(edits: Iterable[Edit]) -> str:
    """The texts that `edits` would write, for an instruction."""
    texts = []
    for e in edits:
        if isinstance(e, AddMember):
            texts.append(f"{e.key}: {shown(e.value)}")
        else:
            old = e.node.value if isinstance(e, SetText) else ""
            texts.append(f"{shown(e.text)} instead of {shown(old)}" if old else shown(e.text))
    return ", ".join(texts)


def moves_of(reader: Reader, path: str, known: Known) -> list[Move]:
    """What becomes of every entry that `reader` found in the file `path`; entries without SSE are left out."""
    entries = [read(found, known.clients) for found in reader.entries]
    siblings = sibling_word(entries, reader, known.clients)
    renamed = {e.url.key.value for e in entries if e.http_key and e.url is not None}
    made = []
    for entry in entries:
        if entry.url is None and entry.command:
            move = _bridge(entry, path, known) or _commanded(entry) or _handed(entry, path, known)
        else:
            move = _Entry(entry, reader, path, known).move(siblings, renamed)
        if move and (move.unit or move.also or not known.own_only):
            made.append(move)
    return _together(made, entries)


STARTED = {"module", "script", "program", "port"}  # keys of a list from which somebody's program starts servers
_OWN = "it says what this package's own server serves, and no server that this run moves has this address"


class _Entry:
    """One entry that gives an address."""

    def __init__(self, entry: Entry, reader: Reader, path: str, known: Known) -> None:
        self.entry = entry
        self.reader = reader
        self.path = path
        self.known = known
        self.form = entry.form
        self.says_sse = entry.typed and entry.spoken == "sse"

    def move(self, siblings: tuple[str, str], renamed: set[str]) -> Move | None:
        entry = self.entry
        if entry.spoken in ("stdio", "other") and entry.typed:
            return None
        if self.says_sse and not any(m.value.value.lower() in self.form.old_words for m in entry.words):
            return self.hand("what its word becomes is not known", "see what its reader calls Streamable HTTP")
        if entry.url is not None and entry.url.key.value in self.form.sse_url_keys:
            return self.hand(f"what {entry.url.key.value} becomes is not known", "see which key its reader has for it")
        if entry.url is None and self.form.own_server and self.says_sse:
            return self.hand(_OWN, "move that server first")
        if entry.url is None:
            if not self.says_sse:
                return None
            if not STARTED.isdisjoint(m.key.value for m in entry.node.members):
                return self.hand("it says what is started", "say streamable-http once what reads this takes that word")
            return self.hand("it gives no address", "give it the address of a Streamable HTTP endpoint")
        text = entry.url.value.value
        outside = variable(text)
        target = outside[1] if outside else text
        sse = self.says_sse or (entry.spoken == "sse" and not outside)
        if outside and not parse(target):
            if not self.says_sse:
                return None
            reason = f"its address comes from {outside[0]}"
            return self.hand(reason, f"see that {outside[0]} holds the address of a Streamable HTTP endpoint")
        streamable = entry.spoken == "http"
        if self._sets_a_path(entry.url.key.value, target):
            return None
        if not sse and not streamable and not self.known.urls.reaches_sse(target, self.path):
            return None
        decision = self.known.urls.decide(target, self.path, streamable)
        if decision.action is Action.LEFT or (decision.action is Action.STAY and not sse):
            return self.left(target) if looks_like_sse(target) else None
        if self.form.by_hand:
            return self.hand("", self.form.by_hand, decision)
        if self.form.own_server and not decision.units:
            return self.hand(_OWN, "move that server first", replace(decision, url=""))
        if decision.action is Action.HAND:
            return self.hand(decision.reason, decision.instruction, decision)
        return self.fix(decision, siblings, renamed, outside)

    def _sets_a_path(self, key: str, text: str) -> bool:
        """True for a server's own settings: a moved server takes its path from that key, and no client is read here."""
        selectors = (s for e in self.known.urls.endpoints if e.moved for s in e.selectors if s.kind == "setting")
        return any(s.old_word == text and key in s.names for s in selectors)

    def fix(
        self, decision: Decision, siblings: tuple[str, str], renamed: set[str], outside: tuple[str, str] | None
    ) -> Move | None:
        entry, url = self.entry, self.entry.url
        if url is None:
            return None
        loader = None if self.reader.told else self.known.loader(self.path)
        if loader and not loader.word and self.says_sse:
            why = f"{loader.name} ({loader.path}) knows this word only"
            return self.hand(why, f"let {loader.path} know Streamable HTTP's word first, then write it here", decision)
        word = siblings[1] or (loader.word if loader else next(iter(self.form.words), ""))
        guessed = not self.reader.told and loader is None
        if self.says_sse and word:
            edits = self.word_edits(word)
        else:
            typed = self.form.write_type or bool(guessed and siblings[0]) or bool(loader and loader.untyped_is_sse)
            key = siblings[0] or (loader.key if loader else next(iter(self.form.type_keys), ""))
            edits = self.kind_edits(url, word, key if typed else "", renamed)
        if self.form.rename_entry and entry.key is not None:
            edits.append(SetText(entry.key, self.form.rename_entry))
        new_url = decision.url if not outside else url.value.value.replace(outside[1], decision.url)
        if new_url != url.value.value:
            edits.append(SetText(url.value, new_url))
        if not edits:
            return None
        staying = "" if self.reader.told or loader else self.known.stays(self.path)
        if staying:
            why = f"this project's own client, which stays on SSE, may read this file ({staying})"
            return self.hand(why, f"when that client moves, write {written(edits)}", decision)
        clash = self.taken(edits)
        if clash:
            why = f"it has a {clash.key.value} already, which is not a text"
            return self.hand(why, f"write {written(edits)}, and remove the other {clash.key.value}", decision)
        read = f"; {loader.name} gets this file ({loader.path})" if loader else ""
        move = self.told(
            Move(entry, self.node(), self.rule(decision), f"{self.says(decision)}; {decision.reason}{read}"), decision
        )
        move = replace(move, edits=tuple(edits), assumed=decision.assumed, check=decision.check)
        if outside:
            move = self.doubt(move, f"{outside[0]} must hold the new address wherever it is set")
        if guessed or self.reader.client.remote:
            move = self.doubt(move, self.about_the_client(word, edits))
        if self.reader.client.note and any(isinstance(e, AddMember) for e in edits):
            move = replace(move, message=f"{move.message} ({self.reader.client.note})")
        return move

    def taken(self, edits: Iterable[Edit]) -> Member | None:
        """The member whose key one of the edits would write a second time, None when there is none."""
        new = {e.key for e in edits if isinstance(e, AddMember)}
        keys = {id(m.key) for m in self.entry.node.members}
        new |= {e.text for e in edits if isinstance(e, SetText) and id(e.node) in keys and e.text != e.node.value}
        return next((m for m in self.entry.node.members if m.key.value in new), None)

    def word_edits(self, word: str) -> list[Edit]:
        """Every word that says SSE becomes `word`; where its key is one that the client ignores, the key too."""
        old = [m for m in self.entry.words if m.value.value.lower() in self.form.old_words]
        edits: list[Edit] = [SetText(m.value, word) for m in old]
        right = next(iter(self.form.type_keys), "")
        if right and not any(m.key.value in self.form.type_keys for m in self.entry.words):
            edits.append(SetText(old[0].key, right))
        return edits

    def kind_edits(self, url: Member, word: str, key: str, renamed: set[str]) -> list[Edit]:
        """What makes an entry Streamable HTTP that says no word for SSE: another key for its address, or a word.

        key: under which the word is written, "" where it is not. renamed: keys of addresses that other entries have.
        """
        entry = self.entry
        if entry.words or entry.spoken == "http":
            return []
        if word:
            http_key = next((k for k in self.form.http_url_keys if k in renamed), "") or self.form.rename_url
            if http_key:
                return [SetText(url.key, http_key)]
            before = url if url in entry.node.members else entry.node.members[0]
            return [AddMember(entry.node, before, key, word)] if key else []
        return [SetText(url.key, self.form.rename_url)] if entry.spoken == "sse" and self.form.rename_url else []

    def about_the_client(self, word: str, edits: Sequence[Edit]) -> str:
        clients = self.known.clients
        name = "name the client with --client, or for each file in the settings"
        if self.reader.client.remote:
            return f"{self.reader.client.name} takes only commands from its file: see which client reads the addresses in it"
        if any(isinstance(e, AddMember) or (isinstance(e, SetText) and e.text == word) for e in edits):
            others = ", ".join(clients.rejecting(word))
            return f"which client reads this file can't be told; these don't take {word!r}: {others}; {name}"
        others = ", ".join(clients.untyped_is_sse())
        return f"which client reads this file can't be told; without a word an entry is SSE for {others}; {name}"

    def hand(self, reason: str, instruction: str, decision: Decision | None = None) -> Move:
        decision = decision or Decision(Action.HAND)
        message = self.says(decision) + (f"; {reason}" if reason else "")
        word = next(iter(self.form.words), "")
        if word and self.says_sse and self.reader.told and not self.form.by_hand:
            key = next(iter(self.form.type_keys), "type")
            instruction += f" (the word of {self.reader.client.name} is {key}: {word})"
        move = Move(self.entry, self.node(), self.rule(decision), message, Outcome.BY_HAND, instruction=instruction)
        return self.told(move, decision)

    def rule(self, decision: Decision) -> str:
        return "MCP304" if decision.vendor else "MCP301" if self.says_sse else "MCP302"

    def left(self, url: str) -> Move:
        message = f"{self.entry.name} runs as Streamable HTTP at {shown(url)}, whatever the address says: left"
        return Move(self.entry, self.node(), "MCP302", message, Outcome.INFO, Severity.NOTE)

    def told(self, move: Move, decision: Decision) -> Move:
        gone = decision.shut_down or (self.reader.client.sse == "removed" and self.says_sse)
        url = self.entry.url.value.value if self.entry.url else ""
        severity = Severity.ERROR if gone else Severity.WARNING
        secrets = tuple(credentials(url))
        return replace(move, unit=decision.unit, severity=severity, secrets=secrets, also=decision.also)

    def doubt(self, move: Move, check: str) -> Move:
        return replace(move, assumed=True, check=f"{move.check}; {check}" if move.check else check)

    def says(self, decision: Decision) -> str:
        url = shown(self.entry.url.value.value) if self.entry.url else ""
        how = "reaches" if self.entry.spoken == "http" else "uses the deprecated SSE transport"
        goes = f" -> {shown(decision.url)}" if decision.url and shown(decision.url) != url else ""
        at = f" {url}{goes}" if how == "reaches" else f" at {url}{goes}" if url else ""
        return f"{self.entry.name} {how}{at}"

    def node(self) -> Node:
        old = [m.value for m in self.entry.words if m.value.value.lower() in self.form.old_words]
        return old[0] if old else self.entry.url.value if self.entry.url else self.entry.node


def _commanded(entry: Entry) -> Move | None:
    """An entry that starts a command and yet says SSE."""
    if not (entry.typed and entry.spoken == "sse"):
        return None
    message = f"{entry.name} says SSE but starts a command, which speaks stdio"
    todo = "remove the word, or replace the command by the address of a Streamable HTTP endpoint and its word"
    return Move(entry, entry.words[0].value, "MCP301", message, Outcome.BY_HAND, instruction=todo)


def _handed(entry: Entry, path: str, known: Known) -> Move | None:
    """An entry that hands the address of an SSE endpoint to a command which no rule knows."""
    variables = entry.env.all_members() if entry.env is not None else []
    for node in (*(w.node for w in entry.command), *(m.value for m in variables)):
        for text in (node.value, node.value.partition("=")[2]):
            if "://" in text and looks_like_sse(text) and not known.urls.decide(text, path, streamable=True).unit:
                message = f"{entry.name} hands {shown(text)} to a command that is not known here: left"
                todo = "see its documentation for how it is told to use Streamable HTTP"
                return Move(entry, node, "MCP303", message, Outcome.INFO, Severity.NOTE, todo)
    return None


def _bridge(entry: Entry, path: str, known: Known) -> Move | None:
    """An entry that starts a bridge to an SSE endpoint."""
    words = entry.command
    env = (
        {m.key.value: m.value.value for m in entry.env.all_members()}
        if entry.env is not None and entry.env.members
        else {}
    )
    command = known.tools.rewrite([w.text for w in words], known.urls, path, env)
    edits = _command_edits(entry, words, command) if command else []
    at = None
    if command:
        texts = [*(w.node for w in words), *(m.value for m in (entry.env.all_members() if entry.env else []))]
        at = next((n for n in texts if command.url and command.url in n.value), None)
    if command is None:
        for word in words:  # sh -c "npx mcp-remote URL"
            inner = shell_words(word.text) if word.shell is None and " " in word.text else []
            command = known.tools.rewrite([w.text for w in inner], known.urls, path, env)
            if command:
                at = word.node
                edits = [SetText(at, apply(word.text, line_changes(word.text, inner, command)))]
                break
    if command is None or command.serves or command.json_word >= 0:
        return None
    decision, node = command.decision, at or words[0].node
    if decision.action is Action.LEFT:
        message = f"{entry.name}: {command.tool} runs as Streamable HTTP at {shown(command.url)}: left"
        return Move(entry, node, "MCP302", message, Outcome.INFO, Severity.NOTE)
    goes = f" -> {shown(decision.url)}" if decision.url and decision.url != command.url else ""
    return Move(
        entry,
        node,
        "MCP304" if decision.vendor else "MCP303",
        f"{entry.name}: {command.tool} reaches the deprecated SSE transport at {shown(command.url)}{goes}; {decision.reason}",
        Outcome.BY_HAND if decision.action is Action.HAND else Outcome.FIX,
        Severity.ERROR if decision.shut_down else Severity.WARNING,
        decision.instruction,
        decision.assumed,
        decision.check,
        decision.unit,
        tuple(edits) if decision.action is not Action.HAND else (),
        tuple(credentials(command.url)),
        decision.also,
    )


def _command_edits(entry: Entry, words: Sequence[CommandWord], command: CommandMove) -> list[Edit]:
    edits: list[Edit] = []
    lines: dict[int, Node] = {id(w.node): w.node for w in words if w.shell is not None}
    for node in lines.values():  # a command line in one string
        inner = [w.shell for w in words if w.shell is not None and w.node is node]
        edits.append(SetText(node, apply(node.value, line_changes(node.value, inner, command))))
    if not lines:
        edits += [SetText(words[i].node, new) for i, new in command.words.items()]
        command_node = entry.node.get("command")
        whole = command_node if command_node is not None and command_node.kind == "map" else entry.node
        lists = [v for k in ("args", "arguments", "command") if (v := whole.get(k)) is not None and v.kind == "list"]
        for i, new in command.inserts.items():
            parent = next(v for v in lists if words[i].node in v.items)
            edits.append(AddItem(parent, words[i].node, new))
    for name, value in command.env.items():
        member = entry.env.member(name) if entry.env is not None else None
        if member is not None:
            edits.append(SetText(member.value, value))
    return edits


def _together(moves: list[Move], entries: Sequence[Entry]) -> list[Move]:
    """Leaves to the user what several entries share (a YAML anchor) and not all of them change alike."""
    while True:
        made = {id(m.entry): {(id(e.node), e.text) for e in m.edits if isinstance(e, SetText)} for m in moves}
        units = {id(m.entry): m.unit for m in moves}
        for i, move in enumerate(moves):
            for e in move.edits:
                others = [o for o in entries if isinstance(e, SetText) and _uses(o, e.node)]
                if any((id(e.node), e.text) not in made.get(id(o), ()) or units[id(o)] != move.unit for o in others):  # type: ignore[union-attr]
                    moves[i] = move.by_hand("it shares text with another entry that does not change alike")
                    break
            if not moves[i].edits and move.edits:
                break
        else:
            return moves


def _uses(entry: Entry, node: Node) -> bool:
    own = [m.value for m in entry.words] + ([entry.url.value, entry.url.key] if entry.url else [])
    return any(node is n for n in [*own, *(w.node for w in entry.command)])
