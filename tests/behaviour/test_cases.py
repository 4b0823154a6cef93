"""Whole small projects of testdata/cases and testdata/shapes, moved by this project's command line and started."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.behaviour import cases, shapes
from tests.behaviour.conftest import Pair
from tests.behaviour.environments import chosen, whole_matrix
from tests.behaviour.verdict import Verdict

pytestmark = pytest.mark.behaviour


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param((subject, environment), id=f"{subject.name}-{environment.name}")
        for environment in chosen()
        for subject in [*cases.subjects(environment), *(shapes.subjects(environment) if whole_matrix() else ())]
    ],
)
def test_case_moves_and_answers(pair: Pair, verdict_of: Callable[[Pair], Verdict]) -> None:
    subject, environment = pair
    verdict = verdict_of(pair)
    if subject.name in environment.before_fails:
        assert verdict.word == "before-fails", f"environments.toml says that it doesn't serve SSE here:\n{verdict}"
    else:
        assert verdict.ok, str(verdict)
