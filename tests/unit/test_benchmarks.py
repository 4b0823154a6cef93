"""The benchmark measures what it says: the same tree everywhere, and ratios of medians."""

import sys
from pathlib import Path

from benchmarks import measure, tree
from migrator.scan import scan
from migrator.settings import Settings


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_the_tree_is_the_same_every_time(tmp_path: Path) -> None:
    tree.build(tmp_path / "a", 120, 3)
    tree.build(tmp_path / "b", 120, 3)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert len(contents(tmp_path / "a")) == 120


def test_its_servers_and_nothing_else_are_hits(tmp_path: Path) -> None:
    tree.build(tmp_path / "a", 120, 3)
    found = scan(tmp_path / "a", Settings()).hits
    assert list(found) == ["python"]
    assert len(found["python"]) == 3


def test_contenders_run_in_turn_and_are_compared_by_their_medians(tmp_path: Path) -> None:
    log = tmp_path / "log"
    write = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    first, second = (measure.Contender(n, [sys.executable, "-c", write, str(log), n], (0,)) for n in "ab")
    measure.race([first, second], 2, tmp_path, 60)
    assert log.read_text() == "ababab"
    assert len(first.wall) == len(second.cpu) == 2
    first.wall, second.wall, first.cpu, second.cpu = [1.0, 3.0, 1.1], [2.2, 2.2], [1.0], [4.0]
    second.peak = 2**20
    row = measure.table([first, second], first).splitlines()[2].split()
    assert row[:2] == ["b", "2200"]
    assert row[3:6] == ["1024", "2.00", "4.00"]


def test_a_contender_that_fails_or_hangs_is_said_to(tmp_path: Path) -> None:
    broken = measure.Contender("broken", [sys.executable, "-c", "raise SystemExit(3)"], (0,))
    measure.race([broken], 1, tmp_path, 60)
    assert broken.failure == "exit status 3"
    slow = measure.Contender("slow", [sys.executable, "-c", "import time; time.sleep(60)"])
    measure.once(slow, tmp_path, 0.3)
    assert slow.failure == "stopped after 0 s"
    assert slow.wall[0] < 30
