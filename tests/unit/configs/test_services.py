"""What the compose services that stand around a server say of an address: images, proxies, mounted code, extension."""

from __future__ import annotations

from pathlib import Path

import pytest
from configs_support import server

from migrator.configs.decisions import Action, Decision
from migrator.configs.services import Service, is_plain
from migrator.configs.urls import Urls
from migrator.model import Outcome, Place
from migrator.pipeline import make_plan
from migrator.settings import Settings

OWN = Service("search", "compose.yaml", "search", (("8001", "8001"),))
OTHER = Service("grafana", "compose.yaml", None, (("8002", "8001"),), "mcp/grafana")
FRONT = Service("gateway", "compose.yaml", None, (("8080", "80"),), "nginx:1.27")
SERVER = server(place=Place("search/main.py", 1), port="8001", old_url="http://127.0.0.1:8001/sse")


def decide(url: str, *services: Service) -> Decision:
    return Urls((SERVER,), (), lambda: services, "assume", fronts=("nginx",)).decide(url, "mcp.json")


@pytest.mark.parametrize("url", ["http://localhost:8002/sse", "http://grafana:8001/sse", "http://127.0.0.1:8002/sse"])
def test_an_image_beside_the_service_that_builds_the_server_is_another(url: str) -> None:
    decision = decide(url, OWN, OTHER)
    assert decision.action is Action.HAND and "is an image that is not built here" in decision.reason


def test_an_image_of_the_servers_port_may_be_the_server_where_nothing_builds_it() -> None:
    assert decide("http://localhost:8002/sse", OTHER).action is Action.MOVE


@pytest.mark.parametrize("host", ["gateway", "localhost:8080"])
@pytest.mark.parametrize("services", [(OWN, FRONT), (OWN, OTHER, FRONT)])
def test_a_proxy_hands_on_to_the_service_that_the_path_names(host: str, services: tuple[Service, ...]) -> None:
    decision = decide(f"http://{host}/search/sse", *services)
    assert decision.action is Action.MOVE and not decision.assumed
    assert decision.url == f"http://{host}/search/mcp"


@pytest.mark.parametrize(
    ("path", "services", "action"),
    [
        ("/sse", (OWN, FRONT), Action.MOVE),
        ("/sse", (OWN, OTHER, FRONT), Action.HAND),
        ("/api/events/sse", (OWN, FRONT), Action.HAND),
        ("/grafana/sse", (OWN, OTHER, FRONT), Action.HAND),
    ],
)
def test_where_the_path_names_no_service_only_one_may_stand_behind_the_proxy(
    path: str, services: tuple[Service, ...], action: Action
) -> None:
    decision = decide(f"http://gateway{path}", *services)
    assert decision.action is action
    assert decision.assumed == (action is Action.MOVE)


@pytest.mark.parametrize(
    ("image", "plain"),
    [
        ("python", True),
        ("python:3.12-slim", True),
        ("docker.io/library/python:3.12", True),
        ("registry:5000/python", True),
        ("python@sha256:00", True),
        ("acme/my-python", False),
        ("python/thing", False),
        ("", False),
    ],
)
def test_plain_images_are_known_by_their_last_name(image: str, plain: bool) -> None:
    assert is_plain(image, ["python"]) == plain


def test_a_service_that_extends_itself_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(
        'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("w", port=8090)\nmcp.run(transport="sse")\n'
    )
    (tmp_path / "compose.yaml").write_text(
        "services:\n  a:\n    extends: a\n    environment:\n      URL: http://a:8090/sse\n"
        "  b:\n    extends:\n      file: gone.yaml\n      service: x\n"
    )
    plan = make_plan(tmp_path, Settings())
    assert {f.outcome for f in plan.findings if f.place.path == "compose.yaml"} <= {Outcome.BY_HAND}


@pytest.mark.parametrize(
    ("other", "moves"),
    [
        ('from lib import Old\n\nOld(port=8002).serve("/sse")\n', False),
        ("from lib import Old\n\nPORT = 8002\nOld(PORT).run_sse_async()\n", False),
        ('def old():\n    port = 8002\n    return port, "sse"\n', True),
        ('from lib import Old\n\nOld(port=8003).serve("/sse")\n', True),
        ("from lib import Old\n\nOld(port=8002).serve()  # no sse\n", True),
    ],
)
def test_a_server_of_an_unknown_library_keeps_its_address(tmp_path: Path, other: str, moves: bool) -> None:
    own = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("w", port=8001)\nmcp.run(transport="sse")\n'
    config = '{"mcpServers": {"old": {"type": "sse", "url": "http://localhost:8002/sse"}}}\n'
    for name, text in {"own.py": own, "other.py": other, "mcp.json": config}.items():
        (tmp_path / name).write_text(text)
    assert ("mcp.json" in {c.path for c in make_plan(tmp_path, Settings()).changes}) == moves
