"""Servers that are started in ways that can't be followed, while the old word or application is named: told by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator

from migrator.model import Finding, Outcome, Place, Severity
from migrator.python.code import is_test
from migrator.python.flow.value import Obj, Opaque
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.sdk import Sdks, Server
from migrator.python.starting.oldword import OldWord
from migrator.python.starting.starts import Start
from migrator.python.unit import Draft
from migrator.python.words import retiring, selector
from migrator.python.words.declared import Source
from migrator.python.words.traces import Trace
from migrator.text import Undecodable
from migrator.tree import Unreadable

# uvicorn server:mcp.sse_app --factory, uvicorn.run("server:mcp.sse_app", factory=True), hypercorn "server:mcp.sse_app()"
FACTORY = re.compile(r"(?<![\w.:/-])([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)\.sse_app\b")
# python -c "import server; server.mcp.run('sse')", also in a here-document
SPOKEN = re.compile(r"[A-Za-z_][\w.]*\.(?:run(?:_async)?\((?:transport\s*=\s*)?\\*[\"']sse\\*[\"']|run_sse_async\()")
KINDS = ("dockerfile", "env", "json", "manifest", "other", "python", "shell", "toml", "yaml")
WORD = re.compile(rb"[\"']sse[\"']|^[ \t]+SSE\s*=", re.I | re.M)
USAGE = re.compile(r"^[ \t]*--?\w.*\bsse\b", re.I | re.M)  # a usage text that is read for its options: docopt
CLIENT = re.compile(rb"client|https?://|_url\b|\burl\b", re.I)  # a file about another server's transport
# the same of the file that starts the server, which shows its own address and may ask others for data
OPENS = re.compile(rb"mcp\.client|MCP_?Client|\bClient\b|ClientSession|sse_client|mcpServers|mcp_servers")
# --transport sse, ["-t", "sse"], --sse, TRANSPORT=sse, TRANSPORT: "sse", transport: sse
SHOWN = 4  # servers that a message has room for
GIVEN = re.compile(
    r"(?:(?<![\w-])--?\w[\w-]*[\"']?[=,\s]\s*|\b[A-Z][A-Z0-9_]{2,}[\"']?\s*[=:]\s*|\btransport[\"']?\s*[:=]\s*)"
    r"[\"']?(?i:sse)(?![\w/.-])|(?<![\w-])--(?:\w+-)?sse(?![\w/.=-])|<(?:\w+:)?transport>\s*(?i:sse)\s*<"
)
OF_OTHERS = re.compile(r"https?://|\bmcp add\b|\b(?:fast)?mcp run\b")  # a client's line, or one that a runner starts
RETIRED = (selector.HELPER.encode(), retiring.HELPER.encode())  # what gives the old word its new meaning, once moved
IMPORTER = "import_module"  # importlib's
OUTSIDE = ("dockerfile", "env", "json", "other", "shell", "toml", "yaml")


def commanded(project: Project) -> Iterator[Finding]:
    """The lines that name a server's `sse_app` as the application to be served, or hold code that starts one."""
    tree = project.code.tree
    for kind in KINDS:
        for path in tree.hits.get(kind, ()):
            try:
                data = tree.read(path)
                if is_test(path) or (b".sse_app" not in data and (kind == "python" or b".run" not in data)):
                    continue
                lines = tree.text(path).text.splitlines()
            except (Unreadable, Undecodable):
                continue
            for number, line in enumerate(lines, 1):
                if line.lstrip().startswith(("#", "//")):
                    continue
                for match in FACTORY.finditer(line):
                    yield _application(Place(path, number), match[0], match[1], match[2])
                for match in SPOKEN.finditer(line) if kind not in ("python", "other") else ():
                    yield Finding(
                        "MCP101",
                        Severity.WARNING,
                        Outcome.BY_HAND,
                        Place(path, number),
                        f"{match[0]} starts a server over the deprecated SSE transport",
                        'Start it with transport="streamable-http" ("http" for fastmcp), and make the server stateless '
                        "where it is constructed: FastMCP(..., stateless_http=True).",
                    )


def _application(place: Place, named: str, module: str, name: str) -> Finding:
    return Finding(
        "MCP103",
        Severity.WARNING,
        Outcome.BY_HAND,
        place,
        f"{named} makes an application that speaks the deprecated SSE transport",
        f"Write {module}:{name}.streamable_http_app here ({module}:{name}.http_app for fastmcp), and make "
        f"{name} stateless where it is constructed: FastMCP(..., stateless_http=True).",
    )


def unfollowed(project: Project, starts: Iterable[Start], drafts: Iterable[Draft]) -> Iterator[Finding]:
    """Starts that are handed on, or take a word that can't be followed, with the old word in the code around them.

    Where nobody says the word and it comes from outside, it may still be said there: a note.
    """
    moved, old_word = {path for d in drafts for path in d.files}, OldWord(project)
    for start in starts:
        if start.module.path in moved or not _open(project, start, old_word):
            continue
        said = next(_said(project, start.module, moved), None) or next(_given(project, start.module), None)
        source = start.module.source(start.call or start.node)
        if said is not None:
            yield _told(
                start,
                Severity.WARNING,
                f"{source} may be told to serve the deprecated SSE transport, which {said} names; "
                "how the word gets there can't be followed",
                "Where it is the transport, "
                + _instead(project, start.server, start.module, start.module.source(start.receiver)),
            )
        elif names := handed_in(project, (trace for _, _, trace in start.words)) or _spread(project, start):
            yield any_transport(start.module, start.call or start.node, names)


def _instead(project: Project, server: Server, module: Module, name: str) -> str:
    """The new word, and where the server's SDK is told that no session is kept."""
    generation = project.generation(server, module)
    word = "http" if generation.startswith("fastmcp") else "streamable-http"
    if generation == "official-1":
        return f'say "{word}", and make {name} stateless: FastMCP(..., stateless_http=True).'
    return f'say "{word}", and start {name} with stateless_http=True.'


def any_transport(module: Module, node: ast.AST, names: str, new: str = "streamable-http") -> Finding:
    """A start whose word comes from outside, where nobody says which words there are."""
    return Finding(
        "MCP102",
        Severity.NOTE,
        Outcome.BY_HAND,
        module.place(node),
        f'{module.source(node)} takes any transport that {names} says; nothing that is read here says "sse", which '
        "would start the deprecated one",
        f'Where {names} says "sse", outside this repository, say "{new}" ("http" for fastmcp). '
        "A list of the words that the server takes would keep the old one out.",
    )


def _told(start: Start, severity: Severity, message: str, todo: str) -> Finding:
    return Finding("MCP102", severity, Outcome.BY_HAND, start.module.place(start.call or start.node), message, todo)


def unheard(
    project: Project, starts: Iterable[Start], drafts: Iterable[Draft], told: Collection[Place] = ()
) -> Iterator[Finding]:
    """Servers that nothing seen here starts, with the old word in the code around them: `getattr(mcp, "run")("sse")`.

    told: starts of something unknown, which say the word themselves.
    """
    code, sdks = project.code, project.sdks
    said_here = any(WORD.search(code.tree.read(path)) for path in code.tree.hits.get("python", ()))
    if not said_here and not any(code.tree.hits.get(kind) for kind in (*OUTSIDE, "markdown")):
        return
    moved, started = {path for d in drafts for path in d.files}, {s.server.origin for s in starts}
    names = "|".join({re.escape(name.rpartition(".")[2]) for name in (*sdks.classes, *sdks.factories)})
    making = re.compile(rf"\b(?:{names})\(".encode())
    found: dict[tuple[Place, str], list[Place]] = {}
    for path in code.tree.mcp_python:
        makes = path not in moved and not is_test(path) and making.search(code.tree.read(path))
        if not makes or (module := code.load(path)) is None:
            continue
        held = [(s, c) for c in module.calls for s in sdks.servers(module, c) if _makes(c, s)]
        origins, made = {s.origin: c for s, c in held}, {s.origin: s for s, _ in held}
        said = next(_said(project, module, moved), None) if origins.keys() - started else None
        if said is None and origins.keys() - started and not moved:
            said = next(_given(project, module), None)
        if said is None or any(_holds(p, said) for p in told):
            continue
        around = code.loaded((path, *code.importers([path])))
        started |= {s.server.origin for s in project.starts.all(around)}
        started |= {s.origin for m in around for s in _taken_in(sdks, m)}
        if not said.path.endswith(".py"):  # what is said outside may be any option's
            started |= {s.origin for m in around for s in _served(sdks, m)}
        for origin in origins.keys() - started:
            todo = "If it is, " + _instead(project, made[origin], module, "the server")
            found.setdefault((said, todo), []).append(module.place(origins[origin]))
    for (said, todo), makers in found.items():
        makers.sort(key=lambda p: (p.path, p.line))
        more = f" and {len(makers) - SHOWN} more" if len(makers) > SHOWN else ""
        shown = ", ".join(map(str, makers[:SHOWN])) + more
        which = f"servers of which no start is seen, at {shown}"
        which = f"the server at {shown}, of which no start is seen" if len(makers) == 1 else which
        message = f"this may be the transport of {which}"
        yield Finding("MCP102", Severity.WARNING, Outcome.BY_HAND, said, message, todo)


def _served(sdks: Sdks, module: Module) -> Iterator[Server]:
    """The servers that the module makes applications of: how those are served is asked elsewhere."""
    for call in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in sdks.every_app_method:
            yield from sdks.servers(module, call.func.value)


def _taken_in(sdks: Sdks, module: Module) -> Iterator[Server]:
    """The servers whose tools another one serves: `hub.mount(notes, prefix="notes")`, `hub.import_server("notes", notes)`."""
    for call in (c for name in ("mount", "import_server") for c in module.calls_by_name.get(name, ())):
        for given in (*call.args, *(k.value for k in call.keywords)):
            yield from sdks.servers(module, given)


def _holds(outer: Place, inner: Place) -> bool:
    return outer.path == inner.path and outer.line <= inner.line <= (outer.end_line or outer.line)


def _makes(call: ast.Call, server: Server) -> bool:
    """True for the call that makes a server, of its class or of something else: `FastMCP.from_openapi(...)`."""
    return server.ctor is call or (isinstance(server.origin, Obj) and server.origin.node is call)


def _open(project: Project, start: Start, old_word: OldWord) -> bool:
    """True for `run = mcp.run`, `mcp.run(**options)` and `mcp.run(word)` whose options and word aren't known."""
    if start.method in project.sdks.run_sse_methods | project.sdks.run_http_methods:
        return False
    if start.options and not start.words:
        return False
    if not start.words:
        call = None if start.unfinished else start.arguments
        return call is None or start.has_splat or any(isinstance(a, ast.Starred) for a in call.args)
    blank = any(not (t.sources or t.consts or t.members or t.enums) for _, _, t in start.words)  # absl's FLAGS.kind
    return (blank or "?" in project.starts.possible(start)) and old_word.passes(start.words)


def handed_in(project: Project, traces: Iterable[Trace]) -> str:
    """The variables, options and arguments from which the word comes, for people; "" where it comes from code."""
    names = set()
    for source in (s for trace in traces for s in trace.sources):
        if source.kind == "param":
            caller = _caller_by_name(project, source)
            if not caller:
                return ""
            names.add(caller)
        elif not source.name and _of_command_line(project, source.module, source.node):
            names.add("sys.argv")
        elif source.name:
            names.add(f"the option {source.name}" if source.kind in ("option", "command") else source.name)
    return " or ".join(sorted(names))


def _spread(project: Project, start: Start) -> str:
    """What a start is given of the command line, `mcp.run(*sys.argv[1:])`; "" for nothing."""
    given = [a for a in start.arguments.args if isinstance(a, ast.Starred)] if start.arguments is not None else []
    return "sys.argv" if any(_of_command_line(project, start.module, a) for a in given) else ""


def _of_command_line(project: Project, module: Module, node: ast.AST) -> bool:
    parts = (n for n in ast.walk(node) if isinstance(n, ast.Attribute | ast.Name))
    return any("sys.argv" in project.values.names(module, n) for n in parts)


def _caller_by_name(project: Project, source: Source) -> str:
    """Where a parameter's function is called on a module that is imported by a name which isn't written there."""
    function = source.module.parents.get(source.module.parents.get(source.node))  # type: ignore[arg-type]
    name = getattr(function, "name", "")
    if function not in source.module.tree.body or not name:
        return ""
    for module in project.code.mentioning(name, tests=False, in_form=(r"\.WORD\s*\(",)):
        for call in module.calls_by_name.get(name, ()) if IMPORTER in module.text else ():
            if isinstance(call.func, ast.Attribute) and (call.args or call.keywords):
                found = [v for v in project.values.of(module, call.func.value) if isinstance(v, Obj | Opaque)]
                if any(v.node is not None and IMPORTER in v.module.source(v.node) for v in found):
                    return str(module.place(call))
    return ""


def _given(project: Project, starts: Module) -> Iterator[Place]:
    """Where a command, a variable or a configuration of a module's project says the old word to something unknown.

    Of documents only those of the folders that the module is in: others have their own subjects.
    """
    tree, folder_of = project.code.tree, project.words.folder
    alone = project.evidence.files(starts)
    near = [p for p in tree.hits.get("markdown", ()) if starts.path.startswith(p[: p.rfind("/") + 1])]
    for path in sorted({*near, *(p for kind in OUTSIDE for p in tree.hits.get(kind, ()))}):
        try:
            if is_test(path) or b"sse" not in tree.read(path).lower() or folder_of(path) != folder_of(starts.path):
                continue
            lines = tree.text(path).text.splitlines()
        except (Unreadable, Undecodable):
            continue
        if path in alone:
            yield Place(path, 1)
        for number, line in enumerate(lines, 1):
            around = lines[max(number - 3, 0) : number + 2]  # a client's entry has its address on a line near by
            if GIVEN.search(line) and not any(map(OF_OTHERS.search, around)) and not SPOKEN.search(line):  # told itself
                yield Place(path, number)


def _said(project: Project, starts: Module, moved: set[str]) -> Iterator[Place]:
    """Where the old word stands in the module of a start, or in one that imports it or that it imports."""
    code = project.code
    near = {starts.path, *code.imported(starts), *code.importers([starts.path])} - moved
    for path in sorted(near & set(code.tree.hits.get("python", ())), key=lambda p: (p != starts.path, p)):
        data = code.tree.read(path)
        other = OPENS if path == starts.path else CLIENT
        written = WORD.search(data) or b"docopt" in data
        about = written and not other.search(data) and not any(name in data for name in RETIRED)
        module = code.load(path) if about and not is_test(path) else None
        if module is None:
            continue
        for node in module.nodes:
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):  # a member of an enum
                text = node.id if module.class_of(module.statement_of(node)) is not None else None
            if not isinstance(text, str):
                continue
            is_word = text.strip().lower() in project.words.old and not _with_address(module, node)
            if is_word or ("docopt" in module.text and USAGE.search(text)):
                yield module.place(node)


def _with_address(module: Module, node: ast.AST) -> bool:
    """True for a word beside an address, `{"url": "http://...", "transport": "sse"}`: another server's."""
    for outer in module.ancestors(node):
        if isinstance(outer, ast.stmt):
            return False
        keys = outer.keys if isinstance(outer, ast.Dict) else []
        names = [str(k.value) for k in keys if isinstance(k, ast.Constant)]
        names += [k.arg or "" for k in outer.keywords] if isinstance(outer, ast.Call) else []
        if any("url" in name.lower() for name in names):
            return True
    return False
