"""How the transport is chosen: small servers in, what becomes of their words out."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

OFFICIAL = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("words")\n\n'
FASTMCP = 'from fastmcp import FastMCP\n\nmcp = FastMCP("words")\n\n'


def plan_of(tmp_path: Path, files: dict[str, str]) -> Plan:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return make_plan(tmp_path, Settings())


def moved(tmp_path: Path, text: str, **more: str) -> str:
    """What becomes of server.py. `more`: other modules by their name."""
    plan = plan_of(tmp_path, {"server.py": text, **{f"{name}.py": code for name, code in more.items()}})
    assert [u.moved for u in plan.units] == [True], plan.findings
    (change,) = [c for c in plan.changes if c.path == "server.py"]
    after = change.after.decode()
    compile(after, "server.py", "exec")
    return after


def kept(tmp_path: Path, files: dict[str, str]) -> list[str]:
    """Why the one unit stays as it is."""
    plan = plan_of(tmp_path, files)
    assert [u.moved for u in plan.units] == [False]
    assert not plan.changes
    return [b.message for u in plan.units for b in u.blocks]


def test_a_named_test_is_a_test(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import os\n\n{OFFICIAL}remote = os.getenv("KIND") == "sse"\n'
        'if remote:\n    mcp.run(transport="sse")\nelse:\n    mcp.run()\n',
    )
    assert 'remote = _current_transport(os.getenv("KIND")) == "streamable-http"\n' in after
    assert '    mcp.run(transport="streamable-http")\nelse:\n    mcp.run()\n' in after


def test_the_start_behind_an_early_return_is_the_other_word(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import os\n\n{OFFICIAL}def main():\n    kind = os.environ["KIND"]\n'
        '    if kind == "sse":\n        mcp.run(transport="sse")\n        return\n    mcp.run()\n',
    )
    assert 'kind = _current_transport(os.environ["KIND"])\n    if kind == "streamable-http":\n' in after
    assert "        return\n    mcp.run()\n" in after


def test_a_start_that_the_old_word_never_reaches_is_left_alone(tmp_path: Path) -> None:
    text = (
        f'import os\n\n{OFFICIAL}def main():\n    kind = os.environ["KIND"]\n'
        '    if kind == "sse":\n        raise SystemExit("sse is gone")\n    mcp.run(transport=kind)\n'
    )
    assert not plan_of(tmp_path, {"server.py": text}).changes


def test_words_in_capitals_keep_them(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import os\n\n{OFFICIAL}kind = os.getenv("KIND", "STDIO").upper()\n'
        'if kind == "SSE":\n    mcp.run("sse")\nelse:\n    mcp.run()\n',
    )
    assert 'if kind == "STREAMABLE-HTTP":\n    mcp.run("streamable-http")\n' in after
    assert 'return "streamable-http" if name.islower() else "STREAMABLE-HTTP"\n' in after


@pytest.mark.parametrize("make", ["frozenset({%s})", "set([%s])", "tuple([%s])", "[%s]"])
def test_a_list_of_words_may_be_made_by_a_call(tmp_path: Path, make: str) -> None:
    words, now = make % '"stdio", "sse"', make % '"stdio", "streamable-http"'
    after = moved(
        tmp_path,
        f'import os\n\n{OFFICIAL}WORDS = {words}\nkind = os.getenv("KIND", "stdio")\n'
        "if kind not in WORDS:\n    raise SystemExit(kind)\nmcp.run(transport=kind)\n",
    )
    assert f"WORDS = {now}\n" in after
    assert 'kind = _current_transport(os.getenv("KIND", "stdio"))\n' in after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("stdio, sse or streamable-http", "stdio or streamable-http"),
        ("stdio, streamable-http or sse", "stdio, streamable-http"),
        ("sse, stdio or streamable-http", "stdio or streamable-http"),
        ("sse|streamable-http|stdio", "streamable-http|stdio"),
        ("`stdio`, `sse` or `streamable-http`", "`stdio` or `streamable-http`"),
        ("stdio or sse", "stdio or streamable-http"),
        ("how clients talk to it", "how clients talk to it"),
    ],
)
def test_a_help_text_that_names_the_new_word_loses_the_old_one(tmp_path: Path, before: str, after: str) -> None:
    text = moved(
        tmp_path,
        f"import argparse\n\n{OFFICIAL}parser = argparse.ArgumentParser()\n"
        f'parser.add_argument("--kind", choices=["stdio", "sse", "streamable-http"], help="{before}")\n'
        "mcp.run(transport=parser.parse_args().kind)\n",
    )
    assert f'choices=["stdio", "streamable-http"], help="{after}"' in text


def test_two_servers_share_a_constant(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        'from fastmcp import FastMCP\n\nKIND = "sse"\none = FastMCP("one")\ntwo = FastMCP("two")\n\n\n'
        "def first():\n    one.run(transport=KIND, port=1)\n\n\ndef second():\n    two.run(transport=KIND, port=2)\n",
    )
    assert 'KIND = "http"\n' in after
    assert after.count("stateless_http=True") == 2


def test_a_constant_that_names_something_else_too_stays(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import os\n\nSSE = "sse"\n\n{OFFICIAL}'
        "def watch(url, kind):\n    if kind == SSE:\n        raise ValueError(url)\n\n\n"
        'watch(os.environ["FEED"], os.environ["FEED_KIND"])\nmcp.run(transport=SSE)\n',
    )
    assert 'SSE = "sse"\n' in after
    assert 'mcp.run(transport="streamable-http")\n' in after


def test_one_server_of_two_sdks_is_by_hand(tmp_path: Path) -> None:
    both = (
        "try:\n    from fastmcp import FastMCP\nexcept ImportError:\n    from mcp.server.fastmcp import FastMCP\n\n"
        'mcp = FastMCP("either")\nmcp.run(transport="sse")\n'
    )
    (reason,) = kept(tmp_path, {"server.py": both})
    assert "whichever import succeeds" in reason


def test_a_first_argument_is_old_where_a_file_starts_it_so(tmp_path: Path) -> None:
    server = f"import sys\n\n{OFFICIAL}mcp.run(transport=sys.argv[1])\n"
    assert not plan_of(tmp_path / "quiet", {"server.py": server}).changes
    plan = plan_of(tmp_path / "told", {"server.py": server, "run.sh": "#!/bin/sh\npython server.py sse\n"})
    changes = {c.path: c.after.decode() for c in plan.changes}
    assert "transport=_current_transport(sys.argv[1])" in changes["server.py"]
    assert changes["run.sh"].endswith("python server.py streamable-http\n")


def test_a_method_of_an_enum_is_no_member(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        "import os\nfrom enum import Enum\n\n" + OFFICIAL + "class Kind(Enum):\n"
        '    SSE = "sse"\n    STDIO = "stdio"\n\n    @classmethod\n    def read(cls):\n'
        '        return cls(os.getenv("KIND", "stdio"))\n\n\nmcp.run(transport=Kind.read().value)\n',
    )
    assert '    STREAMABLE_HTTP = "streamable-http"\n' in after
    assert "mcp.run(transport=_current_transport(Kind.read().value))\n" in after


def test_settings_of_the_whole_sdk_give_the_address(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        {
            "server.py": "import fastmcp\nfrom fastmcp import FastMCP\n\n"
            'fastmcp.settings.port = 9400\nmcp = FastMCP("x")\nmcp.run(transport="sse")\n'
        },
    )
    assert [e.new_url for e in plan.endpoints] == ["http://127.0.0.1:9400/mcp"]
