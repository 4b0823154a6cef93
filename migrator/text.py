"""A text file as it lies on disk: bytes, encoding, BOM, line endings; nothing is normalised."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from migrator.model import Place, Replacement
from migrator.records import record


class Undecodable(ValueError):
    """The bytes are not text in an encoding that we can give back unchanged."""


@record(frozen=True)
class TextFile:
    """Decoded text that encodes back to exactly the bytes it came from.

    `text` has no BOM and keeps its line endings; offsets everywhere in this program are into it.
    """

    path: str
    text: str
    encoding: str
    bom: bytes

    @classmethod
    def decode(cls, path: str, data: bytes) -> TextFile:
        """Read UTF-8 (with or without BOM) or UTF-16 with BOM. Raises Undecodable for anything else."""
        marks = (
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        )
        bom, encoding = next(((b, e) for b, e in marks if data.startswith(b)), (b"", "utf-8"))
        try:
            text = data[len(bom) :].decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise Undecodable(f"not {encoding.upper()} text (line {line}, byte {error.start})") from None
        if "\x00" in text:
            line = text.count("\n", 0, text.index("\x00")) + 1
            raise Undecodable(f"holds NUL characters (line {line}): not a text file")
        return cls(path, text, encoding, bom)

    @property
    def newline(self) -> str:
        """The line ending that the file uses most, "\\n" for a file of one line."""
        crlf = self.text.count("\r\n")
        return "\r\n" if crlf * 2 > self.text.count("\n") else "\n"

    def encode(self, text: str) -> bytes:
        """`text` as bytes of this file: its BOM and its encoding."""
        return self.bom + text.encode(self.encoding)

    def place(self, start: int, end: int | None = None) -> Place:
        """The place of the characters start:end."""
        end = start if end is None else end
        line = self.text.count("\n", 0, start) + 1
        end_line = line + self.text.count("\n", start, end)
        column = start - (self.text.rfind("\n", 0, start) + 1)
        end_column = end - (self.text.rfind("\n", 0, end) + 1)
        return Place(self.path, line, column, end_line, end_column)

    def replaced(self, replacements: Iterable[Replacement]) -> bytes:
        """The file's bytes with the replacements made. Raises ValueError when two of them overlap."""
        text, done, pieces = self.text, 0, []
        for r in sorted(set(replacements), key=lambda r: (r.start, r.end)):
            if r.start < done or r.end < r.start or r.end > len(text):
                raise ValueError(f"{self.path}: two changes overlap at line {text.count(chr(10), 0, r.start) + 1}")
            pieces += [text[done : r.start], r.text]
            done = r.end
        return self.encode("".join([*pieces, text[done:]]))
