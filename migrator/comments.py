"""Finds our comments in any kind of file, and the lines that each of them is about."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import PurePosixPath

from migrator.records import record

_MARK = r"\s*mcp-transport:\s*(?P<text>.*)"
_HASH, _SLASHES, _STAR, _ANGLE, _SEMICOLON = r"#+", r"//+", r"/\*+|^\s*\*", r"<!--", r";+"
_ALL = (_HASH, _SLASHES, _STAR, _ANGLE, _SEMICOLON)
_C_LIKE = (_SLASHES, _STAR)
# What opens a comment, by the end of the file's name. Everything else: "#".
_OPENERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((".json", ".jsonc", ".json5", ".code-workspace", ".bru"), _C_LIKE),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"), _C_LIKE),
    **dict.fromkeys((".java", ".kt", ".kts", ".gradle", ".go", ".rs", ".cs", ".css"), _C_LIKE),
    **dict.fromkeys((".tf", ".tfvars", ".hcl", ".nomad", ".php"), (_HASH, *_C_LIKE)),
    **dict.fromkeys((".html", ".vue", ".svelte"), (_ANGLE, *_C_LIKE)),
    **dict.fromkeys((".md", ".mdx", ".mdc", ".markdown"), _ALL),
    **dict.fromkeys((".rst", ".adoc"), (r"\.\.", *_ALL)),
    **dict.fromkeys((".ini", ".cfg", ".conf", ".properties", ".service"), (_HASH, _SEMICOLON)),
    **dict.fromkeys((".bat", ".cmd"), (r"(?:@?[Rr][Ee][Mm]\b)", "::")),
    ".xml": (_ANGLE,),
}
_PROSE = {".md", ".mdx", ".mdc", ".markdown", ".rst", ".adoc"}
_CLOSERS = re.compile(r"\s*(?:\*/\}?|-->|#\})\s*$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_OPENS_A_BLOCK = tuple("{[(:\\|>")


@record(frozen=True)
class Comment:
    """One comment of ours. text: what follows `mcp-transport:`. covers: lines from 1. Columns count from 0."""

    line: int
    column: int
    end_column: int
    text: str
    covers: range


def comments(path: str, text: str) -> Iterator[Comment]:
    """The comments with our mark in one file."""
    suffix = PurePosixPath(path.lower()).suffix
    lines = text.split("\n")
    if suffix in {".py", ".pyw", ".pyi"}:
        try:
            yield from _python(text, lines)
            return
        except (tokenize.TokenError, SyntaxError):  # broken Python: by its lines
            pass
    pattern = re.compile(rf"(?P<open>{'|'.join(_OPENERS.get(suffix, (_HASH,)))}){_MARK}", re.IGNORECASE)
    for number, line in enumerate(lines):
        match = pattern.search(line)
        if match is None:
            continue
        before = line[: match.start("open")]
        if not _may_begin_after(before, suffix):
            continue
        own = not before.strip().strip('"{')  # a notebook's line begins with a quote, a template's with a brace
        covers = _after(lines, number, suffix) if own else _element(lines, number, before)
        yield Comment(number + 1, match.start("open"), len(line.rstrip()), _bare(match["text"], suffix), covers)


def _may_begin_after(before: str, suffix: str) -> bool:
    """False inside a word ("http://mcp-transport:8000") or a string of JSON."""
    if before and not before[-1].isspace() and before[-1] not in ("{,;)]}" + ('"' if suffix == ".ipynb" else "")):
        return False
    return suffix not in _OPENERS or suffix in _PROSE or before.replace('\\"', "").count('"') % 2 == 0


def _bare(text: str, suffix: str) -> str:
    """Without what closes the comment, or the string that a notebook's line of code is."""
    if suffix == ".ipynb":
        text = re.sub(r'(?:\\n)?",?\s*$', "", text)
    return _CLOSERS.sub("", text).strip()


def _after(lines: list[str], number: int, suffix: str) -> range:
    """What a comment on line `number` (from 0) of its own is about: the next element, or in prose the next block of code."""
    following = number + 1
    while following < len(lines) and (not lines[following].strip() or "mcp-transport:" in lines[following].lower()):
        following += 1
    if following == len(lines):
        return range(number + 1, number + 2)
    fence = _FENCE.match(lines[following])
    if fence:
        end = following + 1
        while end < len(lines) and not lines[end].strip().startswith(fence[1]):
            end += 1
        return range(number + 1, min(end, len(lines) - 1) + 2)
    if suffix == ".toml" and lines[following].lstrip().startswith("["):
        end = following + 1
        while end < len(lines) and not lines[end].lstrip().startswith("["):
            end += 1
        return range(number + 1, end + 1)
    return range(number + 1, _block(lines, following) + 1)


def _element(lines: list[str], number: int, code: str) -> range:
    """What a comment behind `code` on line `number` (from 0) is about: the line, or the block that it opens."""
    if code.rstrip().endswith(_OPENS_A_BLOCK):
        return range(number + 1, _block(lines, number) + 1)
    return range(number + 1, number + 2)


def _block(lines: list[str], first: int) -> int:
    """The end (exclusive, from 0) of the lines below `first` that are indented deeper, with a closing bracket."""
    depth = _indentation(lines[first])
    end = first + 1
    while end < len(lines) and (not lines[end].strip() or _indentation(lines[end]) > depth):
        end += 1
    if end < len(lines) and lines[end].lstrip()[:1] in ("}", "]", ")") and _indentation(lines[end]) == depth:
        return end + 1
    while end > first + 1 and not lines[end - 1].strip():
        end -= 1
    return end


def _indentation(line: str) -> int:
    line = line.expandtabs(8)
    return len(line) - len(line.lstrip())


def _python(text: str, lines: list[str]) -> Iterator[Comment]:
    """Python by its tokens: a statement is a logical line, and strings hold no comments."""
    found: list[tokenize.TokenInfo] = []
    statements: list[range] = []  # of lines, from 1
    start = 0
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}
    pattern = re.compile(rf"#+{_MARK}", re.IGNORECASE)
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type == tokenize.COMMENT and pattern.match(token.string):
            found.append(token)
        elif token.type == tokenize.NEWLINE:
            statements.append(range(start, token.start[0] + 1))
            start = 0
        elif token.type not in skipped and not start:
            start = token.start[0]
    for token in found:
        match = pattern.match(token.string)
        assert match is not None
        line, column = token.start
        covers = _python_lines(lines, line, not lines[line - 1][:column].strip(), statements)
        yield Comment(line, column, token.end[1], match["text"].strip(), covers)


def _python_lines(lines: list[str], line: int, own: bool, statements: list[range]) -> range:
    around = next((s for s in statements if line in s), None)
    if around is not None and line in (around[0], around[-1]):
        return around
    if around is not None:  # between the brackets of a statement
        if own:
            return _after(lines, line - 1, ".py")
        return _element(lines, line - 1, lines[line - 1].split("#", 1)[0])
    following = next((s for s in statements if s.start > line), None)
    return range(line, following.stop) if following is not None else range(line, line + 1)
