"""The diff format: real git takes it and arrives at exactly the planned bytes."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model import FileChange, Plan
from migrator.reports import ReportOptions, diff
from migrator.reports.hunks import counts, hunks, lines

GIT = ["git", "-c", "core.autocrlf=false", "-c", "user.name=t", "-c", "user.email=t@t.invalid"]


def apply_with_git(folder, changes, below=""):
    """What the files hold after `git apply` ran in `folder/below` with the diff of `changes`."""
    root = folder / below
    root.mkdir(parents=True, exist_ok=True)
    for change in changes:
        (root / change.path).parent.mkdir(parents=True, exist_ok=True)
        if not change.created:
            (root / change.path).write_bytes(change.before)
    if not (folder / ".git").exists():
        subprocess.run([*GIT, "init", "-q"], cwd=folder, check=True)
    text = diff.render(Plan(root=str(root), changes=tuple(changes)), ReportOptions())
    patch = text.encode("utf-8", "surrogateescape")  # as printing.py writes it
    for step in ("--check", "--verbose"):
        done = subprocess.run([*GIT, "apply", step, "-"], cwd=root, input=patch, capture_output=True, check=False)
        assert done.returncode == 0, (done.stderr, patch)
    return [(root / change.path).read_bytes() for change in changes]


LONG = b"".join(b"line %d\n" % n for n in range(400))
CASES = {
    "plain": (b"a\nb\nc\n", b"a\nB\nc\n"),
    "no final newline before": (b"a\nb", b"a\nb\n"),
    "no final newline after": (b"a\nb\n", b"a\nc"),
    "no final newline in both": (b"a\nb", b"c\nb"),
    "CRLF": (b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
    "mixed line endings": (b"a\r\nb\nc\r\n", b"a\r\nB\r\nc\r\n"),
    "only carriage returns": (b"a\rb\rc", b"a\rB\rc"),
    "BOM": (b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfa\nc\n"),
    "latin-1": ("é\nsse\n".encode("latin-1"), "é\nhttp\n".encode("latin-1")),
    "form feed and separators": (b"a\x0cb\n\x1c\nsse\n", b"a\x0cb\n\x1c\nhttp\n"),
    "from empty": (b"", b"a\n"),
    "to empty": (b"a\n", b""),
    "first and last line": (b"a\n" + LONG + b"z\n", b"A\n" + LONG + b"Z\n"),
    "far apart": (LONG, LONG.replace(b"line 20\n", b"").replace(b"line 300\n", b"x\ny\n")),
    "insert at the start": (b"a\n", b"x\na\n"),
}


@pytest.mark.parametrize("before, after", CASES.values(), ids=CASES.keys())
def test_git_arrives_at_the_planned_bytes(tmp_path, before, after):
    assert apply_with_git(tmp_path, [FileChange("src/server.py", before, after)]) == [after]


def test_utf16_file(tmp_path):
    before, after = "a\r\nsse\r\n".encode("utf-16"), "a\r\nhttp\r\n".encode("utf-16")
    assert apply_with_git(tmp_path, [FileChange("mcp.json", before, after)]) == [after]


@pytest.mark.parametrize("path", ["with space.py", 'quote".py', "tab\t.py", "back\\slash.py", "ünïcode.py", "-dash"])
def test_names_that_need_care(tmp_path, path):
    changes = [FileChange(path, b"a\n", b"b\n"), FileChange("other.py", b"1\n", b"2\n")]
    assert apply_with_git(tmp_path, changes) == [b"b\n", b"2\n"]


def test_new_files(tmp_path):
    change = FileChange("app/new file.py", b"", b"a\nb", created=True)
    assert apply_with_git(tmp_path, [change]) == [b"a\nb"]


def test_a_root_below_the_work_tree(tmp_path):
    """git passes over paths that don't begin with the folder it runs in; ours must not be passed over."""
    changes = [FileChange("server.py", b"a\n", b"b\n"), FileChange("new.py", b"", b"x\n", created=True)]
    assert apply_with_git(tmp_path, changes, below="services/weather") == [b"b\n", b"x\n"]


def test_nothing_for_a_file_that_stays():
    assert diff.unified(FileChange("a.py", b"a\n", b"a\n")) == ""


def test_far_changes_are_hunks_of_their_own():
    old = [f"{n}\n" for n in range(100)]
    new = ["x\n", *old[1:50], "y\n", *old[51:]]
    assert [h.header for h in hunks(old, new)] == ["@@ -1,4 +1,4 @@", "@@ -48,7 +48,7 @@"]
    assert counts(old, new) == (2, 2)


def test_a_long_file_is_quick():
    """60,000 lines with a change at each end: no more than a few seconds."""
    old = [f"line {n % 7} {n}\n" for n in range(60_000)]
    new = ["import x\n", *old[:59_000], "y\n", *old[59_001:]]
    assert len(hunks(old, new)) == 2


text_lines = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\n", "d\n"]), max_size=25)


@given(text_lines, text_lines, st.sampled_from(["", "end"]), st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_hunks_lead_from_old_to_new(old, new, end, context):
    """Taking the hunks' new lines for their old ones gives the new text, whatever the texts are."""
    before, after = lines("".join(old)), lines("".join(new) + end)
    rebuilt, done = [], 0
    for hunk in hunks(before, after, context):
        rebuilt += before[done : hunk.old.start]
        assert len(rebuilt) == hunk.new.start
        for block in hunk.blocks:
            if block.same:
                assert [before[n] for n in block.old] == [after[n] for n in block.new]
            rebuilt += [after[n] for n in block.new]
        done = hunk.old.stop
    assert rebuilt + before[done:] == after
