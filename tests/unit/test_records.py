"""Records behave as the dataclasses that they stand in for."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import pytest

from migrator.records import record


def pair(**options: bool) -> tuple[type, type]:
    """The same class as a record and as a dataclass."""
    made = []
    for decorator in (record, dataclass):

        class Thing:
            """A thing."""

            name: str
            size: int = 1
            seen: list[int] = field(default_factory=list, compare=False, repr=False)

        made.append(decorator(**options)(Thing))
    return made[0], made[1]


def outcomes(cls: Any) -> list[object]:
    one, same, other = cls("a"), cls("a", 1, [2]), cls("a", 2)
    try:
        hashes = hash(one) == hash(same)
    except TypeError:
        hashes = None
    return [
        *(one == same, one != other, one == "a", one == ("a", 1)),
        hashes,
        repr(one),
        repr(replace(one, size=3)),
        [f.name for f in fields(cls)],
        one.seen is not cls("a").seen,
    ]


@pytest.mark.parametrize("options", [{}, {"frozen": True}, {"eq": False}, {"frozen": True, "eq": False}])
def test_a_record_does_what_a_dataclass_does(options: dict[str, bool]) -> None:
    ours, theirs = pair(**options)
    assert outcomes(ours) == outcomes(theirs)


def test_records_of_two_classes_with_the_same_values_differ() -> None:
    @record(frozen=True)
    class One:
        a: int

    @record(frozen=True)
    class Two:
        a: int

    assert One(1) != Two(1)
    assert len({One(1), Two(1), One(1)}) == 2


def test_a_record_without_fields_and_one_that_inherits() -> None:
    @record(frozen=True)
    class Empty:
        pass

    @record(frozen=True)
    class Child(Empty):
        a: int = 1

    assert Empty() == Empty() != Child()
    assert Child(2) in {Child(2)}
    assert repr(Child()).endswith("Child(a=1)")
