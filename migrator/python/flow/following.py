"""What is being looked up, from the outermost question inwards, and which of the answers hold for good.

A look-up that meets one which is under way already (a parameter that a function hands to itself) is cut short
there. Everything between the two holds for the moment only, for it lacks what the outer one will find; the outer one
itself, and whatever asked for it, is whole. Tarjan's strongly connected components tell the two apart.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
FRAMES = 5_000  # of Python's, for look-ups within look-ups: each takes about eight, and how deep they go is bounded
NEVER = 1 << 30  # deeper than anything: nothing was cut short


class Following:
    """The look-ups under way. One a run, shared by all that follow values."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, int] = {}  # -> how deep
        self._reaches = NEVER  # how far out the look-ups that cut this one short are: the depth of the outermost
        # What holds for the moment, in the order found; runs of it that depend on the same look-up: (first, its depth).
        self._passing: dict[Hashable, tuple[int, Any, dict[Any, Any]]] = {}  # position, answer, where it would be kept
        self._order: list[Hashable] = []
        self._starts: list[int] = []
        self._depths: list[int] = []
        self._too_much = False

    @property
    def depth(self) -> int:
        """How many look-ups are under way, one within the other."""
        return len(self._under_way)

    @property
    def in_circle(self) -> bool:
        """True where the look-up under way has asked for something that waits for it, or for what asked for it."""
        return self._reaches != NEVER

    def give_up(self, too_much: bool = False) -> None:
        """What is under way lacks something that was too far away: only the outermost answer is kept.

        too_much: all that was found on the way is kept as it is: to look for it again would take as long and end there, too.
        """
        self._reaches = 0
        self._too_much = self._too_much or too_much

    def answer(self, known: dict[Any, T], key: Hashable, look: Callable[[], T], nothing: T) -> T:
        """`known[key]`, or what `look()` finds, kept in `known` when it is whole. `nothing`: the answer of a circle.

        Keys are of one space: two kinds of question must not use the same.
        """
        if key in known:
            return known[key]
        if key in self._passing:
            position, found, _ = self._passing[key]
            self._reaches = min(self._reaches, self._depths[bisect_right(self._starts, position) - 1])
            return found
        if key in self._under_way:
            self._reaches = min(self._reaches, self._under_way[key])
            return nothing
        if not self._under_way:
            limit = sys.getrecursionlimit()
            sys.setrecursionlimit(max(limit, FRAMES))
            try:
                return self._look(known, key, look)
            finally:
                sys.setrecursionlimit(limit)
        return self._look(known, key, look)

    def _look(self, known: dict[Any, T], key: Hashable, look: Callable[[], T]) -> T:
        depth, before, first = len(self._under_way), self._reaches, len(self._order)
        self._under_way[key], self._reaches = depth, NEVER
        whole = True
        try:
            found = look()
            whole = self._reaches >= depth  # cut short by itself alone
        finally:
            del self._under_way[key]
            reaches, self._reaches = self._reaches, before
            while self._starts and self._starts[-1] >= first:
                self._starts.pop()
                self._depths.pop()
            if whole:
                for passed in self._order[first:]:
                    _, answer, kept = self._passing.pop(passed)
                    if self._too_much:
                        kept[passed] = answer
                del self._order[first:]
                self._too_much = self._too_much and depth > 0
        if whole:
            known[key] = found
            return found
        self._passing[key] = (len(self._order), found, known)
        self._order.append(key)
        self._starts.append(first)
        self._depths.append(reaches)
        self._reaches = min(before, reaches)
        return found


__all__ = ["Following"]
