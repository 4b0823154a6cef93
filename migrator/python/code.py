"""The project's Python modules: found by name or by what they mention, parsed once and on demand.

Nothing here knows about MCP.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING

from migrator import forked
from migrator.importlines import ImportLines, module_name
from migrator.python.module import Module
from migrator.tree import Tree, Unreadable

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

WORD = re.compile(rb"[A-Za-z0-9_]+")
LOOKUPS = 40  # searches through all files, until it is cheaper to know where every word is
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
NAME = re.compile(rb"""^name\s*=\s*["']([^"']+)""", re.M)  # of the project that a pyproject.toml describes


class Unparsable(ValueError):
    """A Python file that can't be read. `line` is 0 when the file as a whole is the matter."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class Code:
    """Finds and parses the project's modules on demand."""

    def __init__(self, tree: Tree, published: frozenset[str] = frozenset()) -> None:
        """`published`: names of SDKs and frameworks. The examples in their own trees use them as if installed."""
        self.tree = tree
        self._published = published
        self._homes: dict[str, str] = {}
        self.python = tuple(p for p in tree.files if p.endswith(".py"))
        self._known = frozenset(self.python)
        self._modules: dict[str, Module | None] = {}
        self._found: dict[tuple[str, str], str] = {}
        self.broken: dict[str, Unparsable] = {}
        self._mentions: dict[str, list[str]] = {}
        self._imported: dict[str, tuple[str, ...]] = {}
        self._importers: dict[str, frozenset[str]] = {}
        self._reached: dict[str, set[str]] = {}
        self._index: dict[bytes, list[str]] | None = None
        self._lookups = 0  # files searched so far
        self._counts: dict[str, int] = {}

    @cached_property
    def values(self) -> Values:
        """What expressions of the project can be; remembered for every room."""
        from migrator.python.flow.values import Values  # which imports this module

        return Values(self)

    def load(self, path: str) -> Module | None:
        """The parsed module, or None (then `broken` says why)."""
        if path not in self._modules:
            try:
                self._modules[path] = self.parse(path)
            except Unparsable as error:
                self.broken[path] = error
                self._modules[path] = None
        return self._modules[path]

    def loaded(self, paths: Iterable[str]) -> list[Module]:
        """The parsed modules of `paths`, in their order, without those that can't be parsed."""
        return [module for path in paths if (module := self.load(path)) is not None]

    def parse(self, path: str) -> Module:
        """Parse one file. Raises Unparsable."""
        try:
            data = self.tree.read(path)
        except Unreadable as error:
            raise Unparsable(str(error)) from None
        text = decode_source(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
            return Module(path, self.module_name(path), text, tree)
        except SyntaxError as error:
            raise Unparsable(f"{error.msg}", error.lineno or 0) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unparsable(f"can't be parsed: {error}") from None

    def module_name(self, path: str) -> str:
        """The dotted name under which the project imports a file: up to the outermost folder with __init__.py."""
        parts = path.removesuffix(".py").split("/")
        start = len(parts) - 1
        while start > 0 and self.tree.exists("/".join([*parts[:start], "__init__.py"])):
            start -= 1
        names = parts[start:]
        if names[-1] == "__init__":
            names = names[:-1]
        return ".".join(names)

    def mentioned(self, word: str, within: Set[str] | None = None) -> list[str]:
        """Paths of the Python files whose bytes hold `word` as a whole name: "sse" is not in "assert".

        within: the only files that are of interest.
        """
        if word in self._mentions:
            found = self._mentions[word]
            return found if within is None else [path for path in found if path in within]
        paths = self.python if within is None else [path for path in sorted(within) if path in self._known]
        found = self._searched(word, paths)
        if within is None:
            self._mentions[word] = found
        return found

    def _searched(self, word: str, paths: Sequence[str]) -> list[str]:
        needle = word.encode()
        plain = WORD.fullmatch(needle) is not None
        if plain and self._index is None:
            self._lookups += len(paths)
            if self._lookups > LOOKUPS * len(self.python):
                self._index = self._indexed()
        if plain and self._index is not None:
            found = self._index.get(needle, [])
            if len(paths) == len(self.python):
                return found
            inside = set(paths)
            return [path for path in found if path in inside]
        literal = re.escape(needle)
        whole = re.compile(literal + rb"(?![A-Za-z0-9_])(?<![A-Za-z0-9_]" + literal + rb")")
        # `in` first: twice as fast as a pattern, and most files don't hold most names
        return [path for path, data in self._texts(paths) if needle in data and whole.search(data)]

    def _indexed(self) -> dict[bytes, list[str]]:
        """All files by their words: pays where many names are asked for."""
        index: dict[bytes, list[str]] = {}
        for path, data in self._texts(self.python):
            for word in set(WORD.findall(data)):
                index.setdefault(word, []).append(path)
        return index

    def _texts(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            try:
                yield path, self.tree.read(path)
            except Unreadable:
                continue

    def calls_of(self, name: str, within: Set[str] | None = None) -> int:
        """How many times the project's text (or that of some files) calls something by this name."""
        needle = f"{name}(".encode()
        if within is not None:
            return sum(self.tree.read(p).count(needle) for p in self.mentioned(name, within))
        if name not in self._counts:
            self._counts[name] = sum(self.tree.read(p).count(needle) for p in self.mentioned(name))
        return self._counts[name]

    def find(self, dotted_name: str, importer: Module) -> Module | None:
        """The project's module for an absolute import in `importer`, nearest first."""
        path = self.find_path(dotted_name, importer.path)
        return self.load(path) if path else None

    def find_path(self, dotted_name: str, importer: str) -> str:
        """The path of the project's module of that dotted name as `importer` sees it, "" for none."""
        key = (dotted_name, importer)
        if key not in self._found:
            path = self._find_path(dotted_name, importer)
            home = self._home(path) if path and self._published and not is_test(importer) else ""
            self._found[key] = "" if home and not importer.startswith(home) else path
        return self._found[key]

    def _home(self, path: str) -> str:
        """The package folder of a published SDK or framework around a file; "" for everybody else's code."""
        folder = path.rpartition("/")[0]
        if folder not in self._homes:
            self._homes[folder] = self._home_of(folder)
        return self._homes[folder]

    def _home_of(self, folder: str) -> str:
        above = folder
        while not self.tree.exists(manifest := f"{above}/pyproject.toml".lstrip("/")):
            if not above:
                return ""
            above = above.rpartition("/")[0]
        try:
            name = NAME.search(self.tree.read(manifest))
        except Unreadable:
            return ""
        if name is None or re.sub(r"[-_.]+", "-", name[1].decode("ascii", "replace")).lower() not in self._published:
            return ""
        below = folder.removeprefix(above).strip("/").split("/")
        top = below[: 2 if below[0] in ("src", "lib") else 1]
        return "/".join(filter(None, [above, *top])) + "/" if any(top) else ""

    def _find_path(self, dotted_name: str, importer: str) -> str:
        if not dotted_name:
            folder = importer.rpartition("/")[0]
            path = f"{folder}/__init__.py".lstrip("/")
            return path if self.tree.exists(path) else ""
        tail = dotted_name.replace(".", "/")
        folder = importer.rpartition("/")[0]
        while True:
            for base in (folder, f"{folder}/src".lstrip("/")):
                prefix = f"{base}/" if base else ""
                for candidate in (f"{prefix}{tail}.py", f"{prefix}{tail}/__init__.py"):
                    if self.tree.exists(candidate) and candidate != importer:
                        return candidate
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        above = self._installed.get(tail.partition("/")[0], "")
        for candidate in (f"{above}/{tail}.py", f"{above}/{tail}/__init__.py") if above else ():
            if self.tree.exists(candidate) and candidate != importer:
                return candidate
        return ""

    @cached_property
    def _installed(self) -> dict[str, str]:
        """Packages that the repository's projects install for each other: name -> the folder above; "" for two of a name."""
        manifests = {f.rpartition("/")[0] for f in self.tree.files if f.endswith(("pyproject.toml", "setup.py"))}
        found: dict[str, str] = {}
        for path in self.python if len(manifests) > 1 else ():
            if path.endswith("/__init__.py"):
                above, _, name = path.removesuffix("/__init__.py").rpartition("/")
                if above and above.removesuffix("/src") in manifests:
                    found[name] = "" if name in found else above
        return found

    def mentioning(
        self, word: str, tests: bool = True, within: Set[str] | None = None, in_form: tuple[str, ...] = ()
    ) -> Iterator[Module]:
        """Modules whose bytes hold `word` as a whole name; without the user's tests when `tests` is False.

        within: the only paths that may be parsed for it. in_form: patterns in which WORD stands for it, one of which must
        be found in a file that is parsed: most large projects name a thing in many more files than use it. Each has to
        begin with what it says literally, or it takes ten times as long.
        """
        whole = rf"{re.escape(word)}(?<!\w{re.escape(word)})\b"
        forms = [re.compile(form.replace("WORD", whole).encode()) for form in in_form]
        for path in self.mentioned(word, within):
            if not tests and is_test(path):
                continue
            if forms and path not in self._modules and not any(form.search(self.tree.read(path)) for form in forms):
                continue
            module = self.load(path)
            if module is not None:
                yield module

    def imported(self, module: Module) -> tuple[str, ...]:
        """Paths of the project's modules that a module imports itself, in the order of its imports."""
        if module.path not in self._imported:
            names = [
                name
                for scope in module.scopes.values()
                for bindings in scope.bindings.values()
                for b in bindings
                if b.kind == "import"
                for name in (b.module, f"{b.module}.{b.name}" if b.module else b.name)
                if name
            ]
            found = (self.find_path(name, module.path) for name in dict.fromkeys(names))
            self._imported[module.path] = tuple(dict.fromkeys(filter(None, found)))
        return self._imported[module.path]

    def reachable(self, module: Module) -> set[str]:
        """Paths of the project's modules that a module imports, itself included."""
        if module.path not in self._reached:
            seen = {module.path}
            stack = [module]
            while stack and len(seen) < 400:
                for path in self.imported(stack.pop()):
                    if path not in seen:
                        seen.add(path)
                        found = self.load(path)
                        if found is not None:
                            stack.append(found)
            self._reached[module.path] = seen
        return self._reached[module.path]

    def importers(self, paths: Iterable[str]) -> set[str]:
        """Files that may import one of `paths`, directly or through others; parses nothing, so it may name too many."""
        seen: set[str] = set()
        for path in paths:
            if path not in seen:
                seen |= self._importers_of(path)
        return seen

    def _importers_of(self, path: str) -> frozenset[str]:
        if path not in self._importers:
            seen, todo = {path}, [path]
            while todo:
                new = self._by_import.get(module_name(todo.pop()), frozenset()) - seen
                seen |= new
                todo += new
            self._importers[path] = frozenset(seen)
        return self._importers[path]

    @cached_property
    def _by_import(self) -> dict[bytes, frozenset[str]]:
        """Files by the project's modules that their lines name which import."""
        unread = [path for path in self.python if path not in self.tree.imports]
        count = forked.worth(len(unread))
        shares = forked.run(lambda number, _: self._import_names(unread[number::count]), count)
        names = self.tree.imports | dict(pair for share in shares for pair in share)
        index: dict[bytes, list[str]] = {}
        for path in self.python:
            for name in names.get(path, ()):
                index.setdefault(name, []).append(path)
        return {name: frozenset(paths) for name, paths in index.items()}

    def _import_names(self, paths: Sequence[str]) -> list[tuple[str, set[bytes]]]:
        names = ImportLines(self.python).names
        return [(path, names(data)) for path, data in self._texts(paths)]

    def importing(self, name: str, source: Module) -> Iterator[Module]:
        """Other modules that may import `name` from `source`, by their bytes."""
        stem = b"" if source.is_package else source.path.rpartition("/")[2].removesuffix(".py").encode()
        needle = name.encode()
        for path in self.python:
            try:
                data = self.tree.read(path)
            except Unreadable:
                continue
            if path != source.path and needle in data and stem in data and b"import" in data:
                module = self.load(path)
                if module is not None:
                    yield module


def decode_source(data: bytes) -> str:
    """Python source as text: encoding cookie and BOM honoured, line endings kept. Raises Unparsable."""
    encoding = "utf-8"
    for line in data.splitlines()[:2]:
        match = COOKIE.match(line)
        if match:
            encoding = match[1].decode("ascii")
            break
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode(encoding)
    except UnicodeDecodeError as error:
        raise Unparsable(f"not {encoding} text", data[: error.start].count(b"\n") + 1) from None
    except LookupError:
        raise Unparsable(f"unknown encoding {encoding!r}", 1) from None
    if "\x00" in text:
        raise Unparsable("holds NUL characters", text.count("\n", 0, text.index("\x00")) + 1)
    return text


def is_test(path: str) -> bool:
    """True for the user's test files."""
    parts = path.lower().split("/")
    name = parts[-1]
    return any(p in ("tests", "test") for p in parts[:-1]) or name.startswith("test_") or name == "conftest.py"
