"""Every way to serve SSE that the pattern directory knows, moved and started."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.behaviour import patterns
from tests.behaviour.conftest import Pair
from tests.behaviour.environments import chosen, whole_matrix
from tests.behaviour.verdict import Verdict

pytestmark = pytest.mark.behaviour


def _pairs() -> list[object]:
    folder = patterns.folder()
    if folder is None:
        return [pytest.param(None, marks=patterns.ABSENT, id="none")]
    return [
        pytest.param((subject, environment), id=f"{subject.name}-{environment.name}")
        for environment in chosen()
        for manifest in ((False, True) if whole_matrix() else (False,))
        for subject in patterns.subjects(folder, environment, manifest)
    ]


@pytest.mark.parametrize("pair", _pairs())
def test_pattern_moves_and_answers(pair: Pair, verdict_of: Callable[[Pair], Verdict]) -> None:
    subject, environment = pair
    verdict = verdict_of(pair)
    if patterns.plain_name(subject) in environment.before_fails:
        assert verdict.word == "before-fails", f"environments.toml says that it doesn't serve SSE here:\n{verdict}"
    else:
        assert verdict.ok, str(verdict)
