"""`--legacy-sse keep` for run(): it serves one transport, so uvicorn serves an application with both."""

from __future__ import annotations

import ast

from migrator.python.edits import EnsureImport, ReplaceExpr, ReplaceStmt
from migrator.python.legacy import both, both_by_hand
from migrator.python.module import Module, dotted
from migrator.python.project import Project
from migrator.python.starts import Start
from migrator.python.stdiocalls import may_be_stdio, over_http
from migrator.python.unit import Draft

ALLOWED = {"transport", "host", "port", "path", "log_level", "mount_path", "sse_path", "message_path"}
READS = ("os.getenv", "os.environ.get", "getenv")  # may be called twice


def keep_run(project: Project, draft: Draft, start: Start, literal: str | None) -> None:
    """Serve both transports where SSE was served alone, chosen at run time or not."""
    module, call = start.module, start.call
    receiver = module.source(start.receiver)
    host, port = _listening(project, draft, start, receiver)
    word = None if literal is not None else _word(start)
    fits = (
        call is not None and all(k.arg in ALLOWED for k in call.keywords) and (literal is not None or word is not None)
    )
    if call is None or not fits:
        why = "takes options that an application served beside it would not get"
        if literal is None and word is None:
            why = "gets its transport's word in a way that can't be asked here which one it is"
        draft.block(
            module.place(call or start.node),
            f"this start {why}",
            f"Serve both where it serves SSE:\n{both_by_hand(draft, receiver, host, port)}",
            step="keep",
        )
        return
    if draft.generation == "official-1":
        project.stateless_constructor(draft, start.server, module, start.receiver)
    helper = both(draft, module, draft.old_path, draft.new_path)
    options = f"{helper}({receiver}), host={host}, port={port}"
    plain = start.method == "run"
    code = f"uvicorn.run({options})" if plain else f"uvicorn.Server(uvicorn.Config({options})).serve()"
    if word is None:
        draft.do(ReplaceExpr(module.at(call), code))
    else:
        statement = module.statement_of(call)
        old, asked = module.source(statement), module.source(word)
        served = old.replace(module.source(call), code, 1)
        first = ""
        staying = module.source(call)
        if not _repeatable(word):
            name = module.free(call, "transport", "chosen_transport")
            first, asked = f"{name} = {asked}\n", name
            staying = _with(module, call, word, name)
        old = old.replace(module.source(call), _stateless(project, draft, start, staying, asked), 1)
        draft.do(ReplaceStmt(module.at(statement), f'{first}if {asked} == "sse":\n    {served}\nelse:\n    {old}'))
    draft.do(EnsureImport(module.path, "uvicorn"))
    if draft.generation.startswith("fastmcp") and "fastmcp.settings" in options:
        draft.do(EnsureImport(module.path, "fastmcp"))


def _stateless(project: Project, draft: Draft, start: Start, call: str, word: str) -> str:
    """The call, which serves what is not SSE, without sessions; `word` is the expression that says what."""
    others = project.starts.possible(start) - project.words.old
    if draft.generation == "official-1" or not draft.stateless or not others - {"stdio"}:
        return call
    told = may_be_stdio(project, start, None)
    more = "**" + over_http(f'{word} != "stdio"') if told else "stateless_http=True"
    return f"{call[:-1].rstrip().rstrip(',')}, {more})"


def _word(start: Start) -> ast.expr | None:
    """The expression that says the transport in the call itself, when the start is a statement."""
    module, call = start.module, start.call
    if call is None or len(start.words) != 1 or start.options:
        return None
    where, word, _ = start.words[0]
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "transport")]
    statement = module.statement_of(call)
    alone = isinstance(statement, ast.Expr | ast.Return) and "\n" not in module.source(statement)
    return word if where is module and word in given and alone else None


def _repeatable(node: ast.expr) -> bool:
    """True for names, attributes, and readings of variables: the same at once again."""
    if isinstance(node, ast.Call):
        return dotted(node.func) in READS
    if isinstance(node, ast.Subscript):
        return dotted(node.value) == "os.environ"
    return bool(dotted(node))


def _with(module: Module, call: ast.Call, word: ast.expr, name: str) -> str:
    """The call, which stands on one line, with a name in the word's place."""
    source = module.source(call).encode()
    start, end = word.col_offset - call.col_offset, (word.end_col_offset or 0) - call.col_offset
    return (source[:start] + name.encode() + source[end:]).decode()


def _listening(project: Project, draft: Draft, start: Start, receiver: str) -> tuple[str, str]:
    """Host and port as code: of the call, the constructor, or the SDK's own settings."""
    out = []
    for name in ("host", "port"):
        node = start.keyword(name)
        ctor = project.ctor_argument(start.server, name)
        if node is not None:
            out.append(start.module.source(node))
        elif draft.generation == "official-1":
            out.append(f"{receiver}.settings.{name}")
        elif ctor is not None and start.server.module is start.module:
            out.append(start.module.source(ctor))
        elif draft.generation.startswith("fastmcp"):
            out.append(f"fastmcp.settings.{name}")
        else:
            out.append('"127.0.0.1"' if name == "host" else "8000")
    return out[0], out[1]
