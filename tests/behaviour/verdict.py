"""What a judgement says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it must be."""

    word: str  # short, for the table
    detail: str

    def __str__(self) -> str:
        return f"{self.word}: {self.detail}"


@dataclass(frozen=True)
class Verdict:
    """What came out for one subject in one environment."""

    subject: str
    environment: str
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def word(self) -> str:
        """The first problem's word; later ones may follow from it."""
        return self.problems[0].word if self.problems else "ok"

    @property
    def ok(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        lines = [f"{self.subject} on {self.environment}: {self.word}", *(f"  {problem}" for problem in self.problems)]
        return "\n".join([*lines, *(f"  ({note})" for note in self.notes)])


class Stop(Exception):
    """Nothing more can be asked."""


@dataclass
class Notebook:
    """Where problems and notes gather during a judgement."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def problem(self, word: str, detail: str) -> None:
        self.problems.append(Problem(word, " ".join(detail.split())))

    def stop(self, word: str, detail: str) -> NoReturn:
        """A problem after which nothing more can be asked. Raises Stop."""
        self.problem(word, detail)
        raise Stop
