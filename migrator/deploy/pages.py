"""The project's deployment files and documents, read into sheets: one page a file, a fenced block or a cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.configs import json_spans
from migrator.configs.spans import Node, Unparsable
from migrator.context import Context
from migrator.deploy import documents
from migrator.deploy.strands import Strand, joined, of_node
from migrator.deploy.surfaces import Surfaces
from migrator.deploy.words import Sheet
from migrator.records import record
from migrator.sieve import kind_of
from migrator.text import TextFile, Undecodable
from migrator.tree import Unreadable

DOCUMENTS = ("markdown", "rst")
_WORD = re.compile(r"(?<![A-Za-z0-9_])sse(?![A-Za-z0-9_])", re.I)
_WRITEFILE = re.compile(r"%%(?:writefile|file)\s+(?:-a\s+)?(?P<name>\S+)[^\n]*\n")
_CELL_SHELL = re.compile(r"%%(?:bash|sh|script\s+(?:ba)?sh|shell|cmd)[^\n]*\n?")
_MAGIC = re.compile(r"(?:!|%(?P<env>env|set_env)\s+|%(?:sx|system)\s+)")


@record(frozen=True)
class Page:
    """A text in one language. rule: what its findings are called. source: all of it, as written."""

    file: TextFile
    source: Strand
    language: str
    sheet: Sheet
    rule: str

    @property
    def document(self) -> bool:
        return self.rule == "MCP502"


class Pages:
    """Reads the pages of a project."""

    def __init__(self, context: Context, surfaces: Surfaces) -> None:
        self.context = context
        self.surfaces = surfaces
        tools = context.rules.toml("tools.toml")["tool"]
        self.silent = [name for t in tools if "" in t.get("serves", ()) for name in t["names"]]  # SSE without the word
        paths = {p for e in context.endpoints for p in (e.old_path, e.message_path) if p.strip("/")}
        chosen = (s for e in context.endpoints for s in e.selectors if s.old_word.startswith("/"))
        self.telling = paths.union(self.silent, *(s.names for s in chosen))  # what gives a path may give any

    def worth(self, text: str) -> bool:
        """False when the text can't name an old word or path. Cheap."""
        return _WORD.search(text) is not None or any(t in text for t in self.telling)

    def files(self) -> Iterator[TextFile]:
        """The files that may hold something, other than code."""
        for kind, paths in self.context.tree.hits.items():
            if kind == "python":
                continue
            for path in paths:
                if kind == "javascript" and self.surfaces.reader_of(path) == "javascript":
                    continue
                try:
                    file = self.context.tree.text(path)
                except (Unreadable, Undecodable):
                    continue
                if self.worth(file.text):
                    yield file

    def linking(self) -> Iterator[TextFile]:
        """Documents with install links: what such a link carries is encoded, so no word of it need be a hit."""
        tree = self.context.tree
        for path in tree.files:
            if not (kind_of(path) == "markdown" and path in tree.about_mcp) and not path.endswith(".rst"):
                continue
            try:
                data = tree.read(path)
                if b"config=" in data or b"mcp/install" in data:
                    yield tree.text(path)
            except (Unreadable, Undecodable):
                continue

    def of(self, file: TextFile) -> list[Page]:
        """The pages of one file. An address that a cell or block gives a name is the client's that another one makes of it."""
        pages = [*self._of(file)]
        code = "\n".join(p.source.text for p in pages if p.sheet.reaches)
        for sheet in (p.sheet for p in pages if not p.sheet.reaches):
            asked = {text.start for name, text in sheet.named if re.search(rf"\b{re.escape(name)}\b", code)}
            sheet.clients += [t for t in sheet.texts if t.start in asked]
            sheet.texts = [t for t in sheet.texts if t.start not in asked]
        return pages

    def _of(self, file: TextFile) -> Iterator[Page]:
        reader = self.surfaces.reader_of(file.path)
        docs = self.context.settings.docs
        if reader in DOCUMENTS:
            if docs:
                yield from self.blocks(file, Strand.of(file.text), reader)
        elif reader == "notebook":
            if docs:
                yield from self.cells(file)
        else:
            sheet = self.surfaces.sheet(file.path)
            if sheet is not None:
                yield Page(file, Strand.of(file.text), reader, sheet, "MCP501")

    def blocks(self, file: TextFile, source: Strand, reader: str) -> Iterator[Page]:
        """The fenced blocks of a document."""
        for block in documents.blocks(source, reader):
            yield from self.page(file, block.strand, block.language)

    def page(self, file: TextFile, strand: Strand, language: str) -> Iterator[Page]:
        """A part of a document as a page of its own, when there is anything in it to look at."""
        if self.worth(strand.text):
            sheet = self.surfaces.read(strand, language, file)
            if sheet is not None:
                yield Page(file, strand, language, sheet, "MCP502")

    def cells(self, file: TextFile) -> Iterator[Page]:
        """The cells of a notebook: commands behind `!`, cells for a shell or a file, and what they show as Markdown."""
        source = Strand.of(file.text)
        try:
            documents_ = json_spans.NOTATION.parse(file.text)
        except Unparsable:
            return
        cells = documents_[0].get("cells") if documents_ else None
        for cell in cells.items if cells is not None else []:
            kind, text = cell.get("cell_type"), _source(cell, source)
            if kind is None or text is None:
                continue
            if kind.value == "markdown":
                yield from self.blocks(file, text, "markdown")
            elif kind.value == "code":
                yield from self.code(file, text)

    def code(self, file: TextFile, text: Strand) -> Iterator[Page]:
        """What a notebook's cell runs: the file that it writes, the shell lines, or its Python."""
        if match := _WRITEFILE.match(text.text):
            reader = self.surfaces.reader_of(match["name"])
            yield from self.page(file, text.part(match.end()), reader)
        elif match := _CELL_SHELL.match(text.text):
            yield from self.page(file, text.part(match.end()), "shell")
        else:
            lines = list(text.lines())
            for line in lines:
                magic = _MAGIC.match(line.text.lstrip())
                if magic:
                    start = len(line.text) - len(line.text.lstrip()) + magic.end()
                    yield from self.page(file, line.part(start), "environment" if magic["env"] else "shell")
            code = [line for line in lines if not line.text.lstrip().startswith(("!", "%"))]
            if code:
                yield from self.page(file, joined(code, "\n", keep_empty=True), "python")


def _source(cell: Node, source: Strand) -> Strand | None:
    """The text of a cell: one string, or a list of lines."""
    node = cell.get("source")
    if node is None:
        return None
    if node.kind == "list":
        pieces = [of_node(item, source) for item in node.items]
        return joined([p for p in pieces if p is not None])
    return of_node(node, source)
