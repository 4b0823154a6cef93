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
        ("streamable-http (default), stdio, or sse (deprecated)", "streamable-http (default), stdio"),
        ("sse (old), streamable-http or stdio", "streamable-http or stdio"),
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


def flag_of(tmp_path: Path, text: str) -> tuple[str, list[tuple[str, str, str]]]:
    """server.py after the move, and its flags as (kind, old, new)."""
    plan = plan_of(tmp_path, {"server.py": text})
    assert [u.moved for u in plan.units] == [True], plan.findings
    (change,) = plan.changes
    compile(change.after, "server.py", "exec")
    selectors = [(s.kind, s.old_word, s.new_word) for e in plan.endpoints for s in e.selectors]
    return change.after.decode(), selectors


@pytest.mark.parametrize(
    ("declared", "now"),
    [
        (
            'parser.add_argument("--sse", action="store_true", help="Use SSE")',
            'parser.add_argument("--http", "--sse", action="store_true", help="Use Streamable HTTP", dest="sse")',
        ),
        (
            'parser.add_argument("-s", "--enable-sse", dest="sse", action="store_true")',
            'parser.add_argument("-s", "--enable-http", "--enable-sse", dest="sse", action="store_true")',
        ),
        (
            'parser.add_argument("--sse", action=argparse.BooleanOptionalAction)',
            'parser.add_argument("--http", "--sse", action=argparse.BooleanOptionalAction, dest="sse")',
        ),
    ],
)
def test_a_flag_gets_a_new_name_beside_the_old_one(tmp_path: Path, declared: str, now: str) -> None:
    after, ((kind, old, new),) = flag_of(
        tmp_path,
        f"import argparse\n\n{FASTMCP}parser = argparse.ArgumentParser()\n{declared}\nargs = parser.parse_args()\n"
        'if args.sse:\n    mcp.run(transport="sse")\nelse:\n    mcp.run()\n',
    )
    assert f'_retired_flag("{old}", "{new}")\n{now}\nargs' in after
    assert (kind, old.replace("sse", "http")) == ("flag", new)
    assert 'if args.sse:\n    mcp.run(transport="http", stateless_http=True)\n' in after


def test_a_flag_that_only_looks_like_one_keeps_its_name(tmp_path: Path) -> None:
    after, selectors = flag_of(
        tmp_path,
        f"import argparse\n\n{FASTMCP}parser = argparse.ArgumentParser()\n"
        'parser.add_argument("--sse-log", action="store_true")\n'
        'parser.add_argument("--remote", action="store_true")\nargs = parser.parse_args()\n'
        'print(args.sse_log)\nif args.remote:\n    mcp.run(transport="sse")\nelse:\n    mcp.run()\n',
    )
    assert 'add_argument("--sse-log", action="store_true")' in after
    assert not selectors


def test_a_flag_beside_one_for_the_new_transport_points_there(tmp_path: Path) -> None:
    after, selectors = flag_of(
        tmp_path,
        f"import argparse\n\n{FASTMCP}parser = argparse.ArgumentParser()\n"
        'parser.add_argument("--http", action="store_true")\nparser.add_argument("--sse", action="store_true")\n'
        'args = parser.parse_args()\nif args.http:\n    mcp.run(transport="http")\n'
        'elif args.sse:\n    mcp.run(transport="sse")\n',
    )
    assert '_retired_flag("--sse", "--http")\nparser.add_argument("--sse", action="store_true")' in after
    assert selectors == [("flag", "--sse", "--http")]


def test_options_that_stand_for_a_word_take_no_type(tmp_path: Path) -> None:
    after, selectors = flag_of(
        tmp_path,
        f"import argparse\n\n{OFFICIAL}parser = argparse.ArgumentParser()\n"
        'parser.add_argument("--stdio", dest="kind", action="store_const", const="stdio", default="stdio")\n'
        'parser.add_argument("--sse", dest="kind", action="store_const", const="sse")\n'
        "mcp.run(transport=parser.parse_args().kind)\n",
    )
    assert '("--streamable-http", "--sse", dest="kind", action="store_const", const="streamable-http")' in after
    assert "type=" not in after
    assert selectors == [("flag", "--sse", "--streamable-http")]


def test_a_parser_named_for_it_keeps_the_old_name_as_an_alias(tmp_path: Path) -> None:
    after, selectors = flag_of(
        tmp_path,
        f"import argparse\n\n{FASTMCP}parser = argparse.ArgumentParser()\n"
        'commands = parser.add_subparsers(dest="command")\ncommands.add_parser("stdio")\n'
        'commands.add_parser("sse", help="remote")\nargs = parser.parse_args()\n'
        'if args.command == "sse":\n    mcp.run(transport="sse")\n',
    )
    assert 'commands.add_parser("http", help="remote", aliases=["sse"])' in after
    assert 'if _current_transport(args.command) == "http":' in after
    assert selectors == [("argument", "sse", "http")]


def test_the_only_command_of_an_app_stays_the_only_one(tmp_path: Path) -> None:
    text = (
        f"import typer\n\n{FASTMCP}app = typer.Typer()\n\n\n@app.command()\ndef sse():\n    mcp.run(transport='sse')\n"
    )
    after, selectors = flag_of(tmp_path, text)
    assert after.count("app.command") == 1
    assert not selectors


def test_each_call_of_a_reader_of_variables_reads_its_own(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        {
            "server.py": f'import os\n\n{FASTMCP}def env(name, default=""):\n'
            '    return os.environ.get(f"APP_{name.upper()}", default)\n\n\n'
            'HOST = env("host", "127.0.0.1")\nif env("kind", "stdio") == "sse":\n    mcp.run(transport="sse", host=HOST)\n',
            ".env": "APP_KIND=sse\nAPP_HOST=0.0.0.0\n",
        },
    )
    (endpoint,) = plan.endpoints
    assert [(s.kind, s.names) for s in endpoint.selectors] == [("environment", ("APP_KIND",))]
    after = next(c.after.decode() for c in plan.changes if c.path == "server.py")
    assert 'if _current_transport(env("kind", "stdio")) == "http":' in after
    assert 'HOST = env("host", "127.0.0.1")' in after


def test_a_field_of_settings_is_filled_by_its_variable(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        {
            "server.py": "from pydantic_settings import BaseSettings\n\n" + FASTMCP + "class Settings(BaseSettings):\n"
            '    model_config = {"env_prefix": "calc_"}\n    kind: str = "stdio"\n\n\n'
            "mcp.run(transport=Settings().kind)\n",
            "compose.yaml": "services:\n  a:\n    build: .\n    environment:\n      CALC_KIND: sse\n",
        },
    )
    changes = {c.path: c.after.decode() for c in plan.changes}
    assert "CALC_KIND: http" in changes["compose.yaml"]
    assert (
        "transport=_current_transport(Settings().kind)" in changes["server.py"] or ":= _current" in changes["server.py"]
    )


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ('options = {"path": "/sse", "message_path": "/m/", "port": 1}', 'options = {"path": "/mcp", "port": 1}'),
        ('options = {\n    "port": 1,\n    "message_path": "/m/",\n}', 'options = {\n    "port": 1,\n}'),
    ],
)
def test_options_that_nothing_takes_any_more_leave_their_dict(tmp_path: Path, text: str, now: str) -> None:
    after = moved(tmp_path, f'{FASTMCP}{text}\nmcp.run(transport="sse", **options)\n')
    assert now in after


def test_a_word_that_annotations_admit_is_one(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        {
            "kinds.py": 'from typing import Literal\n\nKind = Literal["stdio", "sse"]\n',
            "server.py": f"import os\n\nfrom kinds import Kind\n{OFFICIAL}"
            'def serve(kind: Kind):\n    mcp.run(transport=kind)\n\n\nserve(os.getenv("K", "stdio"))\n',
        },
    )
    changes = {c.path: c.after.decode() for c in plan.changes}
    assert changes["kinds.py"].endswith('Kind = Literal["stdio", "streamable-http"]\n')
    assert 'serve(_current_transport(os.getenv("K", "stdio")))' in changes["server.py"]


def test_a_method_put_together_from_text_is_by_hand(tmp_path: Path) -> None:
    (reason,) = kept(
        tmp_path,
        {
            "server.py": f"import asyncio\nimport os\n\n{OFFICIAL}"
            "asyncio.run(getattr(mcp, f\"run_{os.getenv('K', 'sse')}_async\")())\n"
        },
    )
    assert "put together from text" in reason


def test_options_from_a_file_that_says_the_old_word_are_by_hand(tmp_path: Path) -> None:
    server = f'import json\n\n{FASTMCP}mcp.run(**json.load(open("settings.json"))["server"])\n'
    (reason,) = kept(tmp_path, {"server.py": server, "settings.json": '{"server": {"transport": "sse", "port": 1}}'})
    assert "can't be followed" in reason


def test_the_new_word_keeps_the_letters_that_the_code_has_for_it(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import os\n\n{OFFICIAL}KIND_StreamableHTTP = "StreamableHTTP"\nkind = os.environ["KIND"]\n'
        'if kind == "sse":\n    mcp.run("sse")\nelif kind == KIND_StreamableHTTP:\n    mcp.run("streamable-http")\n',
    )
    assert 'return "StreamableHTTP"' in after and '== "sse":\n    mcp' not in after


def test_options_of_a_model_that_admits_the_old_word_are_by_hand(tmp_path: Path) -> None:
    model = (
        "from typing import Literal\n\nfrom pydantic import BaseModel\n\n\nclass Options(BaseModel):\n"
        '    transport: Literal["stdio", "sse"] = "stdio"\n    port: int = 8000\n'
    )
    server = (
        f"import sys\n\n{FASTMCP}from model import Options\n\n"
        "mcp.run(**Options.model_validate_json(open(sys.argv[1]).read()).model_dump())\n"
    )
    (reason,) = kept(tmp_path, {"server.py": server, "model.py": model})
    assert "can't be followed" in reason


def test_options_from_a_file_that_nothing_says_to_be_sse_are_left_alone(tmp_path: Path) -> None:
    server = f'import json\n\n{FASTMCP}mcp.run(**json.load(open("settings.json"))["server"])\n'
    client = '{"mcpServers": {"other": {"transport": "sse", "url": "http://example.com/events"}}}'
    assert not plan_of(tmp_path, {"server.py": server, "mcp.json": client}).units


def test_a_table_of_options_says_stateless_where_it_names_the_transport(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import sys\n\n{FASTMCP}RUN = {{\n    "stdio": {{"transport": "stdio"}},\n'
        '    "sse": {"transport": "sse", "port": 8000},\n}\nmcp.run(**RUN[sys.argv[1]])\n',
    )
    assert '    "http": {"transport": "http", "port": 8000, "stateless_http": True},\n' in after
    assert "RUN[_current_transport(sys.argv[1])]" in after


def test_a_word_kept_in_the_context_of_a_command_is_followed(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f"import click\n\n{OFFICIAL}@click.group()\n"
        '@click.option("--kind", type=click.Choice(["stdio", "sse"]))\n@click.pass_context\n'
        'def cli(ctx, kind):\n    ctx.obj = {"kind": kind}\n\n\n@cli.command()\n@click.pass_context\n'
        'def serve(ctx):\n    mcp.run(transport=ctx.obj["kind"])\n',
    )
    assert "def cli(ctx, kind):\n    kind = _current_transport(kind)\n" in after


def test_words_cut_out_of_the_arguments_by_hand(tmp_path: Path) -> None:
    text = (
        f'import sys\n\n{OFFICIAL}kind = "stdio"\nfor arg in sys.argv[1:]:\n    if arg.startswith("--kind="):\n'
        '        kind = arg.split("=")[1]\nmcp.run(transport=kind)\n'
    )
    assert not plan_of(tmp_path / "quiet", {"server.py": text}).changes
    plan = plan_of(tmp_path / "told", {"server.py": text, "run.sh": "#!/bin/sh\npython server.py --kind=sse\n"})
    changes = {c.path: c.after.decode() for c in plan.changes}
    assert '_current_transport(arg.split("=")[1])' in changes["server.py"]
    assert changes["run.sh"].endswith("--kind=streamable-http\n")


@pytest.mark.parametrize(
    "text",
    [
        'mcp.run(**({"transport": "sse", "port": 1} if os.getenv("REMOTE") else {}))\n',
        'options = {}\nif os.getenv("REMOTE"):\n    options = {"transport": "sse"}\nmcp.run(**options)\n',
        'options = {}\nif os.getenv("REMOTE"):\n    options["transport"] = "sse"\nmcp.run(**options)\n',
        'options = dict()\nif os.getenv("REMOTE"):\n    options.update(transport="sse")\nmcp.run(**options)\n',
    ],
)
def test_stdio_that_no_dict_names_is_never_given_http_options(tmp_path: Path, text: str) -> None:
    after = moved(tmp_path, f"import os\n\n{FASTMCP}{text}")
    given: list[dict[str, object]] = []
    for remote in ("", "1"):
        code = after.replace("from fastmcp import FastMCP", "FastMCP = Server").replace("import os\n", "", 1)
        scope = {"Server": lambda name: type("S", (), {"run": staticmethod(lambda **k: given.append(k))})}
        scope["os"] = type("os", (), {"getenv": staticmethod(lambda name, remote=remote: remote)})
        exec(code, scope)
    stdio, http = given
    assert stdio == {}
    assert (http["transport"], http["stateless_http"]) == ("http", True)


def test_literals_of_something_else_stay(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import os\nfrom dataclasses import dataclass\nfrom typing import Literal\n\n{OFFICIAL}Kind = Literal["stdio", "sse"]\n\n\n'
        '@dataclass\nclass Upstream:\n    url: str\n    kind: Literal["stdio", "sse"] = "sse"\n\n\n'
        'def connect(url: str, kind: Literal["stdio", "sse"]) -> Upstream:\n    return Upstream(url, kind)\n\n\n'
        "def serve(kind: Kind) -> None:\n    mcp.run(transport=kind)\n\n\n"
        'UPSTREAM = connect(os.environ["UPSTREAM"], "stdio")\nserve(os.getenv("KIND", "stdio"))\n',
    )
    assert 'Kind = Literal["stdio", "streamable-http"]\n' in after
    assert '    kind: Literal["stdio", "sse"] = "sse"\n' in after
    assert 'def connect(url: str, kind: Literal["stdio", "sse"]) -> Upstream:\n' in after


@pytest.mark.parametrize(
    "more",
    [
        'sys.argv = [a for a in sys.argv if a != "--sse"]\n',
        'OWN = ["--sse", "--verbose"]\nrest = [a for a in sys.argv if a not in OWN]\n',
        'if "--sse" in sys.argv:\n    sys.argv.remove("--sse")\n',
    ],
)
def test_a_flag_that_other_code_looks_at_gets_no_other_name(tmp_path: Path, more: str) -> None:
    after, selectors = flag_of(
        tmp_path,
        f"import argparse\nimport sys\n\n{FASTMCP}parser = argparse.ArgumentParser()\n"
        f'parser.add_argument("--sse", action="store_true")\nargs = parser.parse_args()\n{more}'
        'if args.sse:\n    mcp.run(transport="sse")\nelse:\n    mcp.run()\n',
    )
    assert 'parser.add_argument("--sse", action="store_true")\n' in after
    assert more in after
    assert not selectors


def test_a_flag_taken_out_of_the_arguments_gets_no_other_name(tmp_path: Path) -> None:
    text = (
        f'import sys\n\n{OFFICIAL}if "--sse" in sys.argv:\n    sys.argv.remove("--sse")\n    mcp.run(transport="sse")\n'
    )
    after, selectors = flag_of(tmp_path, text)
    assert 'if "--sse" in sys.argv:\n    sys.argv.remove("--sse")\n' in after
    assert not selectors


def test_a_parameter_of_click_is_none_of_typer(tmp_path: Path) -> None:
    after, selectors = flag_of(
        tmp_path,
        f"import click\n\n{FASTMCP}SHARED = [click.option('--sse', is_flag=True)]\n\n\n"
        "def shared(function):\n    for option in SHARED:\n        function = option(function)\n    return function\n\n\n"
        "@click.command()\n@click.option('--port', default=8000)\n@shared\n"
        "def main(sse: bool, port: int):\n    if sse:\n        mcp.run(transport='sse', port=port)\n",
    )
    assert "def main(sse: bool, port: int):\n" in after
    assert not selectors


@pytest.mark.parametrize(
    ("library", "read", "after_read"),
    [
        (
            "from decouple import Choices, config",
            'config("KIND", default="sse", cast=Choices(["stdio", "sse"]))',
            'config("KIND", default="streamable-http", cast=Choices(["stdio", "streamable-http", "sse"]))',
        ),
        (
            "from environs import Env, validate\n\nenv = Env()",
            'env.str("KIND", "sse", validate=validate.OneOf(["stdio", "sse"]))',
            'env.str("KIND", "streamable-http", validate=validate.OneOf(["stdio", "streamable-http", "sse"]))',
        ),
    ],
)
def test_the_words_that_a_variable_is_checked_for_learn_the_new_one(
    tmp_path: Path, library: str, read: str, after_read: str
) -> None:
    after = moved(tmp_path, f"{library}\n\n{OFFICIAL}mcp.run(transport={read})\n")
    assert f"mcp.run(transport=_current_transport({after_read}))\n" in after


@pytest.mark.parametrize(
    ("before", "cast"),
    [
        ("", 'lambda v: v if v in ("stdio", "sse") else "stdio"'),
        ('class Kind(Enum):\n    LOCAL = "stdio"\n    WIRE = "sse"\n\n\n', "Kind"),
        ('def known(word):\n    assert word in ("stdio", "sse")\n    return word\n\n\n', "known"),
    ],
)
def test_what_lets_only_words_of_its_own_pass_keeps_the_server(tmp_path: Path, before: str, cast: str) -> None:
    text = f'from enum import Enum\n\nfrom decouple import config\n\n{OFFICIAL}{before}mcp.run(transport=config("KIND", cast={cast}))\n'
    (why,) = kept(tmp_path, {"server.py": text})
    assert why == f"KIND goes through {cast}, which can't be told the new word"


def test_options_that_a_namespace_is_filled_with(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f"import argparse\nfrom types import SimpleNamespace\n\n{OFFICIAL}parser = argparse.ArgumentParser()\n"
        'parser.add_argument("--kind", choices=["stdio", "sse"], default="sse")\n'
        "options = SimpleNamespace(**vars(parser.parse_args()))\nmcp.run(transport=options.kind)\n",
    )
    assert 'choices=["stdio", "streamable-http"], default="streamable-http", type=_current_transport' in after


def test_arguments_that_a_function_hands_on_to_the_start(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        "import sys\n\nfrom app import main\n\nif len(sys.argv) > 1:\n    main(transport=sys.argv[1])\n"
        'else:\n    main("sse")\n',
        app=f'{OFFICIAL}def main(*args, **options):\n    print("up")\n    mcp.run(*args, **options)\n',
    )
    assert "main(transport=_current_transport(sys.argv[1]))\n" in after
    assert 'main("streamable-http")\n' in after


@pytest.mark.parametrize(
    ("shared", "decorator"),
    [
        ('kind_option = click.option("--kind", type=click.Choice(["stdio", "sse"]), default="sse")\n', "kind_option"),
        (
            "def options(f):\n"
            '    return click.option("--kind", type=click.Choice(["stdio", "sse"]), default="sse")(f)\n',
            "options",
        ),
    ],
)
def test_an_option_that_several_commands_may_share(tmp_path: Path, shared: str, decorator: str) -> None:
    after = moved(
        tmp_path,
        f"import click\n\n{OFFICIAL}{shared}\n\n@click.command()\n@{decorator}\ndef main(kind):\n"
        "    mcp.run(transport=kind)\n\n\nmain()\n",
    )
    assert 'click.Choice(["stdio", "streamable-http", "sse"]), default="streamable-http")' in after
    assert "def main(kind):\n    kind = _current_transport(kind)\n    mcp.run(transport=kind)\n" in after


def test_a_field_that_a_dict_from_outside_may_hold(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import sys\nfrom dataclasses import dataclass\n\n{OFFICIAL}@dataclass\nclass Options:\n    kind: str = "sse"\n\n\n'
        'given = dict(a.lstrip("-").split("=", 1) for a in sys.argv[1:])\noptions = Options(**given)\n'
        "mcp.run(transport=options.kind)\n",
    )
    assert 'kind: str = "streamable-http"\n' in after
    assert "mcp.run(transport=_current_transport(options.kind))\n" in after


CHECKED = 'import argparse\nimport re\n\n{server}def known(text):\n    if not re.fullmatch("{pattern}", text):\n        raise ValueError(text)\n    return text\n\n\nparser = argparse.ArgumentParser()\nparser.add_argument("--kind", type=known, default="sse")\nmcp.run(parser.parse_args().kind)\n'
FILLED = 'from pydantic import Field\nfrom pydantic_settings import BaseSettings\n\n{server}class Options(BaseSettings):\n    kind: str = Field("sse", pattern="{pattern}")\n\n\nmcp.run(Options().kind)\n'


@pytest.mark.parametrize("text", [CHECKED, FILLED])
def test_a_pattern_that_the_new_word_does_not_match_keeps_the_server(tmp_path: Path, text: str) -> None:
    (why,) = kept(tmp_path, {"server.py": text.format(server=OFFICIAL, pattern="^(stdio|sse)$")})
    assert why.endswith("which can't be told the new word")
    moved(tmp_path, text.format(server=OFFICIAL, pattern="^(stdio|sse|streamable-http)$"))


def test_a_start_in_a_file_that_names_neither_mcp_nor_a_transport(tmp_path: Path) -> None:
    after = plan_of(
        tmp_path,
        {
            "app.py": OFFICIAL.replace("mcp = ", "server = "),
            "settings.py": 'class Settings:\n    kind = "sse"\n\n\nsettings = Settings()\n',
            "go.py": "from app import server\nfrom settings import settings\n\nserver.run(settings.kind)\n",
        },
    )
    assert [u.moved for u in after.units] == [True]
    assert {c.path for c in after.changes} == {"app.py", "settings.py"}


def test_options_that_a_condition_puts_in(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import os\n\n{OFFICIAL}options = {{"transport": "stdio"}}\n'
        'options.update({"transport": "sse"} if os.getenv("REMOTE") else {})\nmcp.run(**options)\n',
    )
    assert 'options.update({"transport": "streamable-http"} if os.getenv("REMOTE") else {})\n' in after


def test_commands_that_share_an_option_move_together(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import click\n\n{OFFICIAL}kind_option = click.option("--kind", type=click.Choice(["stdio", "sse"]))\n\n\n'
        "@click.command()\n@kind_option\ndef main(kind):\n    mcp.run(transport=kind)\n\n\n"
        '@click.command()\n@kind_option\ndef show(kind):\n    if kind == "sse":\n        print("remote")\n',
    )
    assert after.count("    kind = _current_transport(kind)\n") == 2
    assert '    if kind == "streamable-http":\n        print("remote")\n' in after


def test_a_list_that_a_variable_is_checked_for_twice_has_the_new_word_once(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'from decouple import Choices, config\n\n{OFFICIAL}KINDS = ["stdio", "sse"]\n'
        'kind = config("KIND", cast=Choices(KINDS))\nassert kind in KINDS\nmcp.run(transport=kind)\n',
    )
    assert 'KINDS = ["stdio", "streamable-http", "sse"]\n' in after
