"""A project to run the command on, and what the pipeline answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator import pipeline
from migrator.model import Plan
from tests.unit.command.plans import SERVER


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one server, and a clean one beside it; the user stands above both."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "p/server.py": SERVER,
        "p/pyproject.toml": "",
        "clean/a.py": "print(1)\n",
        "clean/b.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return tmp_path


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Plan]]:
    """What the pipeline answers, set by the test."""
    answer: list[Plan] = []
    monkeypatch.setattr(pipeline, "plan_tree", lambda *_: answer[0])
    yield answer
