"""Hand-wired servers: the server that the session manager gets, its options and what it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.lowlevel_moves import PLAIN, handler, move


def test_explicit_options_move_to_the_server(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        handler(PLAIN.replace("server.create_initialization_options()", "Options(name='x', size=server.size)")),
    )
    assert (
        "server.create_initialization_options = lambda *_, **__: Options(name='x', size=server.size)\n"
        "session_manager = StreamableHTTPSessionManager(app=server, stateless=True)\n"
    ) in moved.text
    assert "set on the server" in moved.note("MCP607")


def test_arguments_of_the_servers_own_options(tmp_path: Path) -> None:
    moved = move(tmp_path, handler(PLAIN.replace("options()", "options(experimental_capabilities={'x': {}})")))
    wanted = "functools.partial(server.create_initialization_options, experimental_capabilities={'x': {}})"
    assert f"server.create_initialization_options = {wanted}\n" in moved.text
    assert "import functools" in moved.text


@pytest.mark.parametrize("arguments", ["NotificationOptions(), {}", "notification_options=None"])
def test_options_that_say_nothing_are_dropped(tmp_path: Path, arguments: str) -> None:
    moved = move(tmp_path, handler(PLAIN.replace("options()", f"options({arguments})")))
    assert "create_initialization_options" not in moved.text


def test_options_made_from_the_request_are_by_hand(tmp_path: Path) -> None:
    moved = move(
        tmp_path, handler(PLAIN.replace("options()", "options(experimental_capabilities=dict(request.headers))"))
    )
    assert moved.blocks == [
        "explicit initialization options can't be kept: they are made from request, which only the handler has"
    ]


def test_a_server_chosen_by_the_request(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", '(request):\n    low = tiers[request.query_params["tier"]]\n').replace(
        "server.", "low."
    )
    moved = move(tmp_path, handler("tiers = {}\n" + body))
    assert (
        """\
    low = tiers[request.query_params["tier"]]
    session_manager = StreamableHTTPSessionManager(app=low, stateless=True)
    async with session_manager.run():
        await session_manager.handle_request(request.scope, request.receive, request._send)
    return _AlreadySent()
"""
        in moved.text
    )
    assert "for each request" in moved.note("MCP605")
    assert "lifespan" not in moved.text


def test_explicit_options_of_a_server_made_for_each_connection(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", "(request):\n    low = make(size)\n").replace("server.", "low.")
    body = body.replace("low.create_initialization_options()", "Options(name='x', size=low.size)")
    moved = move(tmp_path, handler("def make(size):\n    return Server('x')\n\n\nsize = 3\n" + body))
    assert (
        """\
    low = make(size)
    # the session manager asks the server itself for its options
    low.create_initialization_options = lambda *_, **__: Options(name='x', size=low.size)
    session_manager = StreamableHTTPSessionManager(app=low, stateless=True)
    async with session_manager.run():
"""
        in moved.text
    )


def test_options_of_one_request_are_by_hand_for_a_server_that_requests_may_share(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", "(request):\n    low = tiers[request.user]\n").replace("server.", "low.")
    body = body.replace("low.create_initialization_options()", "Options(name=request.user)")
    moved = move(tmp_path, handler("tiers = {}\n" + body))
    assert moved.blocks == [
        "explicit initialization options can't be kept: they are made from request, which only the handler has"
    ]


@pytest.mark.parametrize(
    "maker",
    [
        "def make(user):\n    carts = []\n    low = Server('x')\n\n    @low.call_tool()\n    async def call(name, arguments):\n        carts.append(name)\n\n    return low",
        "def make(user):\n    low = Server('x')\n    count = 0\n\n    @low.call_tool()\n    async def call(name, arguments):\n        nonlocal count\n        count += 1\n\n    return low",
        "class make(Server):\n    def __init__(self, user):\n        super().__init__('x')\n        self.notes = {}",
    ],
    ids=["container", "counter", "instance"],
)
def test_a_connections_server_that_keeps_something_is_by_hand(tmp_path: Path, maker: str) -> None:
    body = PLAIN.replace("(request):\n", "(request):\n    low = make(request.user)\n").replace("server.", "low.")
    moved = move(tmp_path, handler(f"{maker}\n\n\n{body}"))
    (reason,) = moved.blocks
    assert "the server is made for each connection" in reason


def test_a_session_need_and_a_server_for_each_request_exclude_each_other(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", "(request):\n    low = make(request.user)\n").replace("server.", "low.")
    need = """
def make(user):
    low = Server(user)

    @low.call_tool()
    async def ask(name, arguments):
        await low.request_context.session.create_message([])

    return low


"""
    moved = move(tmp_path, handler(need + body))
    assert moved.blocks == ["this server needs sessions, and no place was found where its session manager could live"]


def test_a_server_that_needs_a_session_keeps_it(tmp_path: Path) -> None:
    need = """
@server.call_tool()
async def ask(name, arguments):
    await server.request_context.session.create_message([])


"""
    moved = move(tmp_path, handler(need + PLAIN))
    assert "session_manager = StreamableHTTPSessionManager(app=server)\n" in moved.text
    assert not moved.draft.stateless
