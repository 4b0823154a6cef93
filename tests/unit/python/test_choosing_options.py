"""Options that are kept in dicts, models and namespaces, handed on, or shared by commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.choosing import FASTMCP, OFFICIAL, flag_of, kept, moved, plan_of


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


def test_options_from_a_file_that_says_the_old_word_are_given_the_new_one(tmp_path: Path) -> None:
    server = f'import json\n\n{FASTMCP}mcp.run(**json.load(open("settings.json"))["server"])\n'
    files = {"server.py": server, "settings.json": '{"server": {"transport": "sse", "port": 1}}'}
    plan = plan_of(tmp_path, files)
    after = {change.path: change.after.decode() for change in plan.changes}
    assert after["settings.json"] == '{"server": {"transport": "http", "port": 1}}'
    assert '_current_transport(v) if k == "transport" else v for k, v in json.load' in after["server.py"]


def test_options_from_a_file_that_says_the_old_path_are_by_hand(tmp_path: Path) -> None:
    server = f'import json\n\n{FASTMCP}mcp.run(**json.load(open("settings.json"))["server"])\n'
    (reason,) = kept(
        tmp_path, {"server.py": server, "settings.json": '{"server": {"transport": "sse", "path": "/sse"}}'}
    )
    assert "path is a field" in reason


def test_options_of_a_model_that_admits_the_old_word_are_given_the_new_one(tmp_path: Path) -> None:
    model = (
        "from typing import Literal\n\nfrom pydantic import BaseModel\n\n\nclass Options(BaseModel):\n"
        '    transport: Literal["stdio", "sse"] = "stdio"\n    port: int = 8000\n'
    )
    server = (
        f"import sys\n\n{FASTMCP}from model import Options\n\n"
        "mcp.run(**Options.model_validate_json(open(sys.argv[1]).read()).model_dump())\n"
    )
    plan = plan_of(tmp_path, {"server.py": server, "model.py": model})
    after = {change.path: change.after.decode() for change in plan.changes}
    assert 'Literal["stdio", "http", "sse"]' in after["model.py"]
    assert '_current_transport(v) if k == "transport" else v for k, v in Options' in after["server.py"]


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
