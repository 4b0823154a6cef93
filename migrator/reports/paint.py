"""Lines for a terminal: colours from its own palette, and wrapping that never breaks a path, a URL or a command.

Only the sixteen standard colours are used, so that the report can be read on light and on dark backgrounds.
"""

from __future__ import annotations

import textwrap
from dataclasses import field

from migrator.records import record

STYLES = {
    "heading": "1",
    "strong": "1",
    "quiet": "2",
    "add": "32",
    "remove": "31",
    "good": "32",
    "bad": "31",
    "warn": "35",  # yellow can't be read on white
    "place": "36",
    "hunk": "36",
    "rule": "2",
}

# For terminals that can't show them.
_PLAIN = str.maketrans({"→": "->", "·": "-", "─": "-", "…": "...", "−": "-", "✓": "ok"})


@record
class Painter:
    """Collects lines. width: columns; color: ANSI colours may be used."""

    width: int
    color: bool
    out: list[str] = field(default_factory=list)

    def paint(self, text: str, style: str) -> str:
        """`text` in a style of STYLES."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.color and text and style else text

    def heading(self, text: str) -> None:
        """A section's heading, with an empty line before it."""
        self.gap()
        self.out.append(self.paint(text, "heading"))

    def gap(self) -> None:
        """One empty line before what follows, none at the top."""
        if self.out and self.out[-1]:
            self.out.append("")

    def raw(self, text: str = "", style: str = "") -> None:
        """A line as it is: diffs, commands, code. The terminal wraps it, so that it can be copied whole."""
        self.out.append(self.paint(text, style) if style else text)

    def prose(self, text: str, indent: int = 2, style: str = "", hang: int | None = None) -> None:
        """Text wrapped to the width. indent: of the first line, hang: of the others, both in columns."""
        hang = indent if hang is None else hang
        found = textwrap.wrap(
            text,
            width=max(self.width, 20),
            initial_indent=" " * indent,
            subsequent_indent=" " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        )
        self.out += [self.paint(line, style) if style else line for line in found]

    def code(self, text: str, indent: int = 6, style: str = "") -> None:
        """Lines of code or a command, indented, never wrapped."""
        for line in text.splitlines():
            self.raw(" " * indent + line if line.strip() else "", style)

    def text(self) -> str:
        """All lines so far."""
        return "".join(line + "\n" for line in self.out)


def printable(text: str) -> str:
    """`text` without characters that would steer the terminal (escape sequences in somebody's file or path)."""
    return "".join(c if c == "\t" or c.isprintable() else _visible(c) for c in text)


def for_encoding(text: str, encoding: str | None) -> str:
    """A report for an output that can't show all of Unicode: arrows and dots as ASCII, the rest as "?"."""
    encoding = encoding or "ascii"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        try:
            return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
        except LookupError:
            return text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")
    return text


def _visible(character: str) -> str:
    code = ord(character)
    if code < 32:
        return chr(0x2400 + code) if code else "\u2400"
    return "\ufffd" if code > 0xFF else f"\\x{code:02x}"
