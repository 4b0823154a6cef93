"""Questions to git about a work tree. Reads only; no answer (None) wherever git is absent or refuses.

Imports nothing but os: a clean run asks git for the list of files before anything else is imported.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from collections.abc import Sequence

# The repository's own configuration must not make git start a program of its own while we only look.
QUIET = ("-c", "core.fsmonitor=false", "-c", "core.quotepath=false")
# Set inside hooks, and wrong for a path that is not the hook's repository. GIT_INDEX_FILE stays: during
# `git commit FILE` it names the index that is being committed.
UNWANTED = ("GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF", "GIT_LITERAL_PATHSPECS")
DIFF = ("diff", "--name-only", "-z", "--relative", "--no-ext-diff", "--no-textconv", "--ignore-submodules")
UNTRACKED = ("ls-files", "-z", "-o", "--exclude-standard")
BATCH = 500  # paths in one question: command lines have a limit


def toplevel(folder: str) -> str | None:
    """The work tree that `folder` (absolute) lies in, by looking for .git upwards."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def files(root: str) -> list[str] | None:
    """Paths below `root` that are tracked, or neither tracked nor ignored; relative to it, sorted by git.

    None outside a work tree, and where git knows no file (the root itself is ignored, or it holds none).
    A folder that is a repository of its own is listed as "name/" or "name".
    """
    if toplevel(root) is None:
        return None
    out = run(root, "ls-files", "-z", "-c", "-o", "--exclude-standard")
    if not out:
        return None
    return list(dict.fromkeys(_split(out)))  # in the middle of a merge a path is listed once a side


def unsaved(root: str, paths: Sequence[str]) -> dict[str, str] | None:
    """Those of `paths` whose working copy is not in the index: "changed" or "untracked". None without git."""
    if toplevel(root) is None:
        return None
    found: dict[str, str] = {}
    for start in range(0, len(paths), BATCH):
        batch = ("--", *paths[start : start + BATCH])
        changed = run(root, "--literal-pathspecs", *DIFF, *batch)
        untracked = run(root, "--literal-pathspecs", *UNTRACKED, *batch)
        if changed is None or untracked is None:
            return None
        found.update(dict.fromkeys(_split(changed), "changed"))
        found.update(dict.fromkeys(_split(untracked), "untracked"))
    return found


def commit_of(root: str, revision: str) -> str | None:
    """The commit that `revision` names, as git spells it. None when there is no such one."""
    out = run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    return os.fsdecode(out).strip() if out else None


def changed_since(root: str, commit: str) -> list[str] | None:
    """Paths below `root` that are not what they were where HEAD left `commit`, committed or not, untracked included.

    Deleted ones are left out. None when git refuses.
    """
    base = run(root, "merge-base", commit, "HEAD")  # nothing that happened meanwhile on the other branch
    since = os.fsdecode(base).strip() if base else commit
    changed = run(root, *DIFF, "--diff-filter=d", since, "--")
    untracked = run(root, *UNTRACKED)
    if changed is None or untracked is None:
        return None
    return list(dict.fromkeys(_split(changed) + _split(untracked)))


def private_file(root: str, name: str) -> str | None:
    """Where a file of ours may lie inside the repository's .git folder. None without git."""
    if toplevel(root) is None:
        return None
    out = run(root, "rev-parse", "--git-path", name)
    return os.path.join(root, os.fsdecode(out).rstrip("\n")) if out else None


def run(root: str, *arguments: str) -> bytes | None:
    """What `git ARGUMENTS` prints in `root`. None when it can't be started or fails."""
    command = ["git", "-C", root, *QUIET, *arguments]
    environment = {k: v for k, v in os.environ.items() if k not in UNWANTED} | {"GIT_OPTIONAL_LOCKS": "0"}
    if not hasattr(os, "posix_spawnp"):
        import subprocess

        try:
            done = subprocess.run(command, env=environment, capture_output=True, check=False)
        except OSError:
            return None
        return done.stdout if done.returncode == 0 else None
    # subprocess costs 8 ms to import, as much as half of a clean run
    reader, writer = os.pipe()
    silence = os.open(os.devnull, os.O_RDWR)
    try:
        actions = [
            (os.POSIX_SPAWN_DUP2, silence, 0),
            (os.POSIX_SPAWN_DUP2, writer, 1),
            (os.POSIX_SPAWN_DUP2, silence, 2),
            (os.POSIX_SPAWN_CLOSE, reader),
        ]
        try:
            child = os.posix_spawnp("git", command, environment, file_actions=actions)
        except OSError:
            return None
        os.close(writer)
        writer = -1
        pieces = []
        while piece := os.read(reader, 1 << 20):
            pieces.append(piece)
        _, status = os.waitpid(child, 0)
        return b"".join(pieces) if status == 0 else None
    finally:
        for descriptor in (reader, silence, writer):
            if descriptor >= 0:
                os.close(descriptor)


def _split(out: bytes) -> list[str]:
    return [path for path in os.fsdecode(out).split("\0") if path]
