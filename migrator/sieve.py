"""Which files could matter, by their bytes: read once, tested against one pattern that begins with a literal.

Imports only os and re (a clean run passes through here); the words come from rules/ through _prefilter.py.
Measured on 282 MB: the pattern costs as much as one `in`; alternations and patterns that begin with anything but a
literal cost 8 to 28 times as much, so they see only the files that the first test leaves.
"""

from __future__ import annotations

import functools  # which re imports anyway
import os
import re

from migrator import _prefilter, forked

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

LIMIT = 2 << 20  # bytes; nothing that people write by hand is longer
LIMIT_TO_TELL = 16 << 20  # code longer than LIMIT is searched this far, only to say that it was left out
CHUNK = 1 << 16
TOO_LONG = f"longer than {LIMIT >> 20} MiB, and it mentions SSE: not looked into"
UNREAD = "can't be read: "
CODE = ("python", "javascript")
IGNORE = b"mcp-transport:"  # our own comments: one that outlived its reason stands where nothing else is to be found

_MCP = re.compile(rb"mcp")  # three quarters of what `in` takes
# A transport that isn't written out: where it comes from outside, nothing in the whole project need say SSE.
_OUTSIDE = re.compile(
    rb"transport\s*=\s*(?!none|true|false)[a-z_]|\.run\(\s*os\.(?:environ|getenv)|getattr\([\w.]+,\s*f[\"']run_"
    rb"|(?<!anyio)(?<!asyncio)(?<!subprocess)(?<!typer)(?<!uvicorn)\.run\(\s*[*a-z_][\w.:()[\]-]*\s*(?:\)|,\s*\w+\s*=)"
    rb"|\.run(?:_async)?\(\s*\*\*"
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# "mcp" first: the literal makes the search fast, what stands around it is looked at afterwards.
_IMPORT = re.compile(
    rb"mcp(?![a-z0-9_])(?:"
    + b"|".join(
        rb"(?<=%s%s)" % (before, name)
        for name in (b"mcp", b"fastmcp")
        for before in (b"from ", b"import ", b", ", b'"', b"'")
    )
    + rb")"
)

# How our own reports and baselines begin: they quote what was found, and are nobody's configuration.
_OURS = (  # compiled when there is a hit
    rb'"format": "mcp-transport-migrate/|"fullName": "mcp-transport-migrate"|\A\[\s+\{\s+"check_name": "MCP'
    rb"|\A<!-- mcp-transport-migrate -->|<title>mcp-migrate: "
)
_BEGINNING = 1024  # bytes in which they say so


class Needles:
    """The patterns of one run: those of the rulebook, with what the user's own rules add."""

    __slots__ = ("_unrelated", "implicit", "names", "word", "words")

    def __init__(
        self,
        word: bytes = _prefilter.WORD,
        words: tuple[bytes, ...] = _prefilter.WORDS,
        implicit: tuple[bytes, ...] = _prefilter.IMPLICIT,
        names: tuple[str, ...] = _prefilter.NAMES,
    ) -> None:
        self.word = re.compile(word)
        self.words = words
        self.names = names
        self.implicit = implicit  # names that mean SSE without the word; one pattern of them takes three times as long
        self._unrelated: re.Pattern[bytes] | None = None

    @property
    def unrelated(self) -> re.Pattern[bytes]:
        """Finds what makes a code file a hit that has the word but never mentions MCP."""
        if self._unrelated is None:
            self._unrelated = re.compile(_prefilter.UNRELATED)
        return self._unrelated


class Sifted:
    """What the sieve holds back.

    hits: (path, kind). mcp_python: Python files that import mcp or fastmcp. transport_python: others that
    don't but mention a transport, or MCP and something that runs, and may start a server made elsewhere. open_python:
    those of the first that hand on a transport which they don't write out. evidence: some file mentions MCP.
    skipped: (path, why). gone: listed, but not there. held: the bytes of the hits that this process read.
    imports: Python files with the project's own modules on their lines that import, where it was certain that
        somebody would ask (see importlines.py).
    about_mcp: files other than code that mention MCP, whether or not they are hits.
    """

    __slots__ = (
        "about_mcp",
        "evidence",
        "gone",
        "held",
        "hits",
        "imports",
        "mcp_python",
        "open_python",
        "skipped",
        "transport_python",
    )

    def __init__(self) -> None:
        self.hits: list[tuple[str, str]] = []
        self.mcp_python: list[str] = []
        self.transport_python: list[str] = []
        self.open_python: list[str] = []
        self.skipped: list[tuple[str, str]] = []
        self.gone: list[str] = []
        self.evidence = False
        self.held: dict[str, bytes] = {}
        self.imports: dict[str, set[bytes]] = {}
        self.about_mcp: list[str] = []

    def add(self, other: Sifted) -> None:
        """Take over what `other` holds."""
        self.hits += other.hits
        self.mcp_python += other.mcp_python
        self.transport_python += other.transport_python
        self.open_python += other.open_python
        self.skipped += other.skipped
        self.gone += other.gone
        self.evidence = self.evidence or other.evidence
        self.held.update(other.held)
        self.imports.update(other.imports)
        self.about_mcp += other.about_mcp


@functools.cache  # the same files are asked about at every step
def kind_of(path: str) -> str:
    """The kind of a file by its name ("python", "yaml", "lock" ...), "" for one that is never read.

    "?" for a name without a suffix: its first line decides.
    """
    name = path.rpartition("/")[2]
    kind = _prefilter.KIND_OF_NAME.get(name)
    if kind:
        return kind
    if name.startswith(_HEADS) or name.endswith(_TAILS):
        for head, tail, starred in _prefilter.KIND_OF_STARRED:
            if name.startswith(head) and name.endswith(tail):
                return starred
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return "?"
    if dot + suffix in _prefilter.TEMPLATES and stem:
        inner = kind_of(stem)
        return "other" if inner in ("", "?") else inner
    return _prefilter.KIND_OF_SUFFIX.get(dot + suffix.lower(), "")


_HEADS = tuple(head for head, _, _ in _prefilter.KIND_OF_STARRED if head)
_TAILS = tuple(tail for head, tail, _ in _prefilter.KIND_OF_STARRED if not head)


def sift(
    root: str, paths: list[str], needles: Needles, workers: int = 0, given: dict[str, bytes] | None = None
) -> Sifted:
    """Test the files `paths` below `root`. `workers` processes, 0 for as many as pay. Raises nothing.

    given: what some of the files hold, in place of what is on disk.
    """
    jobs = [(path, kind) for path in paths if (kind := kind_of(path)) and kind != "lock"]
    workers = workers or forked.worth(len(jobs))
    if workers == 1 or given:
        return _Share(root, needles, given).sift(jobs)
    from migrator import ahead

    # the sooner a server is met, the sooner can what plans need be imported
    jobs.sort(key=lambda job: "mcp" not in job[0] and "server" not in job[0])
    code = [path for path, kind in jobs if kind == "python"]
    found = Sifted()
    shares = forked.run(
        lambda n, tell: _piped(_Share(root, needles, tell=tell, code=code).sift(jobs[n::workers])), workers, ahead.load
    )
    for share in shares:
        found.add(_unpiped(share))
    return found


class _Share:
    """The files that one process looks at.

    given: what some of them hold. tell: called when it is certain that Python code will have to be read; from then on
    it is noted which of the modules `code` each Python file imports.
    """

    def __init__(
        self,
        root: str,
        needles: Needles,
        given: dict[str, bytes] | None = None,
        tell: Callable[[], object] | None = None,
        code: Sequence[str] = (),
    ) -> None:
        self.needles, self.given, self.tell, self.code = needles, given or {}, tell, code
        self.above, self.folder = _within(root)
        self.found = Sifted()
        self.names_in: Callable[[bytes], set[bytes]] | None = None
        self.earlier: list[str] = []  # Python that was looked at before anybody was told

    def sift(self, jobs: Sequence[tuple[str, str]]) -> Sifted:
        """What the sieve holds back of the files `jobs`, each with its kind."""
        try:
            for path, kind in jobs:
                data = self._read(path, kind)
                if data is None:
                    continue
                if kind == "python":
                    self._note_imports(path, data)
                self._look(path, kind, data)
            for path in self.earlier if self.names_in is not None else ():
                try:
                    self._note_imports(path, read(self.above + path, LIMIT_TO_TELL, self.folder))
                except OSError:
                    continue  # told when it was looked at
        finally:
            if self.folder is not None:
                os.close(self.folder)
        return self.found

    def _read(self, path: str, kind: str) -> bytes | None:
        """The file's bytes; None, and noted why, for one that there is nothing to read of."""
        if path in self.given:
            return self.given[path]
        try:
            return read(self.above + path, LIMIT_TO_TELL if kind == "python" else LIMIT, self.folder)
        except FileNotFoundError:
            self.found.gone.append(path)
        except IsADirectoryError:
            pass
        except OSError as error:
            self.found.skipped.append((path, f"{UNREAD}{error.strerror or error}"))
        return None

    def _note_imports(self, path: str, data: bytes) -> None:
        if self.names_in is not None:
            self.found.imports[path] = self.names_in(data)
        else:
            self.earlier.append(path)

    def _look(self, path: str, by_name: str, data: bytes) -> None:
        """Notes what the file `path`, of a kind by its name, is to the steps that follow."""
        found, needles = self.found, self.needles
        lowered = data.lower()
        if data.startswith(_UTF16):
            lowered = data.decode("utf-16", "replace").encode().lower()
        has_word = needles.word.search(lowered) is not None
        about_mcp = _MCP.search(lowered) is not None or (by_name == "javascript" and b"modelcontextprotocol" in lowered)
        found.evidence = found.evidence or about_mcp
        imports = by_name in ("python", "?") and about_mcp and _IMPORT.search(lowered) is not None
        if not imports and by_name == "python" and (b"transport" in lowered or (about_mcp and b".run" in data)):
            found.transport_python.append(path)
        if not has_word and not about_mcp and by_name in CODE:
            return  # nearly every file
        if about_mcp and by_name not in CODE:
            found.about_mcp.append(path)
        if has_word and not found.evidence:
            # a client's configuration may say nothing of MCP but in its name
            found.evidence = "mcp" in path.lower() or path.endswith(needles.names)
        kind = _kind_inside(data) if by_name == "?" else by_name
        if kind == "python" and imports:
            found.mcp_python.append(path)
            if b"run" in lowered and _OUTSIDE.search(lowered) is not None:
                found.open_python.append(path)
        if not _is_hit(path, kind, data, lowered, has_word, about_mcp, needles):
            return
        if len(data) > LIMIT:
            found.skipped.append((path, TOO_LONG))
            return
        found.hits.append((path, kind))
        found.held[path] = data
        if self.tell is not None and kind == "python" and about_mcp:
            self._tell()

    def _tell(self) -> None:
        from migrator.importlines import ImportLines

        assert self.tell is not None
        self.tell()
        self.tell = None
        self.names_in = ImportLines(self.code).names


def _is_hit(
    path: str, kind: str, data: bytes, lowered: bytes, has_word: bool, about_mcp: bool, needles: Needles
) -> bool:
    """True for a file that could matter to any step."""
    if kind in CODE and about_mcp:
        hit = has_word or (kind == "python" and any(name in data for name in needles.implicit))
    elif kind in CODE:
        hit = needles.unrelated.search(lowered) is not None
    else:
        hit = _text_matters(path, lowered, has_word, needles)
    if not hit and not (about_mcp and IGNORE in lowered):
        return False
    return not re.search(_OURS, data[:_BEGINNING])


def _within(root: str) -> tuple[str, int | None]:
    """How files below `root` are opened: by a path from here, or from the folder, which is found once for all then."""
    if os.open in os.supports_dir_fd:
        try:
            return "", os.open(root, os.O_RDONLY)
        except OSError:
            pass
    return root + os.sep, None


# a named pipe must not make us wait for a writer
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read(path: str, limit: int = LIMIT, folder: int | None = None) -> bytes:
    """The file's bytes, no more than `limit` + 1 of them. Raises OSError.

    folder: the open folder that `path` is relative to.

    Twice as fast as a file object, and large trees are read whole.
    """
    descriptor = os.open(path, _READING, dir_fd=folder)
    try:
        data = os.read(descriptor, CHUNK)
        if len(data) == CHUNK:
            pieces, size = [data], CHUNK
            while size <= limit and (piece := os.read(descriptor, min(limit + 1 - size, LIMIT))):
                pieces.append(piece)
                size += len(piece)
            data = b"".join(pieces)
        return data
    finally:
        os.close(descriptor)


def _text_matters(path: str, lowered: bytes, has_word: bool, needles: Needles) -> bool:
    """For every other kind: the word, outside the names of packages that merely contain it."""
    if has_word:
        for name in _prefilter.LOOK_ALIKES:
            lowered = lowered.replace(name, b"")
        if needles.word.search(lowered):
            return True
    return any(word in lowered for word in needles.words) or path.endswith(needles.names)


def _kind_inside(data: bytes) -> str:
    """The kind of a file without a suffix: what its first line says will run it."""
    if data.startswith(b"#!"):
        line = data[: data.find(b"\n")]
        if b"python" in line or b"uv run" in line:
            return "python"
        return "shell" if b"sh" in line else "other"
    return "other"


def _piped(found: Sifted) -> list[object]:
    return [getattr(found, name) for name in _PIPED]


def _unpiped(values: list[Any]) -> Sifted:
    found = Sifted()
    for name, value in zip(_PIPED, values, strict=True):
        setattr(found, name, value)
    return found


_PIPED = tuple(name for name in Sifted.__slots__ if name != "held")  # bytes are cheaper to read again
