"""Starts that can't be followed, and applications that commands name: told by hand, and nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Finding, Outcome
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("words")\n\n'


def told(tmp_path: Path, files: dict[str, str]) -> list[Finding]:
    """What is told by hand of files that nothing is changed in."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    plan = make_plan(tmp_path, Settings())
    assert not plan.changes
    return [f for f in plan.left if f.outcome is Outcome.BY_HAND]


@pytest.mark.parametrize(
    "starts",
    [
        'import operator\n\noperator.methodcaller("run", "sse")(mcp)\n',
        'def serve(kind):\n    def wrap(made):\n        made().run(transport=kind)\n\n    return wrap\n\n\n@serve("sse")\ndef main():\n    return mcp\n',
    ],
)
def test_a_server_of_which_no_start_is_seen(tmp_path: Path, starts: str) -> None:
    (finding,) = told(tmp_path, {"server.py": SERVER + starts})
    assert finding.message == "this may be the transport of the server at server.py:3, of which no start is seen"


def test_several_servers_at_one_word_are_told_once(tmp_path: Path) -> None:
    files = {f"{name}.py": SERVER + "from starts import serve\n\nserve(mcp)\n" for name in ("one", "two")}
    (finding,) = told(tmp_path, {**files, "starts.py": 'def serve(made):\n    getattr(made, "run")("sse")\n'})
    assert finding.message == "this may be the transport of servers of which no start is seen, at one.py:3, two.py:3"


def test_a_server_that_is_looked_up_by_name(tmp_path: Path) -> None:
    start = 'import importlib, sys\n\nimportlib.import_module(sys.argv[1]).mcp.run("sse")\n'
    (finding,) = told(tmp_path, {"server.py": SERVER, "main.py": "import server\n" + start})
    assert str(finding.place).startswith("main.py:4")


def test_words_beside_servers_that_are_started_are_no_starts(tmp_path: Path) -> None:
    assert not told(tmp_path, {"server.py": SERVER + 'encryption = "sse"\nmcp.run()\n'})
    assert not told(tmp_path, {"server.py": SERVER + 'clients = [{"url": "http://h/sse", "type": "sse"}]\n'})


def test_an_application_of_streamable_http_is_a_start(tmp_path: Path) -> None:
    files = {".mcp.json": '{"mcpServers": {"w": {"command": "python", "args": ["server.py", "--no-sse"]}}}\n'}
    assert told(tmp_path, {"server.py": SERVER, **files})
    assert not told(tmp_path, {"server.py": SERVER + "app = mcp.streamable_http_app()\n", **files})


def test_what_another_server_takes_in_is_started_with_it(tmp_path: Path) -> None:
    server = 'from fastmcp import FastMCP\n\nhub, notes = FastMCP("hub"), FastMCP("notes")\n'
    image = {"Dockerfile": "FROM python:3.12\nENV OTHER_TRANSPORT=sse\n", "requirements.txt": "fastmcp<3\n"}
    assert told(tmp_path, {"server.py": server, "main.py": "from server import hub\n\nhub.run()\n", **image})
    assert not told(tmp_path, {"server.py": f'{server}hub.mount(notes, prefix="notes")\n'})
    # a word that stays in the code: of an enum that goes on taking the old one, of an option that keeps its name
    kinds = {"kinds.py": 'import server\n\nKINDS = ("stdio", "sse")\n'}
    assert told(tmp_path, {"server.py": server, **kinds})
    assert not told(tmp_path, {"server.py": f'{server}hub.mount(notes, prefix="notes")\n', **kinds})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("start.sh", "exec uvicorn server:mcp.sse_app --factory --port 8000\n"),
        ("Dockerfile", 'FROM python:3.12\nCMD ["hypercorn", "server:mcp.sse_app()"]\n'),
        ("serve.py", 'import uvicorn\n\nuvicorn.run("server:mcp.sse_app", factory=True)\n'),
    ],
)
def test_an_application_that_a_command_names(tmp_path: Path, name: str, text: str) -> None:
    (finding,) = told(tmp_path, {"server.py": SERVER, name: text})
    assert (finding.rule, finding.place.path) == ("MCP103", name)
    assert "server:mcp.streamable_http_app" in finding.instruction


def test_a_comment_names_nothing(tmp_path: Path) -> None:
    assert not told(tmp_path, {"server.py": SERVER, "start.sh": "# uvicorn server:mcp.sse_app --factory\n"})


@pytest.mark.parametrize(
    "starts",
    [
        'start = mcp.run\nstarts = [start]\nstarts[0](transport="sse")\n',
        'def go(start=mcp.run):\n    start("sse")\n\n\ngo()\n',
        'class App:\n    run = staticmethod(mcp.run)\n\n\nApp.run(transport="sse")\n',
        'from settings import options\n\nKIND = "sse"\nmcp.run(**options(KIND))\n',
    ],
)
def test_a_start_that_is_handed_on(tmp_path: Path, starts: str) -> None:
    (finding,) = told(tmp_path, {"server.py": SERVER + starts})
    assert finding.rule == "MCP102"
    assert "mcp.run" in finding.message


@pytest.mark.parametrize(
    "starts",
    [
        "start = mcp.run\nstart()\n",
        'start = mcp.run\nstart()\n\nclient = connect("sse", url="http://127.0.0.1:9000/sse")\n',
    ],
)
def test_a_start_that_nobody_tells_the_old_word(tmp_path: Path, starts: str) -> None:
    assert not [f for f in told(tmp_path, {"server.py": SERVER + starts}) if f.rule == "MCP102"]


@pytest.mark.parametrize(
    "starts",
    [
        'import sys\n\nkind = next(iter(sys.argv[1:]), "sse")\nmcp.run(kind)\n',
        'from absl import flags\n\nflags.DEFINE_enum("kind", "sse", ["stdio", "sse"], "how")\nmcp.run(flags.FLAGS.kind)\n',
        'import os\n\nmcp.run(*(["sse"] if os.getenv("REMOTE") else []))\n',
        'import tyro\n\n\nclass Options:\n    kind: str = "sse"\n\n\nmcp.run(tyro.cli(Options).kind)\n',
    ],
)
def test_a_word_that_a_library_hands_on(tmp_path: Path, starts: str) -> None:
    (finding,) = told(tmp_path, {"server.py": SERVER + starts})
    assert finding.rule == "MCP102"


def test_an_address_that_the_server_shows_is_no_clients(tmp_path: Path) -> None:
    starts = (
        'from absl import flags\n\nflags.DEFINE_enum("kind", "sse", ["stdio", "sse"], "how")\n'
        'print("http://localhost:8000/sse")\nmcp.run(flags.FLAGS.kind)\n'
    )
    (finding,) = told(tmp_path, {"server.py": SERVER + starts})
    assert finding.rule == "MCP102"


def test_a_word_that_is_renamed_before_the_start(tmp_path: Path) -> None:
    text = (
        "import sys\n\n\ndef current(name):\n    if name == 'sse':\n        return 'streamable-http'\n    return name\n\n\n"
        f"{SERVER}mcp.run(current(next(iter(sys.argv[1:]), 'stdio')))\n"
    )
    assert not told(tmp_path, {"server.py": text})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("start.sh", "python -c \"from server import mcp; mcp.run(transport='sse')\"\n"),
        ("Dockerfile", 'FROM python:3.12\nCMD ["python", "-c", "import server; server.mcp.run(\'sse\')"]\n'),
        ("go.sh", "python - <<EOF\nimport anyio, server\nanyio.run(lambda: server.mcp.run_sse_async())\nEOF\n"),
    ],
)
def test_code_in_a_command(tmp_path: Path, name: str, text: str) -> None:
    (finding,) = told(tmp_path, {"server.py": SERVER, name: text})
    assert (finding.rule, finding.place.path) == ("MCP101", name)


@pytest.mark.parametrize(
    ("start", "names"),
    [
        ('mcp.run(transport=os.environ["CALC_KIND"])\n', "CALC_KIND"),
        ('kind = os.getenv("CALC_KIND", "stdio")\nmcp.run(transport=kind)\n', "CALC_KIND"),
        (
            'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--transport", default="stdio")\n'
            "mcp.run(transport=parser.parse_args().transport)\n",
            "the option transport",
        ),
        (
            'for row in csv.DictReader(open("servers.csv")):\n    mcp.run(transport=row["transport"])\n',
            "transport",
        ),
    ],
)
def test_a_word_that_nothing_here_says_is_noted(tmp_path: Path, start: str, names: str) -> None:
    (tmp_path / "server.py").write_text(f"import csv\nimport os\n\n{SERVER}{start}")
    (finding,) = make_plan(tmp_path, Settings()).findings
    assert f"takes any transport that {names} says" in finding.message
    assert not finding.counts


@pytest.mark.parametrize(
    "start",
    [
        'mcp.run(transport="streamable-http")\n',
        'kind = os.environ["KIND"]\nmcp.run(transport="stdio" if kind == "stdio" else "streamable-http")\n',
        'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--transport", choices=["stdio", "http"])\n'
        "mcp.run(transport=parser.parse_args().transport)\n",
    ],
)
def test_where_the_words_are_known_nothing_is_noted(tmp_path: Path, start: str) -> None:
    (tmp_path / "server.py").write_text(f"import os\n\n{SERVER}{start}")
    assert not make_plan(tmp_path, Settings()).findings
