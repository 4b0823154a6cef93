"""Clients in tests that get their address from a fixture."""

from pathlib import Path

import pytest

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("w", port=8090)\nmcp.run(transport="sse")\n'
TEST = "from mcp.client.sse import sse_client\n\n\nasync def test_it({name}):\n    async with sse_client({name}) as (r, w):\n        pass\n"
FIXTURE = 'import pytest\n\n\n@pytest.fixture{call}\ndef {name}():\n    {gives} "{url}"\n'
URL = "http://localhost:8090/sse"


def plan_of(root: Path, **files: str) -> Plan:
    for name, text in {"server.py": SERVER, "requirements.txt": "mcp>=1.28.1,<2\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return make_plan(root, Settings())


def changed(plan: Plan) -> dict[str, str]:
    return {c.path: c.after.decode() for c in plan.changes}


@pytest.mark.parametrize(
    ("where", "fixture"),
    [
        ("tests/conftest.py", FIXTURE.format(call="", name="url", gives="return", url=URL)),
        ("tests/conftest.py", FIXTURE.format(call='(scope="session")', name="url", gives="yield", url=URL)),
        ("tests/conftest.py", FIXTURE.format(call='(name="url")', name="made", gives="return", url=URL)),
        ("conftest.py", FIXTURE.format(call="", name="url", gives="return", url=URL)),
    ],
)
def test_the_fixture_moves_with_the_client(tmp_path: Path, where: str, fixture: str) -> None:
    after = changed(plan_of(tmp_path, **{where: fixture, "tests/test_it.py": TEST.format(name="url")}))
    assert after[where] == fixture.replace("/sse", "/mcp")
    assert "streamable_http_client(url)" in after["tests/test_it.py"]


def test_the_nearest_fixture_of_the_name_counts(tmp_path: Path) -> None:
    far = FIXTURE.format(call="", name="url", gives="return", url="https://example.com/sse")
    near = FIXTURE.format(call="", name="url", gives="return", url=URL)
    files = {"conftest.py": far, "tests/conftest.py": near, "tests/test_it.py": TEST.format(name="url")}
    after = changed(plan_of(tmp_path, **files))
    assert "conftest.py" not in after and "/mcp" in after["tests/conftest.py"]


def test_a_fixture_of_a_server_that_stays_keeps_its_client(tmp_path: Path) -> None:
    fixture = FIXTURE.format(call="", name="url", gives="return", url="http://other:1/sse")
    compose = "services:\n  other:\n    image: some/thing\n"
    files = {"tests/conftest.py": fixture, "tests/test_it.py": TEST.format(name="url"), "compose.yaml": compose}
    assert changed(plan_of(tmp_path, **files)).keys() == {"server.py"}


def test_a_function_of_another_kind_gets_nothing_from_fixtures(tmp_path: Path) -> None:
    fixture = FIXTURE.format(call="", name="url", gives="return", url=URL)
    helper = TEST.format(name="url").replace("test_it", "connect")
    after = changed(plan_of(tmp_path, **{"tests/conftest.py": fixture, "tests/test_it.py": helper}))
    assert "tests/conftest.py" not in after
