"""Answers in circles: each is everything that can be reached, whatever is asked first, and is looked up once."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from migrator.python.flow.following import Following


class Graph:
    """What a node says is its own name and what the nodes say that it names."""

    def __init__(self, edges: dict[int, list[int]]) -> None:
        self.edges = edges
        self.following = Following()
        self.known: dict[int, frozenset[int]] = {}
        self.looked: Counter[int] = Counter()

    def of(self, node: int) -> frozenset[int]:
        return self.following.answer(self.known, node, lambda: self._look(node), frozenset())

    def _look(self, node: int) -> frozenset[int]:
        self.looked[node] += 1
        return frozenset([node]).union(*map(self.of, self.edges[node]))

    def reached(self, node: int) -> set[int]:
        seen, todo = {node}, [node]
        while todo:
            new = set(self.edges[todo.pop()]) - seen
            seen |= new
            todo += new
        return seen


@pytest.mark.parametrize("seed", range(60))
def test_an_answer_is_all_that_can_be_reached_whatever_is_asked_first(seed: int) -> None:
    chance = random.Random(seed)
    nodes = range(chance.randint(2, 14))
    graph = Graph({n: chance.choices(nodes, k=chance.randint(0, 3)) for n in nodes})
    for node in chance.choices(nodes, k=20):
        assert graph.of(node) == graph.reached(node)
    assert graph.following.depth == 0


def test_what_asks_for_a_circle_and_is_none_of_it_is_looked_up_once() -> None:
    graph = Graph({0: [1], 1: [2], 2: [3], 3: [2, 4], 4: []})
    graph.of(0)
    assert set(graph.known) == {0, 1, 2, 4}  # 3 lacked what 2 had not found yet
    for node in range(5):
        graph.of(node)
    assert graph.looked == {0: 1, 1: 1, 2: 1, 3: 2, 4: 1}


def test_a_long_ladder_of_circles_is_not_climbed_again_from_every_rung() -> None:
    size = 150
    graph = Graph({n: [max(n - 1, 0), min(n + 1, size - 1), min(n + 2, size - 1)] for n in range(size)})
    graph.of(0)
    assert max(graph.looked.values()) == 1


def test_an_answer_that_was_given_up_is_kept_for_the_outermost_question_alone() -> None:
    following, known = Following(), dict[str, int]()

    def inner() -> int:
        following.give_up()
        return 1

    def outer() -> int:
        return following.answer(known, "inner", inner, 0) + 1

    assert following.answer(known, "outer", outer, 0) == 2
    assert known == {"outer": 2}


def test_what_took_too_much_is_not_looked_for_again() -> None:
    following, known, looked = Following(), dict[str, int](), Counter[str]()

    def inner() -> int:
        looked["inner"] += 1
        following.give_up(too_much=True)
        return 1

    for outer in ("a", "b"):
        following.answer(known, outer, lambda: following.answer(known, "inner", inner, 0) + 1, 0)
    assert looked["inner"] == 1 and known == {"a": 2, "b": 2, "inner": 1}


def test_a_look_up_that_fails_leaves_nothing_under_way() -> None:
    following, known = Following(), dict[str, int]()

    def fails() -> int:
        raise ValueError

    def circle() -> int:
        following.answer(known, "c", lambda: following.answer(known, "a", circle, 0), 0)
        return following.answer(known, "b", fails, 0)

    with pytest.raises(ValueError):
        following.answer(known, "a", circle, 0)
    assert following.depth == 0 and not following.in_circle and not known
    assert [following.answer(known, key, lambda: 3, 0) for key in "bc"] == [3, 3]
