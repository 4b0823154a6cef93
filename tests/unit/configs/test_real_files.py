"""The collected real configuration files, each held to an expectation that was written by reading it.

Skipped only where the collection is not there: it is too large, and not ours, to be part of this repository.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from configs_support import Project, read

from migrator.model import Outcome

ROOT = Path(__file__).resolve().parents[3]
COLLECTED = ROOT.parent / "shared" / "data" / "configs"
EXPECTED: dict[str, dict[str, Any]] = json.loads((ROOT / "testdata/configs/expectations.json").read_text())

pytestmark = pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collected files are not here")


def rows() -> list[dict[str, Any]]:
    index = COLLECTED / "index.jsonl"
    return [json.loads(line) for line in index.read_text().splitlines()] if index.is_file() else []


def intended(path: str, data: bytes, expected: dict[str, Any]) -> Any:
    """The object that the file shall hold afterwards."""
    whole = read(path, data)
    root = whole[0] if path.endswith((".yaml", ".yml")) else whole
    for pointer, values in expected.get("set", {}).items():
        node = root
        for step in pointer.split("/"):
            node = node[step]
        for key, value in values.items():
            node[int(key) if isinstance(node, list) else key] = value
    return whole


def outcome(tmp_path: Path, row: dict[str, Any]) -> tuple[str, str]:
    """("changed right" | "left right" | "reported" | "wrong", why it is wrong)."""
    expected = EXPECTED[f"{row['n']:03}"]
    data = (COLLECTED / row["file"]).read_bytes()
    project = Project(tmp_path, {row["path"]: data})
    after = project.after(row["path"])
    told = sorted((f.rule, f.place.line) for f in project.findings if f.outcome is not Outcome.FIX)
    wanted = sorted((rule, line) for rule, lines in expected.get("reported", {}).items() for line in lines)
    if told != wanted:
        return "wrong", f"reported {told}, not {wanted}"
    if read(row["path"], after) != intended(row["path"], data, expected):
        return "wrong", "not the intended object"
    problem = stray_lines(data, after, expected)
    if problem:
        return "wrong", problem
    if expected.get("set"):
        return "changed right", ""
    return ("reported" if wanted else "left right"), ""


def stray_lines(before: bytes, after: bytes, expected: dict[str, Any]) -> str:
    """Why a line that nobody meant to change has changed; "" when none has."""
    values = [str(v) for table in expected.get("set", {}).values() for v in table.values()]
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if tag == "delete" or j - i > m - k:
            return f"lines {i + 1} to {j} are gone"
        for line in new[k:m]:
            if not any(json.dumps(v)[1:-1] in line.decode() or v in line.decode() for v in values):
                return f"unexpected line {line!r}"
    return ""


def test_every_collected_file_is_expected() -> None:
    assert {f"{row['n']:03}" for row in rows()} == EXPECTED.keys()


def test_table(tmp_path: Path) -> None:
    """changed right / left right / reported / wrong over all files; wrong must be 0."""
    results = {row["file"]: outcome(tmp_path / str(row["n"]), row) for row in rows()}
    counted = Counter(kind for kind, _ in results.values())
    print(f"\n{len(results)} files: {dict(counted)}")
    assert {file: why for file, (kind, why) in results.items() if kind == "wrong"} == {}
    assert counted["changed right"] == sum(1 for e in EXPECTED.values() if e.get("set"))
    assert len(results) == len(EXPECTED)


def crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def bom(data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


def no_final_newline(data: bytes) -> bytes:
    return data.rstrip(b"\r\n")


def tabs(data: bytes) -> bytes:
    """Indentation with tabs, one for each space."""
    lines = data.split(b"\n")
    return b"\n".join(b"\t" * (len(x) - len(x.lstrip(b" "))) + x.lstrip(b" ") for x in lines)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file as one run leaves it."""
    root = tmp_path_factory.mktemp("plain")
    return {
        row["file"]: Project(root / str(row["n"]), {row["path"]: (COLLECTED / row["file"]).read_bytes()}).after(
            row["path"]
        )
        for row in rows()
    }


@pytest.mark.parametrize("vary", [crlf, bom, no_final_newline, tabs])
def test_the_same_edit_whatever_the_file_looks_like(
    tmp_path: Path, plain: dict[str, bytes], vary: Callable[[bytes], bytes]
) -> None:
    changed = 0
    for row in rows():
        if vary is tabs and row["syntax"] == "yaml":  # YAML has no tabs
            continue
        data = (COLLECTED / row["file"]).read_bytes()
        varied = Project(tmp_path / str(row["n"]), {row["path"]: vary(data)}).after(row["path"])
        assert varied == vary(plain[row["file"]]), row["file"]
        changed += plain[row["file"]] != data
    assert changed > 20


def test_a_second_run_changes_nothing(tmp_path: Path, plain: dict[str, bytes]) -> None:
    for row in rows():
        again = Project(tmp_path / str(row["n"]), {row["path"]: plain[row["file"]]})
        assert again.after(row["path"]) == plain[row["file"]], row["file"]
        assert not again.fixes(), row["file"]
