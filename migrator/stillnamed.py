"""Places in Python that still name the old path, the old message path or the old word of a server which moves.

Every room has told what it knows; what is left is code that nobody here can read: who gets that text isn't known.

    @app.get("/info")
    def info(): return {"transport": "sse", "url": f"{settings.base}/sse"}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Set

from migrator import examples
from migrator.context import Context
from migrator.model import Endpoint, FileChange, Finding, Outcome, Place, Severity
from migrator.python.code import Code, is_test
from migrator.python.functions import last_name
from migrator.python.module import Module
from migrator.python.namedbytext import named_by_text
from migrator.python.shown import reaches
from migrator.tree import Unreadable
from migrator.unexplained import OLD, SHOWN, lines_told

_FOREIGN = re.compile(
    r"https?://(?!localhost|127\.|0\.0\.0\.0|\[::1?\]|host\.docker\.internal)[\w-]+\.[\w.-]+[^\s\"'`]*"
)
_OF_ENUM = rf"\b[A-Z]\w*\.(?:{OLD}|{OLD.upper()})\b"
_SETTING = r"\.settings\.sse_path\b"  # of a server: it keeps its value, and means nothing any more
_EXPECTS = re.compile(r"assert|raises$")  # unittest's and a mock's methods, pytest.raises
_SAID = re.compile(rf"(?<![\w/.-]){OLD}(?![\w/.-])")
_CLIENTS = rf"\bmcp add\b.*(?:--transport|-t)[ =]+{OLD}\b|[\"'](?:type|transport)[\"']:\s*[\"']{OLD}[\"']"  # what is handed to clients
_APPS = r"\.(?:sse_app|run_sse_async)\("  # a test that makes the old application itself
_MEMBER = re.compile(rf"\s*(?:{OLD}|{OLD.upper()})\s*=\s*[\"']{OLD}[\"']\s*(?:#.*)?$")  # it stays, for who says it


def still_named(context: Context, changes: Iterable[FileChange], findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding for each file with such lines. findings: what is told already."""
    moved = [e for e in context.endpoints if e.moved and (e.old_path != e.new_path or e.selectors)]
    if not moved or context.settings.legacy_sse == "keep":
        return
    after = {c.path: c.after.decode("utf-8", "replace") for c in changes}
    told = lines_told(findings)
    program = {e: _program(context, e) for e in moved}
    beside = {path for paths in program.values() for path in paths}
    for path in dict.fromkeys((*context.tree.hits.get("python", ()), *sorted(beside))):
        near = [e for e in moved if path in e.files or path in program[e]]
        if near and (context.settings.tests or not is_test(path)):
            lines = [n for n in _lines(context, path, near, after) if n not in told.get(path, ())]
            said = [n for n in lines if _is_comment(context, path, n)]
            serving = _making(context, path, lines) if is_test(path) else []
            if serving:
                yield _served(path, serving, near[0])
            if code := [n for n in lines if n not in said and n not in serving]:
                posts = _names_posts_alone(context, path, code, near[0])
                yield _finding(
                    path, code, near[0], "", _hands_word(context, path, code), posts, _started(context, near[0])
                )
            if said:
                yield _finding(path, said, near[0], "comments are yours to change")


def _program(context: Context, e: Endpoint) -> set[str]:
    """The files beside the server's own that know it, or that it knows; none that reach servers: they may mean another."""
    code, own = context.code, set(e.files)
    known = own.union(*map(code.imported, code.loaded(e.files)))
    above = code.importers(e.files)  # by the names of modules: it may name too many
    known |= named_by_text(code, own)
    near = (p for p in known | above if examples.is_of(e.place.path, p) and _names_it(context, p))
    found = (p for p in near if p in known or _knows(code, p, own, above))
    return {m.path for m in code.loaded(found) if not reaches(m)}


def _knows(code: Code, path: str, own: Set[str], above: Set[str]) -> bool:
    """True when a file imports one of `own`, directly or through others of `above`."""
    seen, todo = {path}, [path]
    while todo:
        module = code.load(todo.pop())
        new = set(code.imported(module)) - seen if module is not None else set()
        if not own.isdisjoint(new):
            return True
        seen |= new
        todo += new & above
    return False


def _names_it(context: Context, path: str) -> bool:
    """Cheap. A test that names an enum's member alone is no hit of the scan."""
    try:
        return OLD.encode() in context.tree.read(path).lower()
    except Unreadable:
        return False


def _lines(context: Context, path: str, near: list[Endpoint], after: Mapping[str, str]) -> list[int]:
    """The lines of the file that name one of them as it was, and are as they were."""
    module = context.code.load(path)
    if module is None:
        return []
    left = set(after[path].splitlines()) if path in after else None
    pattern = _pattern(near, is_test(path), left is not None)
    expects = is_test(path) and any(_worded(e) or _started(context, e) for e in near)
    asserted = _asserted(module) if expects else frozenset()
    table = context.rules.toml("sdks/words.toml")
    known = table["new"] if is_test(path) else (*table["other"], *table["new"])  # a test may hold all of them
    choice = re.compile(rf"[\"'](?:{'|'.join(map(re.escape, known))})[\"']")
    accepted = all(s.accepts_old for e in near for s in e.selectors)
    others = _other_routes(module, near, context.rules.toml("sdks/asgi.toml")["decorators"])
    return [
        number
        for number, line in enumerate(module.text.splitlines(), 1)
        if (left is None or line in left or _says_word_still(line, after[path]))
        and (match := pattern.search(text := _FOREIGN.sub("", line)) or (number in asserted and _SAID.search(text)))
        and number not in others
        and not _MEMBER.match(line)
        # one of the words that may be said: it goes on being taken
        and not (accepted and match.group().strip("\"'") == OLD and choice.search(line))
    ]


def _says_word_still(line: str, after: str) -> bool:
    """True for a line that changed behind the word: `register("sse", settings.sse_path)`."""
    match = re.search(rf"[\"']{OLD}[\"']", line)
    return match is not None and f"\n{line[: match.end()]}" in f"\n{after}"


def _other_routes(module: Module, near: list[Endpoint], methods: Iterable[str]) -> set[int]:
    """The lines that declare routes of other paths: `@app.get("/events/sse")` is a stream of the program's own."""
    olds = {p.rstrip("/") for e in near for p in (e.old_path, e.message_path)}
    return {
        path.lineno
        for function in module.nodes
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for call in function.decorator_list
        if isinstance(call, ast.Call) and last_name(call.func) in methods
        for path in call.args[:1]
        if isinstance(path, ast.Constant) and isinstance(path.value, str)
        # below a router's prefix the end of a path may be all of it
        if not any(old.endswith(path.value.rstrip("/")) for old in olds)
    }


def _pattern(near: list[Endpoint], test: bool, changed: bool) -> re.Pattern[str]:
    """Finds the last part of an old path, a message path by itself, and the old word by itself.

    test: only the word's member of an enum, and in one that starts the server with the new word now (`changed`) the old
    path by itself, which it may expect; of the rest of a test others tell.
    """
    worded = any(map(_worded, near))
    set_ = [_SETTING] if any(e.generation == "official-1" for e in near) else []
    known = [e.old_path.rstrip("/") if "{" not in e.old_path else "" for e in near if e.old_path != e.new_path]
    tails = {"/" + (path.rpartition("/")[2] or OLD) for path in known}
    if test:
        expected = [rf"\bb[\"'][^\"']*{re.escape(t)}(?![\w/.-])" for t in sorted(tails)]  # of a page's bytes
        expected += [rf"[\"']{re.escape(t)}/?[\"']" for t in sorted(tails)] if changed else []
        expected.append(_APPS)
        return re.compile("|".join([*expected, *set_, *([_OF_ENUM] if worded else [])]) or r"(?!)")
    posts = {e.message_path.rstrip("/") for e in near if e.message_path.strip("/") and "{" not in e.message_path}
    found = [*set_, _CLIENTS, *(rf"{re.escape(t)}/?(?![\w/.-])" for t in sorted(tails))]
    found += [rf"(?:[\"'}}]|%\w|:\d+){re.escape(p)}/?(?![\w/.-])" for p in sorted(posts)]
    # where the code of a start changed: what it is registered as, or asked for elsewhere
    if worded or (changed and not any(e.keeps_word for e in near)):
        found.append(rf"[\"']{OLD}[\"']|{_OF_ENUM}")
    return re.compile("|".join(found) or r"(?!)")


def _worded(e: Endpoint) -> bool:
    """True for a server whose transport's word changes."""
    return not e.keeps_word and any(s.old_word == OLD for s in e.selectors)


def _started(context: Context, e: Endpoint) -> str:
    """The word that the code starts it with now, also where nothing chooses it: a test may expect the old one."""
    return next((s.word for s in context.started if s.endpoint == e.name and s.word), "")


def _asserted(module: Module) -> frozenset[int]:
    """The lines of texts that a test compares or looks for: `assert TRANSPORTS == {"stdio", "sse"}`, `match="'stdio' or 'sse'"`.

    What a test with assertions is run with is among them: `@pytest.mark.parametrize("env, expected", [({}, "sse")])`.
    """
    expected: list[ast.AST] = [n.test for n in module.nodes if isinstance(n, ast.Assert)]
    for call in module.calls:
        if _EXPECTS.match(last_name(call.func)):
            expected += [*call.args, *(k.value for k in call.keywords)]
    compared = [n for outer in expected for n in ast.walk(outer) if isinstance(n, ast.Compare | ast.Call)]
    tests = {module.function_of(n) for n in compared if any(isinstance(i, ast.Name) for i in ast.walk(n))}
    runs = (d for f in tests if f is not None for d in getattr(f, "decorator_list", ()))
    expected += [d for d in runs if isinstance(d, ast.Call) and last_name(d.func) == "parametrize"]
    texts = (n for outer in expected for n in ast.walk(outer) if isinstance(n, ast.Constant))
    return frozenset(n.lineno for n in texts if isinstance(n.value, str) and _SAID.search(n.value))


def _is_comment(context: Context, path: str, number: int) -> bool:
    """True for a line that holds nothing else."""
    module = context.code.load(path)
    return module is not None and module.lines[number - 1].lstrip().startswith("#")


def _making(context: Context, path: str, lines: list[int]) -> list[int]:
    """The lines that make the application of the old transport, or serve it."""
    module = context.code.load(path)
    return [n for n in lines if module is not None and re.search(_APPS, module.lines[n - 1])]


def _served(path: str, lines: list[int], e: Endpoint) -> Finding:
    many = f"lines {', '.join(map(str, lines[:SHOWN]))} serve" if len(lines) > 1 else "this line serves"
    new = "http_app" if e.generation.startswith("fastmcp") else "streamable_http_app"
    message = f"{many} the old transport, which {e.name} is not served with any more"
    todo = f"where it is for {e.name}: its application is {new}() now, with its lifespan entered, and its path {e.new_path}"
    return Finding("MCP506", Severity.NOTE, Outcome.BY_HAND, Place(path, lines[0]), message, todo)


def _hands_word(context: Context, path: str, lines: list[int]) -> bool:
    """True where one of the lines tells clients the transport, or says the word to other code."""
    module = context.code.load(path)
    says = re.compile(rf"{_CLIENTS}|[\"']{OLD}[\"']|{_OF_ENUM}")
    return module is not None and any(says.search(module.lines[n - 1]) for n in lines)


def _names_posts_alone(context: Context, path: str, lines: list[int], e: Endpoint) -> bool:
    """True where the lines name the path for messages and nothing else of the server."""
    module, post = context.code.load(path), e.message_path.rstrip("/")
    said = [module.lines[n - 1] for n in lines] if module is not None and post else []
    return bool(said) and all(post in line and OLD not in line.replace(post, "").lower() for line in said)


def _finding(
    path: str,
    lines: list[int],
    e: Endpoint,
    why: str = "",
    handed: bool = False,
    posts: bool = False,
    started: str = "",
) -> Finding:
    more = " ..." if len(lines) > SHOWN else ""
    many = f"lines {', '.join(map(str, lines[:SHOWN]))}{more} go" if len(lines) > 1 else "this line goes"
    word = next((s.new_word for s in e.selectors if s.old_word == OLD), started if is_test(path) else "")
    why = why or ("a test may expect another now" if is_test(path) else "who reads that can't be told here")
    if posts:
        named, now = f"the path for messages, {e.message_path}", f"messages go to {e.new_path} itself from now on"
    else:
        named = f"the old path{' or word' if word or handed else ''}"
        now = f"{e.old_path} is {e.new_path}" if e.old_path not in ("", e.new_path) else "it speaks Streamable HTTP"
        now = f"{now} from now on" + (f", and its word is {word}" if word else "")
    message, todo = f"{many} on naming {named}: {why}", f"where it is for {e.name}: {now}"
    rule = "MCP506" if is_test(path) else "MCP204"
    return Finding(rule, Severity.NOTE, Outcome.BY_HAND, Place(path, lines[0]), message, todo)
