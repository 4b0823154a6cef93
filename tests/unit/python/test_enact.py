"""Functions enacted for one request: what is computed, what is left open, what is too much."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from migrator.context import Context
from migrator.python.access.enact import Enactment
from migrator.python.access.known import Callee, Seen, TooMuch
from migrator.python.access.treatment import Asked, Treatment, World
from migrator.python.code import Code
from migrator.python.module import FunctionNode, Module
from migrator.python.project import Project
from migrator.python.servers import Servers
from migrator.rulebook import load
from migrator.scan import scan
from migrator.settings import Settings
from migrator.versions.resolved import Versions

SERVER = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\nmcp.run('sse')\n"


def enact(folder: Path, code: str, path: str = "/sse", method: str = "GET", force: bool = True) -> Seen:
    """What a request meets in the function `handle` of some code."""
    (folder / "server.py").write_text(SERVER + dedent(code))
    world = World(project(folder), {})
    run = Enactment(world.lookup, world.member, {"sse_path": "/events"}, path, method, force, {})
    return run.run(handler(world.project))


def project(folder: Path) -> Project:
    """What is known of the files in a folder."""
    settings = Settings()
    tree, rules = scan(folder, settings), load(settings)
    return Servers(Context(tree, settings, rules, Versions.read(tree, rules), Code(tree))).project


def handler(project: Project) -> Callee:
    """The function `handle` of server.py."""
    module = project.code.load("server.py")
    assert module is not None
    (function,) = (n for n in ast.walk(module.tree) if isinstance(n, FunctionNode) and n.name == "handle")
    return Callee(module, function, module.class_of(function))


TESTS = [
    'request.url.path == "/sse"',
    'request.url.path in {"/sse", "/x"}',
    'request.scope["path"].startswith(("/s", "/y"))',
    'request.scope.get("path", "") == "/sse"',
    'request.url.path.strip("/").split("/")[0] == "sse"',
    'str(request.url).endswith("/sse")',
    'f"{request.url.path}/" == "/sse/"',
    'urlparse(str(request.url)).path == "/sse"',
    "any(request.url.path.startswith(p) for p in ALL)",
    "not all(request.url.path != p for p in ALL)",
    're.match(r"^/s\\w+$", request.url.path)',
    "PATTERN.search(request.url.path)",
    'fnmatch.fnmatch(request.url.path, "/ss*")',
    'next((v for k, v in TABLE.items() if request.url.path.startswith(k)), None) == "user"',
    "TABLE.get(request.url.path)",
    "request.url.path in FIRST | SECOND",
    'request.url.path in [*FIRST, "/z"]',
    "helper(request.url.path)",
    "Paths.SSE == request.url.path",
    "request.url.path == Paths.SSE.value",
    "request.url.path in settings.guarded",
    'request.url.path[:4] == "/sse"',
    '(path := request.url.path) and path == "/sse"',
    'request.url.path == "/sse" if request.method == "GET" else False',
]
NAMES = """
import fnmatch
import re
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlparse

ALL = ("/sse", "/q")
PATTERN = re.compile("/(?:sse|q)")
TABLE = {"/sse": "user", "/admin": object()}
FIRST = frozenset({"/sse"})
SECOND = {"/q"}


class Paths(str, Enum):
    SSE = "/sse"


@dataclass
class Settings:
    guarded: list = field(default_factory=lambda: ["/sse"])


settings = Settings()


def helper(path, prefix="/ss"):
    for ending in ("x", "e"):
        if path.startswith(prefix) and path.endswith(ending):
            return True
    return False
"""


@pytest.mark.parametrize("test", TESTS)
def test_a_test_of_the_path_is_computed(test: str, tmp_path: Path) -> None:
    code = f"{NAMES}\n\nasync def handle(request):\n    if {test}:\n        return yes()\n    return no()\n"
    assert enact(tmp_path, code).events == {"return yes()"}
    other = enact(tmp_path, code, path="/other")
    assert (other.events, other.unclear) == ({"return no()"}, set())


def test_of_what_is_not_known_both_branches_are_met(tmp_path: Path) -> None:
    code = """
    async def handle(request):
        if request.headers.get("x") == "1":
            return yes()
        return no()
    """
    assert enact(tmp_path, code).events == {"return yes()", "return no()"}


@pytest.mark.parametrize("values", ["load()", "['/a'] + load()", "os.getenv('P', '/sse').split(',')"])
def test_a_path_in_something_unknown_is_forced_and_told(values: str, tmp_path: Path) -> None:
    code = f"import os\nPATHS = {values}\n\nasync def handle(request):\n    if request.url.path not in PATHS:\n        return out()\n    return inside()\n"
    seen = enact(tmp_path, code)
    assert seen.events == {"return inside()"} and seen.unclear
    assert enact(tmp_path, code, force=False).events == {"return out()"}


def test_a_list_that_is_added_to_is_unknown(tmp_path: Path) -> None:
    code = """
    PATHS = ["/a"]
    PATHS.append("/sse")

    async def handle(request):
        return inside() if request.url.path in PATHS else out()
    """
    assert enact(tmp_path, code).unclear


def test_methods_and_what_the_constructor_was_given(tmp_path: Path) -> None:
    code = """
    class Guard:
        def __init__(self, app, paths=()):
            self.app = app
            self.paths = paths

        async def handle(self, scope, receive, send):
            if self.covers(scope["path"]):
                await refuse(send)
                return
            await self.app(scope, receive, send)

        def covers(self, path):
            return path.startswith(tuple(self.paths))

    app.add_middleware(Guard, paths=["/sse"])
    """
    assert enact(tmp_path, code).events == {"await refuse(send)", "return"}
    assert enact(tmp_path, code, path="/x").events == {"await self.app(scope, receive, send)"}


def test_raising_helpers_loops_and_matches(tmp_path: Path) -> None:
    code = """
    def require(request):
        if "authorization" not in request.headers:
            raise Refused("no")

    async def handle(request, call_next):
        for prefix in ("/sse", "/q"):
            if not request.url.path.startswith(prefix):
                continue
            match request.method:
                case "GET" | "POST":
                    require(request)
                case _:
                    return other()
            break
        else:
            return nowhere()
        try:
            return await call_next(request)
        except ValueError:
            return wrong()
    """
    met = {"raise Refused('')", "require(request)", "return await call_next(request)", "return wrong()"}
    assert enact(tmp_path, code).events == met
    assert enact(tmp_path, code, method="PUT").events == {"return other()"}
    assert enact(tmp_path, code, path="/z").events == {"return nowhere()"}


def test_texts_are_blanked_and_remembered(tmp_path: Path) -> None:
    code = """
    WHERE = "/sse"

    async def handle(request):
        if request.url.path == WHERE:
            return answer("served at /sse")
    """
    seen = enact(tmp_path, code)
    assert seen.events == {"return answer('')"}
    assert "/sse" in {node.value for node in seen.texts}


def test_a_servers_own_settings_are_known(tmp_path: Path) -> None:
    code = """
    async def handle(request):
        return yes() if request.url.path == mcp.settings.sse_path else no()
    """
    assert enact(tmp_path, code, path="/events").events == {
        "return yes() if request.url.path == mcp.settings.sse_path else no()"
    }


def test_too_deep_is_too_much(tmp_path: Path) -> None:
    code = """
    def again(path):
        return again(path + "x")

    async def handle(request):
        return again(request.url.path)
    """
    with pytest.raises(TooMuch):
        enact(tmp_path, code)


def test_what_happens_when_a_module_is_imported_is_met_by_no_request(tmp_path: Path) -> None:
    code = """
    def load(name):
        if not name:
            raise ValueError(name)
        print(name)
        return ["/sse"]

    PATHS = load("a")

    async def handle(request):
        if request.url.path in PATHS:
            return inside()
        return out()
    """
    assert enact(tmp_path, code).events == {"return inside()"}


def test_names_that_come_with_a_star(tmp_path: Path) -> None:
    (tmp_path / "names.py").write_text('PATHS = frozenset({"/sse"})\n')
    code = """
    from names import *

    async def handle(request):
        return inside() if request.url.path in PATHS else out()
    """
    seen = enact(tmp_path, code)
    assert not seen.unclear


@pytest.mark.parametrize("file", ["paths.py", "names.py", "other.py"])
def test_what_asks_nothing_of_a_changed_file_is_enacted_once(tmp_path: Path, file: str) -> None:
    files = {
        "server.py": SERVER
        + "from paths import GUARDED\n\ndef handle(request):\n    if request.url.path in GUARDED:\n        deny()\n",
        "paths.py": "from names import STREAM\n\nGUARDED = [STREAM]\n",
        "names.py": "STREAM = '/sse'\n",
        "other.py": "STREAM = '/sse'\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    here = project(tmp_path)
    text = files[file].replace("'/sse'", "'/mcp'").replace("[STREAM]", "['/mcp']")
    changed = {file: Module(file, file.removesuffix(".py"), text, ast.parse(text))}
    unchanged = Treatment(World(here, {}), {})
    later = Treatment(World(here, changed), {}, unchanged)
    function = handler(here)
    for path in ("/sse", "/mcp"):
        asked = Asked(path, "GET")
        before, after = unchanged.of(function, asked, True), later.of(function, asked, True)
        assert before is not None and after is not None
        assert (before is after) == (file == "other.py")
        assert bool(before.events) == (path == "/sse")
        assert bool(after.events) == (path == ("/sse" if file == "other.py" else "/mcp"))
