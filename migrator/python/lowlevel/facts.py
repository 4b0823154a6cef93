"""Facts about a hand-wired server: who it is, which SDK it is written for, where it answers."""

from __future__ import annotations

import ast

from migrator.python.flow.value import Field, Obj, Param
from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.read import Run
from migrator.python.lowlevel.registrations import Registration
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.serverpaths import shown_host
from migrator.python.unit import Draft

BY_HAND = (
    "Write: session_manager = StreamableHTTPSessionManager(app={server}, stateless=True)  "
    "# from mcp.server.streamable_http_manager\n"
    "class StreamableHTTPEndpoint:\n"
    "    async def __call__(self, scope, receive, send):\n"
    "        await session_manager.handle_request(scope, receive, send)\n"
    'Serve it as Route("{path}", endpoint=StreamableHTTPEndpoint()), and enter "async with session_manager.run(): yield" '
    "in the application's lifespan. Then take the SSE transport and its routes out."
)
FIRST = ("list_tools", "call_tool", "list_resources", "list_prompts")  # decorators of the 1.x low-level server


def by_hand(draft: Draft, run: Run | None) -> str:
    """The code to write instead of the transport."""
    server = run.module.source(run.receiver) if run is not None else "server"
    return BY_HAND.format(server=server, path=draft.new_path)


class Facts:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sdks = project.sdks
        self.values = project.values

    def server(self, module: Module, receiver: ast.expr) -> tuple[set[object], Module]:
        """The keys of the server that an expression is, and the module that makes it."""
        keys: set[object] = set()
        where = module
        for value in self.values.of(module, receiver):
            if isinstance(value, Field) and value.name in self.sdks.inner:
                server = self.sdks.server(value.of)
                keys.add(("server", server.origin if server is not None else value.of))
                if server is not None:
                    where = server.module
            elif isinstance(value, Obj | Param):
                keys.add(("server", value))
                where = value.module
        if not keys:
            keys.add(("server", (module.path, module.source(receiver))))
        return keys, where

    def same_server(self, keys: set[object], run: Run, module: Module, argument: ast.expr) -> bool:
        """True when `argument` is the server that `run` runs; `keys` are those that it is known by."""
        other, _ = self.server(module, argument)
        if keys & other:
            return True
        receiver, home = run.receiver, run.module
        return module is home and module.source(argument) == home.source(receiver)

    def generation(self, module: Module, server: tuple[Module, ast.expr] | None) -> str:
        """Which SDK the server is written for: its own API decides, then the versions of its project."""
        if server is not None:
            for value in self.values.of(*server):
                if isinstance(value, Field) and value.name in self.sdks.inner:
                    found = self.sdks.server(value.of)
                    if found is not None:
                        return self.sdks.generation(found, module.path)
                if isinstance(value, Obj) and value.node is not None:
                    if any((k.arg or "").startswith("on_") for k in value.node.keywords):
                        return "official-2"
        code = self.project.code
        texts = [m.text for m in code.loaded(code.reachable(module))]
        if any(f".{name}()" in text for text in texts for name in FIRST):
            return "official-1"
        if any("mcp.server.fastmcp" in text for text in texts):
            return "official-1"
        if any("mcp.server.mcpserver" in text for text in texts):
            return "official-2"
        installed = self.project.context.versions.of(module.path)
        version = installed.version("mcp") or installed.lowest("mcp")
        return "official-2" if version is not None and version.major >= 2 else "official-1"

    def listening(self, draft: Draft, home: Home, place: Registration) -> None:
        """Host and port of the only uvicorn call near the application."""
        modules = [place.module]
        if home.outer is not None:
            modules.insert(0, home.outer.host_module or home.outer.module)
        for module in modules:
            calls = list(self.project.asgi.listening(module))
            if len(calls) != 1:
                continue
            given = {k.arg: k.value for k in calls[0].keywords if k.arg}
            host = self.project.text(module, given["host"]) if "host" in given else "127.0.0.1"
            port = self.project.text(module, given["port"]) if "port" in given else "8000"
            draft.port = port or ""
            draft.usual_port = self.project.usual(module, given.get("port"))
            draft.old_base = f"http://{shown_host(host)}:{port or '{port}'}"
            draft.serving.append((module, calls[0]))
            return
