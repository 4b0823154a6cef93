"""A server's addresses: where it listens now, where it will, and the constructor options that say so."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from migrator.model import Selector
from migrator.python.applications.hosts import Hosted
from migrator.python.flow.value import Cls, Const, Expr, is_dict
from migrator.python.module import Module
from migrator.python.paths import joined_path
from migrator.python.project import Project, constant
from migrator.python.rewrite.edits import EditCall, RemoveStmt, ReplaceExpr
from migrator.python.sdk import Server
from migrator.python.unit import Draft
from migrator.python.words.declared import Source
from migrator.python.words.fields import reads_files, variables_of
from migrator.python.words.optioncalls import option_names


def address(
    project: Project,
    draft: Draft,
    server: Server,
    keyword: Callable[[str], ast.expr | None],
    module: Module,
) -> None:
    """Fill the draft's old and new address from the call, the constructor and `server.settings`."""
    fast = draft.generation.startswith("fastmcp")
    table = (project.sdks.fastmcp if fast else project.sdks.official)["paths"]
    given = options(project, server, keyword, module)

    def find(*names: str) -> tuple[str | None, bool]:
        at = given(*names)
        return (project.text(*at), True) if at else (None, False)

    host, host_known = find("host")
    port, port_known = find("port")
    path, path_known = find("path", "sse_path")
    usual = project.usual(*(given("port") or (module, None)))
    set_to = {name: _set_to(project, server, name) for name in ("host", "port")}
    if len(set_to["host"]) > 1:
        host = None
    if len(set_to["port"]) > 1:
        port, literal = None, set_to["port"] - {""}
        usual = literal.pop() if len(literal) == 1 else ""
    # what isn't said is the SDK's default, unless it is said where the server is made, which isn't seen
    unsaid = server.ctor is None and draft.generation in ("official-1", "fastmcp-2")
    draft.port = (port if port_known else "" if unsaid else table["port"]) or ""
    draft.usual_port = usual
    host = host if host_known else "{host}" if unsaid else table["host"]
    draft.old_base = f"http://{shown_host(host)}:{draft.port or '{port}'}"
    draft.old_path = (path or _old_of(project, given("path", "sse_path"))) if path_known else table["sse"]
    kept, known = find("streamable_http_path")
    if path_known and path is None and not known:
        draft.path_code = _code_of(project, given("path", "sse_path"))
    message, _ = find("message_path")
    draft.message_path = message or table["message"]
    draft.new_path = project.moved(draft.old_path or table["sse"])
    if draft.path_code and not draft.old_path:
        at = given("path", "sse_path")
        draft.usual_old = usual_path(project, at, str(table["sse"]))
        draft.new_path = usual_path(project, at, project.new_path)
        left_out = at is not None and None in {c.value for c in project.words.trace(*at).consts}
        if draft.usual_old == draft.new_path and (left_out or draft.new_path == project.new_path):
            draft.usual_old = ""  # left out maybe: then it is the SDK's own, which is another for SSE
    if known and kept:
        draft.new_path = kept


def _set_to(project: Project, server: Server, name: str) -> set[str]:
    """What the assignments to a setting of a server set it to, one branch or another; "" for what can't be told."""
    return {project.text(m, a.value) or "" for m, a, target in project.settings_of(server) if target.attr == name}


def options(
    project: Project, server: Server, keyword: Callable[[str], ast.expr | None], module: Module
) -> Callable[..., tuple[Module, ast.expr] | None]:
    """Finds the first of some options: in the call, the constructor or `server.settings`, with its module."""
    settings = {t.attr: (m, a.value) for m, a, t in project.settings_of(server)}
    if server.family == "fastmcp":
        settings |= project.global_settings(module)

    def given(*names: str) -> tuple[Module, ast.expr] | None:
        for name in names:
            for node, where in ((keyword(name), module), (project.ctor_argument(server, name), server.module)):
                if node is not None:
                    return project.home(node, where), node
            if name in settings:
                return settings[name]
        return None

    return given


def staying_path(project: Project, server: Server, keyword: Callable[[str], ast.expr | None], module: Module) -> str:
    """Where what speaks Streamable HTTP already answers, in what it is mounted in; "{path}" when it can't be told."""
    fast = server.family == "fastmcp"
    at = options(project, server, keyword, module)("path", "streamable_http_path")
    default = str((project.sdks.fastmcp if fast else project.sdks.official)["paths"]["http"])
    if at is None:
        return default
    usual = {c.value for c in project.words.trace(*at).consts if isinstance(c.value, str)}
    return project.text(*at) or (usual.pop() if len(usual) == 1 else usual_path(project, at, default))


def taken_over(draft: Draft, paths: set[str]) -> None:
    """What goes makes way for what is there already, and that is where the server is from now on."""
    if paths:
        draft.new_path = paths.pop() if len(paths) == 1 else "{path}"


def _old_of(project: Project, at: tuple[Module, ast.expr] | None) -> str:
    """The path that a chosen path is for the old transport: the one that is called so, "" when none is."""
    old = {str(c.value) for c in path_constants(project, *at)} if at else set()
    return old.pop() if len(old) == 1 else ""


def usual_path(project: Project, at: tuple[Module, ast.expr] | None, default: str) -> str:
    """What a computed path is where nothing outside says another, `default` where the code says none;
    "{path}" when it can't be told."""
    if at is None:
        return "{path}"
    trace = project.words.trace(*at)
    values = {c.value for c in trace.consts}
    texts = {v for v in values if isinstance(v, str) and len(v) > 1 and v.startswith("/")}
    if len(texts) == 1:
        return texts.pop()
    left_out = None in values or any(source.kind in ("option", "command") for source in trace.sources)
    return default if left_out and not texts else "{path}"


def _code_of(project: Project, at: tuple[Module, ast.expr] | None) -> str:
    """The code of a computed path with the new last part: f"/{secret}/sse" becomes f"/{secret}/mcp"."""
    if at is None:
        return ""
    module, node = at
    sides = [re.sub(r"/sse(?=/?[\"'])", project.moved("/sse"), module.source(n)) for n in (node, *_either(node))]
    return sides[1] if len(set(sides[1:])) == 1 else sides[0]  # both the same now: nothing to choose


def _either(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else []


def constructor_paths(project: Project, draft: Draft, server: Server, new_name: str) -> None:
    """sse_path and its friends have no meaning any more; a prefix of theirs is kept as `new_name`."""
    if project.context.settings.legacy_sse == "keep":
        return
    table = project.sdks.official["paths"]
    wanted = draft.new_path
    custom = wanted != table["http"]
    if server.ctor is not None:
        names = {k.arg for k in server.ctor.keywords}
        keywords: list[tuple[str, str | None]] = []
        if draft.path_code and "sse_path" in names:
            custom = _hand_on(project, draft, server, new_name, keywords)
        if custom and new_name and new_name not in names and ("sse_path" in names or project.new_path != table["http"]):
            keywords.append((new_name, f'"{wanted}"'))
            custom = False
        keywords += [(n, None) for n in ("sse_path", "message_path", "mount_path") if n in names]
        if keywords:
            draft.do(EditCall(server.module.at(server.ctor), keywords=tuple(keywords)))
    for module, assign, target in project.settings_of(server):
        if len(assign.targets) != 1:
            continue
        if target.attr == "sse_path":
            if (custom or draft.path_code) and new_name:
                draft.do(ReplaceExpr(module.at(target), f"{module.source(target.value)}.{new_name}"))
                if draft.path_code:
                    move_path_constants(project, draft, module, assign.value)
                if draft.path_text(wanted) != module.source(assign.value):
                    draft.do(ReplaceExpr(module.at(assign.value), draft.path_text(wanted)))
                custom = False
            else:
                draft.do(RemoveStmt(module.at(assign)))
            draft.files.add(module.path)
        elif target.attr in ("message_path", "mount_path"):
            draft.do(RemoveStmt(module.at(assign)))
            draft.files.add(module.path)


def _hand_on(
    project: Project, draft: Draft, server: Server, new_name: str, keywords: list[tuple[str, str | None]]
) -> bool:
    """A computed path of the constructor's goes on; False: that is all there is to say about the path."""
    given = project.ctor_argument(server, "sse_path")
    assert given is not None
    if new_name:
        move_path_constants(project, draft, server.module, given)
        keywords.append((new_name, draft.path_code))
    else:
        draft.block(
            server.module.place(given),
            "the path is computed here, and the new one is said where the server is served",
            f"Serve it with path={draft.path_code}, and take sse_path out here.",
        )
    return False


def move_path_constants(project: Project, draft: Draft, module: Module, path: ast.expr, inside: bool = False) -> None:
    """The texts that a path is made of; those in the expression itself only with `inside`: it is edited as a whole.

    What gives the path from outside is told the new one, too.
    """
    own = set() if inside else set(ast.walk(path))
    for value in path_constants(project, module, path):
        if value.node not in own:
            draft.do(ReplaceExpr(value.module.at(value.node), f'"{project.moved(str(value.value))}"'))
            draft.files.add(value.module.path)
    tell_path(project, draft, module, path)


def move_path_entry(project: Project, draft: Draft, module: Module, path: ast.expr, new: str) -> None:
    """The path in a dict of options: `{"transport": "sse", "path": "/events"}`. new: the one in its place."""
    text = project.text(module, path)
    if text != new and (isinstance(path, ast.Constant) or is_odd_constant(project, module, path)):
        draft.do(ReplaceExpr(module.at(path), f'"{new}"'))
        draft.files.add(module.path)
    elif not isinstance(path, ast.Constant):
        move_path_constants(project, draft, module, path, inside=True)


def is_odd_constant(project: Project, module: Module, path: ast.expr) -> bool:
    """True for a name of one text that isn't the old transport's by its looks: `PATH = "/events"`, which may be others' too."""
    return project.text(module, path) is not None and not path_constants(project, module, path)


def path_constants(project: Project, module: Module, path: ast.expr) -> list[Const]:
    """The texts among what a path can be that are the old transport's, also where something outside can say another."""
    consts = project.words.trace(module, path).consts
    return [c for c in consts if isinstance(c.value, str) and c.value.rstrip("/").endswith("/sse")]


def tell_path(project: Project, draft: Draft, module: Module, path: ast.expr) -> None:
    """Variables and options that give the path: where they are set, the new one is written."""
    for value in path_constants(project, module, path):
        for source in project.words.trace(module, path).sources:
            for kind, names in _outside(project, source):
                old = str(value.value)
                place = source.module.place(source.node)
                draft.selectors.append(Selector(kind, names, old, project.moved(old), True, place))


def _outside(project: Project, source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    """How a value is given from outside, and under which names."""
    if source.kind == "env":
        yield "environment", (source.name,)
    elif source.kind == "slot":
        cls = Cls(source.module, source.node)
        if variables := variables_of(project.values, cls, source.name):
            yield "environment", variables
        if reads_files(project.values, cls):
            yield "setting", (source.name,)
    elif source.kind in ("field", "opaque"):
        if source.name:
            yield "setting", (source.name,)
    elif names := tuple(n for _, call in project.words.declarations(source) for n in option_names(call)):
        yield "option", names


def hosted_at(project: Project, draft: Draft, hosted: list[Hosted]) -> None:
    """Put the prefixes of the mounts in front of both paths; host and port are those of what serves the host."""
    draft.hosts |= {x.host for h in hosted for x in (h, h.inner) if x is not None and x.host is not None}
    for h in [*(h for h in hosted if h.kind != "served"), *hosted][:1]:
        if h.kind == "mounted" and h.prefix is not None and h.prefix.strip("/"):
            draft.old_path = joined_path(h.prefix, draft.old_path)
            draft.message_path = joined_path(h.prefix, draft.message_path)
            draft.new_path = joined_path(h.prefix, draft.new_path)
        elif h.prefix is None:
            below_usual(project, draft, h, draft.old_path or draft.usual_old)
            draft.old_path = ""
            draft.new_path = "{prefix}" + draft.new_path
        _listening(project, draft, h.host_module or h.module, h.node)


def below_usual(project: Project, draft: Draft, hosted: Hosted, path: str) -> None:
    """The addresses below a prefix that something outside may change, where nothing does."""
    module, node = hosted.unsaid, hosted.prefix_node
    if module is None or node is None or not project.words.trace(module, node).sources:
        return
    if any(isinstance(value, Expr) for value in project.values.of(module, node)):
        return  # put together: `prefix = f"{prefix}/{part}"`
    prefix = usual_path(project, (module, node), "")
    if prefix and "{" not in prefix:
        draft.usual_prefix = prefix
        draft.usual_old = joined_path(prefix, path) if path else ""


def _listening(project: Project, draft: Draft, module: Module, server: ast.AST) -> None:
    """Host and port of the uvicorn call `server`, else of the module's calls when all say the same."""
    runs = list(project.asgi.listening(module))
    calls = [c for c in runs if c is server] or runs
    if len(calls) == 1:
        draft.serving.append((module, calls[0]))
    places = {
        (_option(project, module, c, "host", "127.0.0.1"), _option(project, module, c, "port", "8000")) for c in calls
    }
    if len(places) != 1:
        draft.old_base, draft.port, draft.usual_port = "http://{host}:{port}", "", ""
        return
    host, port = places.pop()
    draft.port = port or ""
    written = {project.usual(module, k.value) for c in runs for k in c.keywords if k.arg == "port"}
    draft.usual_port = written.pop() if len(written) == 1 else ""
    draft.old_base = f"http://{shown_host(host)}:{port or '{port}'}"


def _option(project: Project, module: Module, call: ast.Call, name: str, default: str) -> str | None:
    """The text of a keyword, written out or in a dict that is splatted; None when it can't be told."""
    found = {k.arg: k.value for k in call.keywords}
    if name in found:
        return project.text(module, found[name])
    if None not in found:
        return default
    held = project.values.of(module, found[None])
    if not all(map(is_dict, held)):
        return None
    entries = frozenset(v for h in held for v in project.values.dicts.entries(h, {name}))  # type: ignore[arg-type]
    return constant(entries) if entries else default


def selected_by(draft: Draft, literal: bool) -> str:
    """How the moved server is chosen, in the user's own terms."""
    texts = []
    for selector in draft.ordered_selectors():
        if selector.old_word.startswith("/"):
            continue  # it gives the path
        if selector.kind == "option":
            texts.append(f"{max(selector.names, key=len)} {selector.new_word}")
        elif selector.kind == "environment":
            texts.append(f"{selector.names[0]}={selector.new_word}")
        elif selector.kind == "flag":
            texts.append(selector.new_word)
        elif selector.names == (selector.old_word,):
            texts.append(f"the command {selector.new_word}")
        elif selector.names:
            texts.append(f"{selector.names[0]}: {selector.new_word}")
    return ", ".join(dict.fromkeys(texts)) or draft.condition or ("always" if literal else "code")


def shown_host(host: str | None) -> str:
    """A bind host as a client would write it."""
    if host is None:
        return "{host}"
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
