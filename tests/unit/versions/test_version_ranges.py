"""Requirements of every language admit the same versions as their own tools say."""

from __future__ import annotations

import pytest

from migrator.versions.ranges import parse
from migrator.versions.requirement import CONDA, NPM, PEP440, POETRY


@pytest.mark.parametrize(
    ("language", "spec", "inside", "outside", "lowest"),
    [
        (PEP440, ">=1.2,<2", ["1.2", "1.99"], ["1.1", "2.0"], "1.2"),
        (PEP440, "(>=1.6.0,<1.7.0)", ["1.6.1"], ["1.7.0"], "1.6.0"),
        (PEP440, "==1.6.*", ["1.6.9"], ["1.7"], "1.6"),
        (PEP440, "~=1.6", ["1.6", "1.30"], ["2.0"], "1.6"),
        (PEP440, "", ["0.1", "9"], [], None),
        (PEP440, "<2", ["1.0"], ["2.0"], None),
        (POETRY, "^1.6.0,<1.7", ["1.6.5"], ["1.7.0"], "1.6.0"),
        (POETRY, "^0.2.3", ["0.2.9"], ["0.3.0"], "0.2.3"),
        (POETRY, "^0.0.3", ["0.0.3"], ["0.0.4"], "0.0.3"),
        (POETRY, "^0", ["0.9"], ["1.0"], "0.0.0"),
        (POETRY, "~1.6", ["1.6.9"], ["1.7"], "1.6"),
        (POETRY, "~1", ["1.9"], ["2.0"], "1"),
        (POETRY, "1.6.0", ["1.6.0"], ["1.6.1"], "1.6.0"),
        (POETRY, "1.*", ["1.9"], ["2.0"], "1"),
        (POETRY, ">=1.2 || ^3.0", ["1.3", "3.1", "9"], ["1.1"], "1.2"),
        (NPM, "^1.9.0", ["1.9.0", "1.32.2"], ["2.0.0"], "1.9.0"),
        (NPM, "~1.9.0", ["1.9.5"], ["1.10.0"], "1.9.0"),
        (NPM, "1.x", ["1.0.0", "1.9.9"], ["2.0.0"], "1"),
        (NPM, "1.9", ["1.9.3"], ["1.10.0"], "1.9"),
        (NPM, ">=1.2.0 <2", ["1.5.0"], ["2.0.0"], "1.2.0"),
        (NPM, ">1.2", ["1.3.0"], ["1.2.9"], "1.3"),
        (NPM, "1.2.0 - 1.4", ["1.4.9"], ["1.5.0"], "1.2.0"),
        (NPM, "^1.0.0 || ^2.0.0", ["1.1.0", "2.1.0"], ["3.0.0"], "1.0.0"),
        (NPM, "npm:@modelcontextprotocol/sdk@^1.9.0", ["1.9.0"], ["2.0.0"], "1.9.0"),
        (NPM, "latest", ["0.1.0", "9.0.0"], [], None),
        (CONDA, "=1.6", ["1.6.9"], ["1.7"], "1.6"),
        (CONDA, "1.6.*", ["1.6.9"], ["1.7"], "1.6"),
        (CONDA, "==1.6.0", ["1.6.0"], ["1.6.1"], "1.6.0"),
        (CONDA, ">=1.6,<2", ["1.7"], ["2.0"], "1.6"),
        (CONDA, "1.6.0 py311_0", ["1.6.0"], ["1.6.1"], "1.6.0"),
    ],
)
def test_a_range_admits_what_its_tool_admits(
    language: str, spec: str, inside: list[str], outside: list[str], lowest: str | None
) -> None:
    found = parse(spec, language)
    assert found.known
    assert [v for v in inside if not found.admits(v)] == []
    assert [v for v in outside if found.admits(v)] == []
    assert (str(found.lowest) if found.lowest is not None else None) == lowest


@pytest.mark.parametrize(
    ("language", "spec"), [(NPM, "github:a/b"), (PEP440, "what?"), (POETRY, "branch"), (NPM, "next-1")]
)
def test_a_text_that_is_no_range_promises_nothing(language: str, spec: str) -> None:
    found = parse(spec, language)
    assert not found.known
    assert found.admits("1.0")
    assert found.lowest is None
    assert found.exact is None


def test_exact_pins_and_reach() -> None:
    assert str(parse("==1.6.0").exact) == "1.6.0"
    assert parse("==1.6.*").exact is None
    assert str(parse("1.6.0", POETRY).exact) == "1.6.0"
    assert parse(">=1.2").reaches(2)
    assert not parse(">=1.2,<2").reaches(2)
    assert not parse("^1.2", POETRY).reaches(2)
    assert parse(">=1").newest(["1.0.0", "1.10.0", "1.9.0", "2.0.0rc1"]) == "1.10.0"
    both = parse(">=1.2").within(parse("<1.5"), parse("!=1.4"))
    assert both.admits("1.3")
    assert not both.admits("1.4")
    assert not both.admits("1.5")
