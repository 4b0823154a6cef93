"""What the endpoint map says about a start that no word selects."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """
import sys
from fastmcp import FastMCP

mcp = FastMCP("a")


def remote():
    mcp.run(transport="sse")


def local():
    mcp.run()


"""


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ('if __name__ == "__main__":\n    remote()\n', "always"),
        ('if sys.stdin.isatty():\n    remote()\nelse:\n    local()\n', "code: if sys.stdin.isatty()"),
        ('if sys.stdin.isatty():\n    local()\nelse:\n    remote()\n', "code: unless sys.stdin.isatty()"),
        ('KINDS = {"far": remote, "near": local}\nKINDS[sys.argv[1]]()\n', "code: the table in server.py:16"),
        ('def main(kind: str):\n    if kind == "near":\n        mcp.run()\n        return\n    remote()\n', "code: unless kind == \"near\""),
        ('def main(key: str):\n    if not key:\n        raise SystemExit("no key")\n    remote()\n', "always"),
        ('match sys.argv[1]:\n    case "far":\n        remote()\n    case _:\n        local()\n', 'code: case "far"'),
        ('try:\n    import uvloop\nexcept ImportError:\n    remote()\nelse:\n    local()\n', "code: except ImportError"),
        ('if sys.stdin.isatty():\n    remote()\nremote()\n', "always"),
    ],
)  # fmt: skip
def test_a_condition_around_a_start_is_named(tmp_path: Path, rest: str, said: str) -> None:
    (tmp_path / "server.py").write_text(textwrap.dedent(SERVER) + rest)
    (endpoint,) = make_plan(tmp_path, Settings()).endpoints
    assert endpoint.moved
    assert endpoint.selected_by == said
