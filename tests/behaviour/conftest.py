"""Judgements run two at a time in the background, in the order of the tests; each test waits for its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.behaviour import tools
from tests.behaviour.environments import Environment, ready_folder
from tests.behaviour.judge import judge
from tests.behaviour.subject import Subject
from tests.behaviour.verdict import Verdict

Pair = tuple[Subject, Environment]


@pytest.fixture(scope="session")
def verdict_of(request: pytest.FixtureRequest) -> Iterator[Callable[[Pair], Verdict]]:
    """The verdict on a subject in an environment, judged with this project's own command line.

    MCP_MIGRATE_JOBS says how many judgements run at the same time (2).
    """
    pool = ThreadPoolExecutor(int(os.environ.get("MCP_MIGRATE_JOBS", "2")))
    pairs = [
        item.callspec.params["pair"]
        for item in request.session.items
        if hasattr(item, "callspec") and "pair" in item.callspec.params
    ]
    jobs: dict[tuple[str, str], Future[Verdict]] = {
        (subject.name, environment.name): pool.submit(_judge, subject, environment)
        for subject, environment in (pair for pair in pairs if pair is not None)
    }
    yield lambda pair: jobs[pair[0].name, pair[1].name].result()
    pool.shutdown(cancel_futures=True)


def _judge(subject: Subject, environment: Environment) -> Verdict:
    return judge(subject, environment, environment.python(ready_folder()), tools.program)
