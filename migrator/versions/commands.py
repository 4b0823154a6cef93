"""The shell commands that make a lock again, for the tool and version that wrote it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from migrator.versions.facts import Floors
from migrator.versions.locks.lock import Lock
from migrator.versions.names import base, folder


def regenerate(lock: Lock, names: Iterable[str], floors: Floors, source: str) -> str:
    """The command, from the project's root, that brings `lock` up to date for `names`; "" when none is known.

    source: the path of the manifest that the lock is made from, "" when unknown.
    """
    tool, kind = _kind(lock, source)
    row = floors.lock_command(tool, kind)
    if not row:
        return ""
    packages = sorted(set(names))
    per = row.get("per-package", "")
    flags = " ".join(f"{per} {shlex.quote(name)}" for name in packages) if per else ""
    made = _made(lock, per)
    if "{made}" in row["command"] and not made:
        return ""
    if "{source}" in row["command"] and not source:
        return ""
    command = row["command"].format(
        flags=flags,
        names=" ".join(map(shlex.quote, packages)),
        path=shlex.quote(base(lock.path)),
        source=shlex.quote(base(source)),
        format=lock.format,
        made=made,
    )
    where = folder(lock.path)
    return f"(cd {shlex.quote(where)} && {command.strip()})" if where else command.strip()


def _kind(lock: Lock, source: str) -> tuple[str, str]:
    """The row of the table: the tool, and what sets this lock apart from others of the tool."""
    if lock.tool in ("poetry", "pnpm"):
        return lock.tool, lock.format if lock.tool == "poetry" else lock.format.split(".")[0]
    if lock.tool == "uv script":
        return "uv-script", ""
    if lock.tool == "pylock":
        maker = "pip" if lock.command.startswith("pip") else lock.command.split(" ")[0]
        return "pylock", f"{maker} requirements" if base(source) != "pyproject.toml" and maker == "pip" else maker
    if lock.tool == "requirements":
        maker = next((m for m in ("pip-compile", "uv pip compile") if lock.command.startswith(m)), "")
        return "requirements", maker or ("export" if " export" in lock.command.split("--")[0] else "")
    return lock.tool, ""


def _made(lock: Lock, per: str) -> str:
    """The command that a compiled file names, when it is one we know: nothing else in it is trusted.

    Flags that ask for single packages are left out, they are added for the packages of this run.
    """
    command = lock.command.strip()
    if not re.fullmatch(
        r"(?:pip-compile|uv pip compile|uv export|poetry export|pdm export)(?: [\w./:=@~+,\[\]-]+)*", command
    ):
        return ""
    return re.sub(rf" (?:{per or '--upgrade-package'}|-P)[ =]\S+", "", command)
