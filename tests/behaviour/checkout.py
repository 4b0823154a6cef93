"""A copy of this project as a git repository of its own: what pre-commit and the action install from."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# git must not look at the configuration of whoever runs the tests, nor at hooks of the repository they run in.
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT", "PYTHONPATH"))}
CLEAN |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1"}
for who in ("AUTHOR", "COMMITTER"):
    CLEAN |= {f"GIT_{who}_NAME": "Test", f"GIT_{who}_EMAIL": "test@example.org"}


def git(folder: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """`git WORDS` in `folder`, as nobody in particular."""
    return subprocess.run(["git", *words], cwd=folder, env=CLEAN, check=check, capture_output=True, text=True)


def commit_all(folder: Path) -> str:
    """Commit everything in `folder`, which becomes a repository if it isn't one. Returns the commit's id."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--no-verify", "-m", "state")
    return git(folder, "rev-parse", "HEAD").stdout.strip()


def copy_of_the_project(folder: Path) -> str:
    """This project's files as they lie here, committed in `folder`. Returns the commit's id."""
    names = git(ROOT, "ls-files", "-co", "--exclude-standard", "-z").stdout.split("\0")
    for name in names:
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return commit_all(folder)
