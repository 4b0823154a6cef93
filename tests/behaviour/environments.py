"""Virtual environments with one SDK generation each, made when they are first needed.

They lie outside the tree, in the user's cache, one folder for a set of requirements and a Python version; a lock file
keeps parallel runs from building the same one twice. A directory of ready ones can be named instead.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).with_name("environments.toml")
BUILD_SECONDS = 600


@dataclass(frozen=True)
class Environment:
    """One row of environments.toml."""

    name: str
    generation: str
    pins: tuple[str, ...]  # the SDK and what it needs pinned
    common: tuple[str, ...]  # what servers import beside it
    folder: str
    default: bool = False
    redirects: bool = False
    before_fails: tuple[str, ...] = ()
    too_old_for: tuple[str, ...] = ()
    interpreter: str = ""  # the Python that it needs, "3.12"; "": the one that runs this

    @property
    def requirements(self) -> tuple[str, ...]:
        """Everything that is installed."""
        return (*self.pins, *self.common)

    def python(self, ready: Path | None = None) -> Path:
        """Its interpreter: from `ready`/<folder> when that exists, else built in the cache.

        Raises RuntimeError with the installer's words when it can't be built.
        """
        if ready is not None:
            found = ready / self.folder / "bin" / "python"
            if found.exists():
                return found
        return _built(self)


@functools.cache
def environments() -> dict[str, Environment]:
    """All rows by name, in the order of the file."""
    data = tomllib.loads(DATA.read_text("utf-8"))
    common = tuple(data["common"])
    found = {}
    for name, row in data["environment"].items():
        pins = tuple(row.pop("requirements"))
        lists = {key: tuple(row.pop(key, ())) for key in ("before_fails", "too_old_for")}
        found[name] = Environment(name, pins=pins, common=common, **lists, **row)
    return found


def whole_matrix() -> bool:
    """True when everything is asked for, not only what every test run does."""
    return os.environ.get("MCP_MIGRATE_MATRIX") == "all"


def chosen() -> tuple[Environment, ...]:
    """The environments of a test run.

    The default is three generations; the whole matrix is one command:
        MCP_MIGRATE_MATRIX=all python -m pytest -m behaviour
    Names separated by commas choose single ones.
    """
    wanted = os.environ.get("MCP_MIGRATE_MATRIX", "")
    every = environments()
    if not wanted:
        return tuple(e for e in every.values() if e.default)
    if whole_matrix():
        return tuple(every.values())
    unknown = [name for name in wanted.split(",") if name not in every]
    if unknown:
        raise ValueError(f"MCP_MIGRATE_MATRIX: no environment {', '.join(unknown)}; there are {', '.join(every)}")
    return tuple(every[name] for name in wanted.split(","))


def ready_folder() -> Path | None:
    """The directory of ready environments that MCP_MIGRATE_VENVS names, if it does."""
    named = os.environ.get("MCP_MIGRATE_VENVS")
    return Path(named) if named else None


def cache() -> Path:
    """Where built environments lie."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "mcp-transport-migrate-tests"


def _built(environment: Environment) -> Path:
    key = "\n".join([environment.interpreter or sys.version, *sorted(environment.requirements)])
    folder = cache() / f"{environment.name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    complete = folder / ".complete"
    if complete.exists():
        return python
    with _locked(folder.with_suffix(".lock")):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(environment, folder)
            complete.touch()
    return python


def _make(environment: Environment, folder: Path) -> None:
    """Build it with uv, or with venv and pip where uv is missing. Everything is compiled: servers start faster."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    python = str(folder / "bin" / "python")
    if uv:
        _run(environment, [uv, "venv", "-q", str(folder), "--python", environment.interpreter or sys.executable])
        install = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", python]
    else:
        named = f"python{environment.interpreter}" if environment.interpreter else sys.executable
        _run(environment, [named, "-m", "venv", str(folder)])
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    _run(environment, [*install, *environment.requirements])


def _run(environment: Environment, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"environment {environment.name}: {' '.join(command)}\n{done.stderr[-2000:]}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
