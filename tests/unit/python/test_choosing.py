"""How the transport is chosen: small servers in, what becomes of their words out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.choosing import FASTMCP, OFFICIAL, kept, moved, plan_of


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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("stdio, sse or streamable-http", "stdio or streamable-http"),
        ("stdio, streamable-http or sse", "stdio or streamable-http"),
        ("sse, stdio or streamable-http", "stdio or streamable-http"),
        ("sse|streamable-http|stdio", "streamable-http|stdio"),
        ("`stdio`, `sse` or `streamable-http`", "`stdio` or `streamable-http`"),
        ("stdio or sse", "stdio or streamable-http"),
        ("streamable-http (default), stdio, or sse (deprecated)", "streamable-http (default) or stdio"),
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


def test_the_new_word_keeps_the_letters_that_the_code_has_for_it(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'import os\n\n{OFFICIAL}KIND_StreamableHTTP = "StreamableHTTP"\nkind = os.environ["KIND"]\n'
        'if kind == "sse":\n    mcp.run("sse")\nelif kind == KIND_StreamableHTTP:\n    mcp.run("streamable-http")\n',
    )
    assert 'return "StreamableHTTP"' in after and '== "sse":\n    mcp' not in after


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


@pytest.mark.parametrize(
    "put",
    ['options |= {"transport": "sse"}', 'options |= dict(transport="sse")', 'options.update(dict(transport="sse"))'],
)
def test_what_is_put_into_options_as_a_whole(tmp_path: Path, put: str) -> None:
    text = OFFICIAL + f'options = {{"mount_path": None}}\n{put}\nmcp.run(**options)\n'
    assert put.replace("sse", "streamable-http") in moved(tmp_path, text)


def test_what_a_parser_of_ini_files_falls_back_to(tmp_path: Path) -> None:
    text = 'import configparser\n\nconf = configparser.ConfigParser()\nmcp.run(conf.get("a", "b", fallback="sse"))\n'
    assert 'fallback="streamable-http"' in moved(tmp_path, OFFICIAL + text)
