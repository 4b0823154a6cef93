"""Work that is shared out among processes."""

from __future__ import annotations

import os
import threading

import pytest

from migrator import forked

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes can't be forked here")


@posix
@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_share_is_worked_on_in_order(count: int) -> None:
    numbers = list(range(10))
    shares = forked.run(lambda n, tell: [x * x for x in numbers[n::count]], count)
    assert len(shares) == count
    assert sorted(x for share in shares for x in share) == [x * x for x in numbers]


@posix
def test_shares_are_worked_on_elsewhere() -> None:
    assert os.getpid() not in forked.run(lambda n, tell: os.getpid(), 2)
    assert forked.run(lambda n, tell: os.getpid(), 1) == [os.getpid()]


@posix
def test_what_is_long_comes_through_whole() -> None:
    assert forked.run(lambda n, tell: b"!" * (n + 1) * 1_000_000, 2) == [b"!" * 1_000_000, b"!" * 2_000_000]


@posix
def test_meanwhile_is_called_once_when_somebody_tells() -> None:
    called: list[int] = []

    def work(number: int, tell: object) -> int:
        tell()  # type: ignore[operator]
        return number

    assert forked.run(work, 3, lambda: called.append(os.getpid())) == [0, 1, 2]
    assert called == [os.getpid()]


@posix
def test_meanwhile_is_not_called_when_nobody_tells() -> None:
    called: list[int] = []
    assert forked.run(lambda n, tell: "!told", 2, lambda: called.append(1)) == ["!told", "!told"]
    assert called == []


@posix
def test_the_share_of_a_process_that_fails_is_worked_on_here() -> None:
    here = os.getpid()

    def work(number: int, tell: object) -> int:
        if number == 1 and os.getpid() != here:
            os.kill(os.getpid(), 9)
        return number

    assert forked.run(work, 2) == [0, 1]


@posix
def test_what_fails_here_as_well_is_raised() -> None:
    def work(number: int, tell: object) -> int:
        raise ValueError(f"share {number}")

    with pytest.raises(ValueError, match="share 0"):
        forked.run(work, 2)


def test_few_files_are_not_shared_out() -> None:
    assert forked.worth(forked.MANY - 1) == 1


def test_nothing_is_forked_beside_threads() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert forked.worth(forked.MANY * 10) == 1
    finally:
        stop.set()
        thread.join()
