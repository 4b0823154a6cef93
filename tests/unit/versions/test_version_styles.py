"""A changed requirement keeps the style of the old one."""

from __future__ import annotations

import pytest

from migrator.versions.ranges import parse
from migrator.versions.requirement import CONDA, NPM, PEP440, POETRY, Requirement
from migrator.versions.styles import capped, raised


def _requirement(spec: str, language: str) -> Requirement:
    return Requirement("mcp", spec, "pyproject.toml", language)


RAISED = [
    (PEP440, "==1.6.0", "==1.28.1"),
    (PEP440, "== 1.6.0", "== 1.28.1"),
    (PEP440, "===1.6.0", "===1.28.1"),
    (PEP440, ">=1.2", ">=1.28.1,<2"),
    (PEP440, ">= 1.2", ">= 1.28.1,< 2"),
    (PEP440, ">=1.2, <2.0", ">=1.28.1, <2.0"),
    (PEP440, "<2.0,>=1.2", "<2.0,>=1.28.1"),
    (PEP440, ">=1.6.0,<1.7.0", ">=1.28.1,<2"),
    (PEP440, ">=1.2,<=1.9,!=1.5", ">=1.28.1,<2,!=1.5"),
    (PEP440, ">1.2", ">=1.28.1,<2"),
    (PEP440, "<1.10", ">=1.28.1,<2"),
    (PEP440, "!=1.5", ">=1.28.1,!=1.5,<2"),
    (PEP440, "~=1.6.0", "~=1.28.1"),
    (PEP440, "~=1.6", "~=1.28,>=1.28.1"),  # a constraint or a lock with the floor must still do
    (PEP440, "~= 1.6", "~= 1.28, >= 1.28.1"),
    (PEP440, "~=1.6, !=1.7.1, <1.8", "~=1.28,>=1.28.1, !=1.7.1"),
    (PEP440, "==1.6.*", ">=1.28.1,<2"),
    (PEP440, "", ">=1.28.1,<2"),
    (POETRY, "^1.6.0", "^1.28.1"),
    (POETRY, "^1.6.0,<1.7", "^1.28.1"),
    (POETRY, "~1.6", "~1.28.1"),
    (POETRY, "1.6.0", "1.28.1"),
    (POETRY, "==1.6.0", "==1.28.1"),
    (POETRY, ">=1.2,<2.0", ">=1.28.1,<2.0"),
    (POETRY, "1.*", "^1.28.1"),
    (POETRY, "", ">=1.28.1,<2"),
    (NPM, "^1.9.0", "^1.28.1"),
    (NPM, "1.9.0", "1.28.1"),
    (NPM, "~1.9.0", "~1.28.1"),
    (NPM, ">=1.9.0 <1.10", ">=1.28.1 <2"),
    (NPM, "1.x", "^1.28.1"),
    (CONDA, "=1.6", ">=1.28.1,<2"),
    (CONDA, "==1.6.0", "==1.28.1"),
    (CONDA, ">=1.6", ">=1.28.1,<2"),
]


@pytest.mark.parametrize(("language", "spec", "expected"), RAISED)
def test_raising_keeps_the_style(language: str, spec: str, expected: str) -> None:
    new = raised(_requirement(spec, language), "1.28.1", "1.28.1", "2")
    assert new == expected
    found = parse(new, language)
    assert found.known
    assert found.admits("1.29.0") or found.exact is not None or new in ("~=1.28.1", "~1.28.1")
    assert not found.admits("1.20.0")
    assert not found.reaches(2)


def test_raising_without_a_bound_leaves_the_top_open() -> None:
    assert raised(_requirement(">=2.0", PEP440), "2.14.2", "2.14.7", "") == ">=2.14.2"
    assert raised(_requirement(">=0.0.5,<0.0.9", PEP440), "0.0.15", "0.0.15", "") == ">=0.0.15"
    assert raised(_requirement("==2.7.0", PEP440), "2.14.2", "2.14.7", "3") == "==2.14.7"
    assert raised(_requirement("~=2.3", PEP440), "3.2", "3.4.10", "4") == "~=3.2"


@pytest.mark.parametrize(
    ("language", "spec", "expected"),
    [
        (PEP440, ">=1.24", ">=1.24,<2"),
        (PEP440, ">= 1.24", ">= 1.24,< 2"),
        (PEP440, ">=1.24, !=1.25.0", ">=1.24, !=1.25.0, <2"),
        (PEP440, "", "<2"),
        (PEP440, ">=1.24,<3", ">=1.24,<2"),
        (PEP440, "<= 2.5, >=1.24, !=1.25", "< 2, >=1.24, !=1.25"),
        (POETRY, ">=1.24", ">=1.24,<2"),
        (POETRY, "^1.24 || ^2.0", "^1.24 || ^2.0"),
        (CONDA, ">=1.24", ">=1.24,<2"),
        (NPM, ">=1.24.0", ">=1.24.0 <2"),
    ],
)
def test_a_cap_is_added_behind(language: str, spec: str, expected: str) -> None:
    assert capped(_requirement(spec, language), "2") == expected
