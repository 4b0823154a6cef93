"""Requests by hand for an address that moves with a client are told: none of them is answered with 200 any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Outcome
from migrator.pipeline import make_plan
from migrator.settings import Settings
from tests.unit.clients.test_leftovers import SERVER

WHERE = 'import os\n\nURL = os.getenv("S_URL", "http://localhost:8123/sse")\n'
CLIENT = "from mcp.client.sse import sse_client\n\nfrom where import URL\n\n\nasync def main():\n    async with sse_client(URL) as (r, w):\n        pass\n"
WAITS = "import httpx\n\nfrom where import URL\n\n\ndef wait(url):\n    while httpx.get(url).status_code != 200:\n        pass\n\n\nwait(URL)\n"
STREAMS = (
    'import httpx\nimport where\n\nwith httpx.Client() as http, http.stream("GET", where.URL) as answer:\n    pass\n'
)
KNOWN = 'import httpx\n\nfrom where import URL\n\nNAMES = {URL: "s"}\nprint(NAMES.get(URL))\n'
POSTS = "import httpx\n\nfrom where import URL\n\nhttpx.post(URL, json={})\n"


def lines(root: Path, path: str, code: str) -> list[tuple[str, int]]:
    files = {"server.py": SERVER, "where.py": WHERE, "client.py": CLIENT, "requirements.txt": "mcp==1.28.1\n"}
    for name, text in {**files, path: code}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    plan = make_plan(root, Settings())
    assert {"where.py", "client.py"} <= {c.path for c in plan.changes}
    return [(f.rule, f.place.line) for f in plan.findings if f.place.path == path and f.outcome is Outcome.BY_HAND]


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("tests/conftest.py", WAITS, [("MCP506", 7)]),
        ("smoke.py", STREAMS, [("MCP204", 4)]),
        ("smoke.py", KNOWN, []),
        ("smoke.py", POSTS, []),
    ],
)
def test_who_waits_there_for_a_200_is_told(
    tmp_path: Path, path: str, code: str, expected: list[tuple[str, int]]
) -> None:
    assert lines(tmp_path, path, code) == expected
