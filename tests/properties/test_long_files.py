"""A file far longer than people write: slow, but done, and nothing lost."""

import ast
import time
from pathlib import Path

import pytest

from migrator import main
from migrator.python.rewrite.edits import EnsureImport, Operation, WrapExpr
from migrator.python.rewrite.transform import apply_operations
from tests.unit.python.rewriting import PATH, Finder

LONG = (
    b'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x")\n'
    + b"value = 1  # sse\n" * 60_000
    + b'mcp.run(transport="sse")\n'
)


def test_a_file_of_sixty_thousand_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "long.py").write_bytes(LONG)
    assert main.main(["."]) == 0
    said = capsys.readouterr()
    assert "long.py" in said.out
    assert said.err == ""
    before, after = LONG.splitlines(), (tmp_path / "long.py").read_bytes().splitlines()
    assert b'mcp.run(transport="streamable-http")' in after
    assert (
        sum(line == b"value = 1  # sse" for line in after)
        == sum(line == b"value = 1  # sse" for line in before)
        == 60_000
    )


def test_a_long_file_takes_seconds() -> None:
    block = "def f{0}(a, b):\n    if a > {0}:\n        return g(a, b=[1, 2])\n    x = a.b(c)\n    return x\n\n"
    source = "import g\n" + "".join(block.format(i) for i in range(900))
    finder = Finder(source.encode())
    calls = [n for n in ast.walk(finder.module.tree) if isinstance(n, ast.Call)][::100]
    operations: list[Operation] = [WrapExpr(finder.module.at(call), "w(", ")") for call in calls]
    started = time.process_time()
    result = apply_operations(PATH, source.encode(), [*operations, EnsureImport(PATH, "m", "w")])
    assert time.process_time() - started < 10  # about 1.5 on the machine this was written on
    assert result.count(b"w(") == len(calls)
