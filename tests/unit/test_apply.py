"""Writing: atomic per file, all or nothing per unit, and only what git could bring back."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from migrator import files
from migrator.apply import Applied, apply, groups, refusals
from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Place, Plan, Severity
from migrator.settings import Settings

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are those of POSIX")


def change(path: str, before: str = "old\n", after: str = "new\n", *units: str, created: bool = False) -> FileChange:
    return FileChange(path, b"" if created else before.encode(), after.encode(), units, created)


def put(root: Path, *paths: str, content: str = "old\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8", newline="")


def plan_of(root: Path, *changes: FileChange, **more: object) -> Plan:
    return Plan(str(root), changes=changes, **more)  # type: ignore[arg-type]


def run(root: Path, *changes: FileChange, **settings: object) -> Applied:
    return apply(plan_of(root, *changes), root, Settings(**settings))  # type: ignore[arg-type]


def leftovers(root: Path) -> list[Path]:
    return list(root.rglob(f"{files.PREFIX}*"))


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_files_are_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "b/c.py")
    applied = run(tmp_path, change("a.py"), change("b/c.py"))
    assert applied.written == ("a.py", "b/c.py")
    assert applied.refused == ()
    assert (tmp_path / "b/c.py").read_text() == "new\n"
    assert leftovers(tmp_path) == []


def test_a_new_file_with_its_folders(tmp_path: Path) -> None:
    assert run(tmp_path, change("x/y/new.py", created=True)).written == ("x/y/new.py",)
    assert (tmp_path / "x/y/new.py").read_text() == "new\n"


def test_a_new_file_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    put(tmp_path, "new.py", content="mine\n")
    assert run(tmp_path, change("new.py", created=True)).refused[0].path == "new.py"
    assert (tmp_path / "new.py").read_text() == "mine\n"


@posix
@pytest.mark.parametrize("mode", [0o755, 0o640, 0o600, 0o664])
def test_the_mode_stays(tmp_path: Path, mode: int) -> None:
    put(tmp_path, "run")
    (tmp_path / "run").chmod(mode)
    run(tmp_path, change("run"))
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == mode


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser can give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    put(tmp_path, "a.py")
    os.chown(tmp_path / "a.py", 12345, 54321)
    run(tmp_path, change("a.py"))
    assert ((tmp_path / "a.py").stat().st_uid, (tmp_path / "a.py").stat().st_gid) == (12345, 54321)


def test_a_file_that_changed_since_it_was_read_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.py", content="edited\n")
    applied = run(tmp_path, change("a.py"))
    assert applied.written == ()
    assert "changed by something else" in applied.refused[0].reason
    assert (tmp_path / "a.py").read_text() == "edited\n"


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    assert "not there any more" in run(tmp_path, change("a.py")).refused[0].reason


@posix
class TestLinks:
    def test_out_of_the_tree_is_refused(self, tmp_path: Path) -> None:
        project = tmp_path / "project"
        project.mkdir()
        put(tmp_path, "outside.py")
        (project / "link.py").symlink_to(tmp_path / "outside.py")
        applied = run(project, change("link.py"))
        assert "out of the project" in applied.refused[0].reason
        assert (tmp_path / "outside.py").read_text() == "old\n"

    def test_through_a_folder_out_of_the_tree_is_refused(self, tmp_path: Path) -> None:
        project = tmp_path / "project"
        project.mkdir()
        put(tmp_path, "other/s.py")
        (project / "pkg").symlink_to(tmp_path / "other", target_is_directory=True)
        assert run(project, change("pkg/s.py")).written == ()
        assert (tmp_path / "other/s.py").read_text() == "old\n"

    def test_inside_the_tree_the_real_file_is_written_and_the_link_stays(self, tmp_path: Path) -> None:
        put(tmp_path, "real.py")
        (tmp_path / "link.py").symlink_to("real.py")
        assert run(tmp_path, change("link.py")).written == ("link.py",)
        assert (tmp_path / "link.py").is_symlink()
        assert (tmp_path / "real.py").read_text() == "new\n"

    def test_a_loop_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").symlink_to("a.py")
        assert "can't be reached" in run(tmp_path, change("a.py")).refused[0].reason

    def test_a_root_given_by_a_link(self, tmp_path: Path) -> None:
        put(tmp_path, "project/a.py")
        (tmp_path / "short").symlink_to("project", target_is_directory=True)
        assert run(tmp_path / "short", change("a.py")).written == ("a.py",)


@posix
def test_a_read_only_file_is_refused_even_for_the_superuser(tmp_path: Path) -> None:
    put(tmp_path, "a.py")
    (tmp_path / "a.py").chmod(0o444)
    assert "read-only" in run(tmp_path, change("a.py")).refused[0].reason


def test_a_read_only_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "d/a.py")
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "d" and access(path, mode))
    assert "read-only folder" in run(tmp_path, change("d/a.py")).refused[0].reason


def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.py")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    applied = run(tmp_path, change("a.py"), change("x/new.py", created=True))
    assert [r.reason for r in applied.refused] == ["can't be written: No space left on device"] * 2
    assert (tmp_path / "a.py").read_text() == "old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.py"]


class TestUnits:
    def test_one_refused_file_keeps_its_unit_and_no_other(self, tmp_path: Path) -> None:
        put(tmp_path, "a.py", "b.py", "c.py")
        put(tmp_path, "b.py", content="edited\n")
        applied = run(
            tmp_path, change("a.py", "old\n", "new\n", "u1"), change("b.py", "old\n", "new\n", "u1"), change("c.py")
        )
        assert applied.written == ("c.py",)
        assert applied.refused[0].units == ("u1",)
        assert applied.refused[0].paths == ("a.py", "b.py")
        assert (tmp_path / "a.py").read_text() == "old\n"

    def test_units_that_share_a_file_are_one_group(self) -> None:
        found = groups(
            [
                change("a", "", "", "u1"),
                change("b", "", "", "u2"),
                change("c", "", "", "u1", "u2"),
                change("d", "", "", "u3"),
                change("e"),
                change("f"),
            ]
        )
        assert sorted([c.path for c in g] for g in found) == [["a", "b", "c"], ["d"], ["e"], ["f"]]

    def test_what_follows_a_unit_waits_for_it(self, tmp_path: Path) -> None:
        put(tmp_path, "Dockerfile", "README.md")
        put(tmp_path, "s.py", content="edited\n")
        follower = FileChange("Dockerfile", b"old\n", b"new\n", ("part-0",), follows=("u",))
        command = Finding("MCP501", Severity.WARNING, Outcome.FIX, Place("Dockerfile", 1), "passes sse", unit="u")
        plan = plan_of(
            tmp_path, follower, change("s.py", "old\n", "new\n", "u"), change("README.md"), findings=(command,)
        )
        told = refusals(plan, tmp_path, Settings())
        applied = apply(plan, tmp_path, Settings())
        assert applied.written == ("README.md",)
        assert [r.path for r in applied.refused] == ["s.py", "Dockerfile"]
        assert "changes together with s.py" in applied.refused[1].reason
        assert applied.plan.findings[0].outcome is Outcome.BY_HAND
        assert told == applied.refused

    def test_a_unit_does_not_wait_for_what_follows(self, tmp_path: Path) -> None:
        put(tmp_path, "s.py")
        put(tmp_path, "Dockerfile", content="edited\n")
        follower = FileChange("Dockerfile", b"old\n", b"new\n", ("part-0",), follows=("u",))
        command = Finding("MCP501", Severity.WARNING, Outcome.FIX, Place("Dockerfile", 1), "passes sse", unit="u")
        server = Finding("MCP101", Severity.WARNING, Outcome.FIX, Place("s.py", 1), "runs over sse", unit="u")
        plan = plan_of(tmp_path, follower, change("s.py", "old\n", "new\n", "u"), findings=(server, command))
        applied = apply(plan, tmp_path, Settings())
        assert applied.written == ("s.py",)
        assert [f.outcome for f in applied.plan.findings] == [Outcome.FIX, Outcome.BY_HAND]

    @pytest.mark.parametrize("failing", [0, 1, 2])
    def test_a_failure_in_the_middle_puts_everything_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
    ) -> None:
        names = ["a.py", "b.py", "new/c.py"]
        put(tmp_path, "a.py", "b.py")
        replaced, calls = os.replace, []

        def breaking(source: Path, target: Path) -> None:
            calls.append(target)
            if len(calls) == failing + 1:
                raise OSError(5, "Input/output error")
            replaced(source, target)

        monkeypatch.setattr(os, "replace", breaking)
        applied = run(tmp_path, *(change(n, "old\n", "new\n", "u", created="c" in n) for n in names))
        assert applied.written == ()
        assert applied.refused[0].path == names[failing]
        assert (tmp_path / "a.py").read_text() == (tmp_path / "b.py").read_text() == "old\n"
        assert not (tmp_path / "new").exists()
        assert leftovers(tmp_path) == []

    def test_an_interrupt_puts_everything_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(tmp_path, "a.py", "b.py")
        replaced, calls = os.replace, []

        def interrupted(source: Path, target: Path) -> None:
            calls.append(target)
            if len(calls) == 2:
                raise KeyboardInterrupt
            replaced(source, target)

        monkeypatch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, change("a.py", "old\n", "new\n", "u"), change("b.py", "old\n", "new\n", "u"))
        assert (tmp_path / "a.py").read_text() == "old\n"
        assert leftovers(tmp_path) == []

    def test_what_cannot_be_put_back_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(tmp_path, "a.py", "b.py")
        replaced, calls = os.replace, []

        def dying(source: Path, target: Path) -> None:
            calls.append(target)
            if len(calls) > 1:
                raise OSError(5, "Input/output error")
            replaced(source, target)

        monkeypatch.setattr(os, "replace", dying)
        refused = run(tmp_path, change("a.py", "old\n", "new\n", "u"), change("b.py", "old\n", "new\n", "u")).refused
        assert "could not be put back as they were: a.py" in refused[0].reason


def test_what_was_refused_is_by_hand_in_the_plan(tmp_path: Path) -> None:
    put(tmp_path, "a.py", content="edited\n")
    put(tmp_path, "b.json")
    fix = Finding("MCP101", Severity.WARNING, Outcome.FIX, Place("a.py", 1), "runs over SSE", unit="u")
    alone = Finding("MCP301", Severity.WARNING, Outcome.FIX, Place("b.json", 1), "sse")
    endpoint = Endpoint("a.py:mcp", "u", "official-1", Place("a.py", 1), "", "", "/sse", "/mcp")
    plan = plan_of(
        tmp_path,
        change("a.py", "old\n", "new\n", "u"),
        change("b.json"),
        findings=(fix, alone),
        endpoints=(endpoint,),
        units=(MoveUnit("u", ("a.py:mcp",), True),),
        regenerate=("uv lock",),
    )
    after = apply(plan, tmp_path, Settings()).plan
    assert [(f.outcome, f.place.path) for f in after.findings] == [(Outcome.BY_HAND, "a.py"), (Outcome.FIX, "b.json")]
    assert "a.py was changed by something else" in after.findings[0].instruction
    assert not after.endpoints[0].moved
    assert not after.units[0].moved and after.units[0].step == "apply"
    assert [c.path for c in after.changes] == ["b.json"]
    assert after.regenerate == ("uv lock",)


class TestGit:
    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        git(tmp_path, "init", "-q")
        put(tmp_path, "a.py", "b.py", "sub/c.py")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "x")
        return tmp_path

    def test_committed_files_are_written(self, tree: Path) -> None:
        assert run(tree, change("a.py")).written == ("a.py",)

    def test_a_dirty_file_is_refused_and_the_rest_is_done(self, tree: Path) -> None:
        put(tree, "a.py", content="edited\n")
        applied = run(tree, change("a.py", before="edited\n"), change("b.py"))
        assert applied.written == ("b.py",)
        assert "--allow-dirty" in applied.refused[0].reason

    def test_allow_dirty(self, tree: Path) -> None:
        put(tree, "a.py", content="edited\n")
        assert run(tree, change("a.py", before="edited\n"), allow_dirty=True).written == ("a.py",)

    def test_staged_is_fine(self, tree: Path) -> None:
        put(tree, "a.py", content="edited\n")
        git(tree, "add", "a.py")
        assert run(tree, change("a.py", before="edited\n")).written == ("a.py",)

    def test_an_untracked_file_is_refused(self, tree: Path) -> None:
        put(tree, "new.py")
        assert "not known to git" in run(tree, change("new.py")).refused[0].reason

    def test_our_own_last_output_is_recognised(self, tree: Path) -> None:
        run(tree, change("a.py"))
        assert run(tree, change("a.py", before="new\n", after="newer\n")).written == ("a.py",)

    def test_our_output_that_somebody_edited_is_not(self, tree: Path) -> None:
        run(tree, change("a.py"))
        put(tree, "a.py", content="edited\n")
        assert run(tree, change("a.py", before="edited\n")).written == ()

    def test_a_subfolder_recognises_what_the_whole_wrote(self, tree: Path) -> None:
        run(tree, change("sub/c.py"))
        assert run(tree / "sub", change("c.py", before="new\n", after="newer\n")).written == ("c.py",)

    def test_a_dirty_file_in_a_subfolder(self, tree: Path) -> None:
        put(tree, "sub/c.py", content="edited\n")
        assert run(tree / "sub", change("c.py", before="edited\n")).written == ()

    def test_line_endings_that_git_converts_are_not_dirt(self, tree: Path) -> None:
        git(tree, "config", "core.autocrlf", "true")
        (tree / "a.py").unlink()
        git(tree, "checkout", "a.py")
        content = (tree / "a.py").read_bytes().decode()
        assert content == "old\r\n"
        assert run(tree, change("a.py", before=content, after="new\r\n")).written == ("a.py",)

    def test_the_note_lies_inside_git(self, tree: Path) -> None:
        run(tree, change("a.py"))
        status = subprocess.run(
            ["git", "-C", str(tree), "status", "--porcelain"], capture_output=True, text=True, check=True
        )
        assert status.stdout == " M a.py\n"

    def test_a_file_that_git_ignores_is_the_users_own_affair(self, tree: Path) -> None:
        put(tree, ".gitignore", content=".env\n")
        put(tree, ".env")
        assert run(tree, change(".env")).written == (".env",)


class TestRefusals:
    def test_nothing_is_written(self, tmp_path: Path) -> None:
        put(tmp_path, "a.py")
        stamp = tmp_path.stat().st_mtime_ns
        plan = plan_of(tmp_path, change("a.py"), change("x/new.py", created=True))
        assert refusals(plan, tmp_path, Settings()) == ()
        assert tmp_path.stat().st_mtime_ns == stamp
        assert (tmp_path / "a.py").read_text() == "old\n"

    def test_what_apply_would_refuse_is_told(self, tmp_path: Path) -> None:
        put(tmp_path, "a.py", content="edited\n")
        told = refusals(plan_of(tmp_path, change("a.py")), tmp_path, Settings())
        assert told == run(tmp_path, change("a.py")).refused


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "d"]), st.tuples(st.binary(max_size=40), st.binary(max_size=40)), min_size=1
    ),
    st.sets(st.sampled_from(["a", "b", "c", "d"])),
    st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.sets(st.sampled_from(["u", "v"]))),
)
def test_every_group_is_wholly_old_or_wholly_new(
    tmp_path_factory: pytest.TempPathFactory,
    contents: dict[str, tuple[bytes, bytes]],
    edited: set[str],
    units: dict[str, set[str]],
) -> None:
    root = tmp_path_factory.mktemp("tree")
    changes = [FileChange(n, old, new, tuple(sorted(units.get(n, ())))) for n, (old, new) in contents.items()]
    for name, (old, _) in contents.items():
        (root / name).write_bytes(old + b"!" if name in edited else old)
    applied = apply(plan_of(root, *changes), root, Settings())
    for group in groups(changes):
        stopped = any(c.path in edited for c in group)
        for c in group:
            expected = (c.before + b"!" if c.path in edited else c.before) if stopped else c.after
            assert (root / c.path).read_bytes() == expected
            assert (c.path in applied.written) != stopped
    assert leftovers(root) == []
