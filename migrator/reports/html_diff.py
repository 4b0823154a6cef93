"""Side-by-side diffs for the HTML report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape

from migrator.model import FileChange
from migrator.reports.hunks import Block, hunks, lines, shown_texts

_TOO_LONG = 2_000  # characters of a line, above which its parts aren't compared


def table(change: FileChange, name: str) -> str:
    """The change as a table of two columns of lines; `name` is the file's, for the caption."""
    before, after = shown_texts(change)
    old, new = lines(before), lines(after)
    rows = []
    found = hunks(old, new)
    for number, hunk in enumerate(found):
        if number or hunk.old.start or hunk.new.start:
            rows.append(f'<tr class="gap"><td colspan="6">{escape(hunk.header)}</td></tr>')
        for block in hunk.blocks:
            rows += _same(block, old) if block.same else _replaced(block, old, new)
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="Changes of '
        f'{escape(name, quote=True)}"><table class="diff"><colgroup><col class="number"><col class="sign"><col>'
        '<col class="number"><col class="sign"><col></colgroup>'
        '<thead><tr><th scope="col" colspan="3">before</th><th scope="col" colspan="3">after</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _same(block: Block, old: Sequence[str]) -> Iterator[str]:
    for number, other in zip(block.old, block.new, strict=True):
        text = _line(escape(_bare(old[number])), old[number])
        yield f"<tr>{_cells(number, '', '', text)}{_cells(other, '', 'middle', text)}</tr>"


def _replaced(block: Block, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for offset in range(max(len(block.old), len(block.new))):
        left = block.old[offset] if offset < len(block.old) else None
        right = block.new[offset] if offset < len(block.new) else None
        first, second = "", ""
        if left is not None and right is not None:
            first, second = _marked(_bare(old[left]), _bare(new[right]))
        elif left is not None:
            first = escape(_bare(old[left]))
        elif right is not None:
            second = escape(_bare(new[right]))
        cells = _cells(left, "-", "old", _line(first, old[left]) if left is not None else "")
        cells += _cells(right, "+", "new middle", _line(second, new[right]) if right is not None else "")
        yield f"<tr>{cells}</tr>"


def _cells(number: int | None, sign: str, style: str, text: str) -> str:
    if number is None:
        middle = " middle" if "middle" in style else ""
        return f'<td class="number none{middle}"></td><td class="sign none"></td><td class="none"></td>'
    side = style.replace("middle", "").strip()
    first = " ".join(["number", *style.split()])
    return (
        f'<td class="{first}">{number + 1}</td><td class="{" ".join(["sign", side]).strip()}">{sign}</td>'
        f"<td{f' class={chr(34)}{side}{chr(34)}' if side else ''}>{text}</td>"
    )


def _bare(line: str) -> str:
    return line.rstrip("\n").removesuffix("\r")


def _line(shown: str, line: str) -> str:
    """`shown` with a word about a missing line ending, which can't be seen otherwise."""
    return shown if line.endswith("\n") else f'{shown} <span class="end">(no line ending)</span>'


def _marked(old: str, new: str) -> tuple[str, str]:
    """Both lines with the words that differ marked, unless hardly anything is the same."""
    if max(len(old), len(new)) > _TOO_LONG:
        return escape(old), escape(new)
    first, second = (re.findall(r"\w+|\s+|[^\w\s]", line) for line in (old, new))
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.ratio() < 0.4:
        return escape(old), escape(new)
    left, right = "", ""
    for word, i1, i2, j1, j2 in matcher.get_opcodes():
        before, after = escape("".join(first[i1:i2])), escape("".join(second[j1:j2]))
        if word == "equal":
            left, right = left + before, right + after
        else:
            left += f"<del>{before}</del>" if before else ""
            right += f"<ins>{after}</ins>" if after else ""
    return left, right
