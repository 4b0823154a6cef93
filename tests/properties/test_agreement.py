"""Check, dry run and fix are readings of one plan: they agree on every case, in every policy, for every choice.

What check calls fixable, the fix fixes; the dry run's diff is what is written, byte for byte; check never writes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator import main

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path.parent for path in ROOT.glob("testdata/*/*/before"))
SERVERS = [case for case in CASES if case.parent.name == "cases"]


def options_of(case: Path) -> list[str]:
    """What the case is to be run with, as words of a command line."""
    words = []
    for name in ("case.toml", "options.toml"):
        if (case / name).exists():
            table = tomllib.loads((case / name).read_text(encoding="utf-8"))
            given = table.get("options", {}) if name == "case.toml" else table
            words += [word for key, value in given.items() for word in _words(key.replace("_", "-"), value)]
    return words


def _words(option: str, value: object) -> list[str]:
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    values = value if isinstance(value, list) else [value]
    return [word for one in values for word in (f"--{option.replace('hosts', 'host')}", str(one))]


def copied(case: Path, folder: Path) -> Path:
    """The case's project, with nothing of ours around it."""
    place = folder / "project"
    shutil.copytree(case / "before", place)
    return place


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    status = main.main([*words, "--format", "json"])
    return status, json.loads(capsys.readouterr().out)


def counted(report: dict, outcome: str) -> list[dict]:
    return [f for f in report["findings"] if f["outcome"] == outcome and f["counts"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_they_agree(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = copied(case, tmp_path)
    options, before = options_of(case), bytes_of(project)
    where = str(project)
    status, found = asked(capsys, "check", *options, where)
    fixable, by_hand = counted(found, "fix"), counted(found, "by-hand")
    assert status == (1 if fixable or by_hand else 0)
    assert main.main(["--diff", *options, where]) == 0
    diff = capsys.readouterr().out
    _, planned = asked(capsys, "--dry-run", *options, where)
    assert bytes_of(project) == before
    assert [f["place"] for f in counted(planned, "fix")] == [f["place"] for f in fixable]
    status, done = asked(capsys, *options, where)
    after = bytes_of(project)
    assert status == (1 if by_hand else 0)
    assert {c["path"] for c in planned["changes"]} == {c["path"] for c in done["changes"]}
    assert {path for path in after if after[path] != before.get(path)} == {c["path"] for c in done["changes"]}
    assert patched(case, tmp_path / "patched", diff) == after
    again, left = asked(capsys, "check", *options, where)
    assert counted(left, "fix") == []
    assert again == (1 if counted(left, "by-hand") else 0)
    assert bytes_of(project) == after


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_they_agree_about_some_files_of_a_project(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    case = data.draw(st.sampled_from(SERVERS))
    folder = tmp_path_factory.mktemp("some")
    project = copied(case, folder)
    names = data.draw(st.sets(st.sampled_from(sorted(bytes_of(project))), min_size=1))
    where = [str(project / name) for name in sorted(names)]
    options, before = options_of(case), bytes_of(project)
    _, found = asked(capsys, "check", *options, *where)
    assert {f["place"]["path"] for f in found["findings"]} <= names
    assert main.main(["--diff", *options, *where]) == 0
    diff = capsys.readouterr().out
    assert bytes_of(project) == before
    asked(capsys, *options, *where)
    after = bytes_of(project)
    assert patched(case, folder / "patched", diff) == after
    _, left = asked(capsys, "check", *options, *where)
    assert counted(left, "fix") == []


def patched(case: Path, folder: Path, diff: str) -> dict[str, bytes]:
    """The case's files with the diff applied by git, not by us."""
    folder.mkdir()
    project = copied(case, folder)
    patch = folder / "the.patch"
    patch.write_bytes(diff.encode("utf-8", "surrogateescape"))
    if diff:
        subprocess.run(["git", "apply", "--unsafe-paths", str(patch)], cwd=project, check=True, capture_output=True)
    return bytes_of(project)
