"""Command lines that reach a server: `claude mcp add`, mcp-remote and other bridges (rules/tools.toml)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.configs.commands import CommandMove
from migrator.configs.decisions import Action, Decision, together
from migrator.configs.moves import Known
from migrator.configs.snippets import edit_entry
from migrator.deploy.strands import Strand
from migrator.deploy.ties import image_name
from migrator.deploy.words import Command
from migrator.records import record


@record(frozen=True)
class ClientLine:
    """A command line that reaches one of this repository's servers. changes: (word, its new text).

    reason: why it is left to the user; instruction: what to write then.
    """

    tool: str
    address: Strand
    decision: Decision
    changes: tuple[tuple[Strand, str], ...]
    reason: str = ""
    instruction: str = ""


def with_image(command: Command) -> Command:
    """The words for a container whose image is the program, behind the image's name."""
    image = command.container.image if command.bare and command.container is not None else ""
    if not image or not command.words:
        return command
    name, at = image_name(image), command.words[0].start
    return replace(command, words=(Strand(name, [at] * len(name), [at] * len(name)), *command.words))


def client_lines(command: Command, known: Known, path: str) -> Iterator[ClientLine]:
    """What becomes of a command line of a known tool, when it reaches a server of this repository."""
    texts = command.texts
    move = known.tools.rewrite(texts, known.urls, path)
    if move is None or move.serves:
        return
    if move.json_word >= 0:
        yield from _entry(command, move, known, path)
        return
    decision = move.decision
    if not decision.units or decision.action is Action.LEFT:
        return
    address = next((w for w in command.words if move.url and move.url in w.text), command.words[0])
    written = " ".join(_rewritten(texts, move))
    if decision.action is Action.HAND:
        yield ClientLine(move.tool, address, decision, (), decision.reason, decision.instruction)
        return
    changes = [(command.words[i], new) for i, new in move.words.items()]
    for i, new in move.inserts.items():
        changes.append((command.words[i], f"{new} {move.words.get(i, texts[i])}"))
        changes = [c for c in changes if not (c[0] is command.words[i] and c[1] == move.words.get(i))]
    yield ClientLine(move.tool, address, decision, tuple(changes), "", f"write {written}")


def _rewritten(texts: list[str], move: CommandMove) -> Iterator[str]:
    for i, text in enumerate(texts):
        if i in move.inserts:
            yield move.inserts[i]
        yield move.words.get(i, text)


def _entry(command: Command, move: CommandMove, known: Known, path: str) -> Iterator[ClientLine]:
    """`claude mcp add-json NAME '{...}'`."""
    word = command.words[move.json_word]
    changes = []
    for start, end, new in edit_entry(word.text, known, path, move.client, 0):
        if end > start:
            changes.append((word.part(start, end), new))
    if changes:
        unit, also = together(e.unit for e in known.urls.endpoints)
        decision = Decision(Action.MOVE, reason="its server moves", unit=unit, also=also)
        yield ClientLine(move.tool, word, decision, tuple(changes), "", "write " + ", ".join(new for _, new in changes))
