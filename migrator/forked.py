"""The same work in several processes, each on its own share. Imports nothing but os: a clean run passes through here.

    results = forked.run(work, forked.worth(len(jobs)))      # work(number, tell) -> what marshal can write

A bare fork costs half a millisecond, so it pays from a few thousand files on; pools of processes cost fifty times that.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Work = Callable[[int, Callable[[], object]], Any]

MANY = 2000  # jobs (files) from which on a second process pays
MOST = 4
_TOLD = b"!"


def worth(jobs: int, many: int = MANY) -> int:
    """How many processes pay for so many jobs: 1 below `many`, where none can be forked, and where threads may hold locks."""
    import sys

    threading = sys.modules.get("threading")
    if jobs < many or not hasattr(os, "fork") or (threading and threading.active_count() > 1):
        return 1
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, available)


def run(work: Work, count: int, meanwhile: Callable[[], None] | None = None) -> list[Any]:
    """`[work(0, tell), work(1, tell), ...]`, `count` of them, each in a process of its own when there is more than one.

    meanwhile: called once, in this process, when the first of them calls `tell()`, which each does once at most.
    A process that fails is done without: its share is worked on here, and what that raises is raised.
    """
    if count == 1:
        return [work(0, _nothing)]
    children = [_start(work, number) for number in range(count)]
    contents = _gathered([reader for _, reader in children], meanwhile)
    results = []
    for number, (child, reader) in enumerate(children):
        _, status = os.waitpid(child, 0)
        results.append(_loaded(contents[reader]) if status == 0 else work(number, _nothing))
    return results


def _nothing() -> None:
    pass


def _start(work: Work, number: int) -> tuple[int, int]:
    """A child that works on share `number`: its process and the pipe that its result comes through."""
    import marshal

    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    status = 1
    try:
        os.close(reader)
        result = work(number, lambda: os.write(writer, _TOLD))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(marshal.dumps(result))
        status = 0
    finally:
        os._exit(status)


def _loaded(content: bytes) -> Any:
    import marshal

    return marshal.loads(content.removeprefix(_TOLD))


def _gathered(readers: list[int], meanwhile: Callable[[], None] | None) -> dict[int, bytes]:
    """All that comes through the pipes, until every one is closed."""
    import select

    contents = dict.fromkeys(readers, b"")
    pieces: dict[int, list[bytes]] = {reader: [] for reader in readers}
    while pieces:
        for reader in select.select(list(pieces), [], [])[0]:
            piece = os.read(reader, 1 << 20)
            if not piece:
                contents[reader] = b"".join(pieces.pop(reader))
                os.close(reader)
                continue
            pieces[reader].append(piece)
            if meanwhile is not None and piece.startswith(_TOLD):  # nothing that marshal writes begins so
                told, meanwhile = meanwhile, None
                told()
    return contents
