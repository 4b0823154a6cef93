"""Judgements run two at a time in the background, in the order of the tests; each test waits for its own.

Cases go through this project's command line, patterns (many, small) through its functions, which is faster.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from migrator.verify.launch import end_on_sigterm, stop_all
from tests.behaviour import cases, tools
from tests.behaviour.environments import Environment, ready_folder
from tests.behaviour.judge import judge
from tests.behaviour.subject import Subject
from tests.behaviour.verdict import Verdict

Pair = tuple[Subject, Environment]


@pytest.fixture(scope="session")
def verdict_of(request: pytest.FixtureRequest) -> Iterator[Callable[[Pair], Verdict]]:
    """The verdict on a subject in an environment.

    MCP_MIGRATE_JOBS says how many judgements run at the same time (2).
    """
    end_on_sigterm()
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
    pool.shutdown(wait=False, cancel_futures=True)
    stop_all()  # an interrupted run: the judgements that still wait for a server end at once
    pool.shutdown()


def _judge(subject: Subject, environment: Environment) -> Verdict:
    tool = tools.program if subject.name.startswith(cases.PREFIX) else tools.inside
    return judge(subject, environment, environment.python(ready_folder()), tool)
