"""What differs between two versions of a file, as hunks of lines. The diff of every format is drawn from these."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from migrator.model import FileChange
from migrator.records import record

NO_NEWLINE = "\\ No newline at end of file"


@record(frozen=True)
class Block:
    """A run of lines: the same in both versions (`same`), or replaced. Line numbers count from 0, ends exclusive."""

    same: bool
    old: range
    new: range


@record(frozen=True)
class Hunk:
    """Blocks that lie near each other, the equal lines around them included."""

    blocks: tuple[Block, ...]

    @property
    def old(self) -> range:
        return range(self.blocks[0].old.start, self.blocks[-1].old.stop)

    @property
    def new(self) -> range:
        return range(self.blocks[0].new.start, self.blocks[-1].new.stop)

    @property
    def header(self) -> str:
        """The `@@ -1,7 +1,8 @@` line, without a line ending."""
        return f"@@ -{_span(self.old)} +{_span(self.new)} @@"


def lines(text: str) -> list[str]:
    """`text` in lines that keep their endings. Only a line feed ends a line, as git has it."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def hunks(old: Sequence[str], new: Sequence[str], context: int = 3) -> list[Hunk]:
    """The hunks that lead from `old` to `new`, each with up to `context` equal lines on both sides."""
    found: list[Hunk] = []
    current: list[Block] = []
    blocks = _blocks(old, new)
    for number, block in enumerate(blocks):
        if not block.same:
            current.append(block)
            continue
        first, last = number == 0, number == len(blocks) - 1
        if not first and not last and len(block.old) <= 2 * context:
            current.append(block)
            continue
        if not first:
            current.append(_part(block, 0, min(context, len(block.old))))
            found.append(Hunk(tuple(b for b in current if b.old or b.new)))
        current = [] if last else [_part(block, max(0, len(block.old) - context), len(block.old))]
    if any(not block.same for block in current):
        found.append(Hunk(tuple(b for b in current if b.old or b.new)))
    return [hunk for hunk in found if any(not block.same for block in hunk.blocks)]


def counts(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines were added and how many removed."""
    changed = [block for block in _blocks(old, new) if not block.same]
    return sum(len(b.new) for b in changed), sum(len(b.old) for b in changed)


def shown_texts(change: FileChange) -> tuple[str, str]:
    """Both versions of a file as text for people: a coding that can't be told shows as replacement characters."""
    return _readable(change.before), _readable(change.after)


def _readable(data: bytes) -> str:
    from migrator.text import TextFile, Undecodable

    try:
        return TextFile.decode("", data).text
    except Undecodable:
        return data.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """`old` and `new` as blocks, equal ones and replaced ones in turn.

    What both begin and end with is cut off first: SequenceMatcher is slow on long files, and most of ours
    differ in a few lines.
    """
    limit = min(len(old), len(new))
    head = 0
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    matcher = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail])
    found = [Block(True, range(head), range(head))] if head else []
    for word, i1, i2, j1, j2 in matcher.get_opcodes():
        found.append(Block(word == "equal", range(head + i1, head + i2), range(head + j1, head + j2)))
    if tail:
        found.append(Block(True, range(len(old) - tail, len(old)), range(len(new) - tail, len(new))))
    return found


def _part(block: Block, start: int, end: int) -> Block:
    return Block(block.same, block.old[start:end], block.new[start:end])


def _span(lines_: range) -> str:
    """A hunk's span as diff writes it: an empty one names the line before it."""
    if not lines_:
        return f"{lines_.start},0"
    return f"{lines_.start + 1}" if len(lines_) == 1 else f"{lines_.start + 1},{len(lines_)}"
