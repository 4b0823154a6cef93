"""What a word is checked for where it is read: lists, choices, patterns and types."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.choosing import OFFICIAL, flag_of, kept, moved


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


CHECKED = 'import argparse\nimport re\n\n{server}def known(text):\n    if not re.fullmatch("{pattern}", text):\n        raise ValueError(text)\n    return text\n\n\nparser = argparse.ArgumentParser()\nparser.add_argument("--kind", type=known, default="sse")\nmcp.run(parser.parse_args().kind)\n'


FILLED = 'from pydantic import Field\nfrom pydantic_settings import BaseSettings\n\n{server}class Options(BaseSettings):\n    kind: str = Field("sse", pattern="{pattern}")\n\n\nmcp.run(Options().kind)\n'


@pytest.mark.parametrize("text", [CHECKED, FILLED])
def test_a_pattern_that_the_new_word_does_not_match_keeps_the_server(tmp_path: Path, text: str) -> None:
    (why,) = kept(tmp_path, {"server.py": text.format(server=OFFICIAL, pattern="^(stdio|sse)(:[0-9]+)?$")})
    assert why.endswith("which can't be told the new word")
    moved(tmp_path, text.format(server=OFFICIAL, pattern="^(stdio|sse|streamable-http)(:[0-9]+)?$"))


def test_a_fields_pattern_of_words_alone_learns_the_new_one(tmp_path: Path) -> None:
    after = moved(tmp_path, FILLED.format(server=OFFICIAL, pattern="^(stdio|sse)$"))
    assert 'pattern="^(stdio|streamable-http|sse)$"' in after


def test_a_list_that_a_variable_is_checked_for_twice_has_the_new_word_once(tmp_path: Path) -> None:
    after = moved(
        tmp_path,
        f'from decouple import Choices, config\n\n{OFFICIAL}KINDS = ["stdio", "sse"]\n'
        'kind = config("KIND", cast=Choices(KINDS))\nassert kind in KINDS\nmcp.run(transport=kind)\n',
    )
    assert 'KINDS = ["stdio", "streamable-http", "sse"]\n' in after
