"""The environment that a project's own manifest resolves to today, as an installer would make it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.behaviour.environments import Environment, environments

SECONDS = 120
MANIFESTS = ("requirements.txt", "pyproject.toml")
SDKS = ("fastmcp", "fastmcp-slim", "mcp")  # of several the first names the generation
UV = Environment("tool-uv", "", ("uv",), (), "tool-uv")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def manifest(project: Path) -> Path | None:
    """The manifest of a project's folder, None when it has none."""
    return next((project / name for name in MANIFESTS if (project / name).exists()), None)


def resolve(path: Path) -> dict[str, str]:
    """The versions that a fresh installation from a manifest takes, by name. Needs a registry.

    Raises RuntimeError with the resolver's words when there is no solution.
    """
    uv = UV.python().with_name("uv")
    command = [str(uv), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python", sys.executable]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"{path.name} can't be resolved: {done.stderr[-1500:]}")
    return dict(_PIN.findall(done.stdout))


def environment_of(versions: dict[str, str]) -> Environment:
    """The row of environments.toml with these SDK versions, else a new one with all of the versions.

    Raises RuntimeError when no SDK is among them.
    """
    sdk = next((name for name in SDKS if name in versions), "")
    if not sdk:
        raise RuntimeError(f"no SDK among {', '.join(versions)}")
    for row in environments().values():
        pinned = {name: version for pin in row.pins for name, version in _PIN.findall(pin)}
        if sdk in pinned and all(versions.get(name) == pinned[name] for name in pinned):
            return row
    family = "official" if sdk == "mcp" else "fastmcp"
    generation = f"{family}-{versions[sdk].partition('.')[0]}"
    common = next(iter(environments().values())).common
    pins = tuple(f"{name}=={version}" for name, version in sorted(versions.items()))
    return Environment(f"{sdk}-{versions[sdk]}", generation, pins, common, f"{sdk}-{versions[sdk]}")
