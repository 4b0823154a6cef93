"""Flags that choose the transport (`--sse`): small servers in, what becomes of the flags out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.choosing import FASTMCP, OFFICIAL, flag_of


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
