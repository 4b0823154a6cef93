"""Moved servers start in the environment that their migrated manifest resolves to on the day of the run.

    python -m pytest -m behaviour tests/behaviour/test_resolved.py

Cases of testdata/cases with a manifest, and small servers with manifests that must be raised. The environments are
those of environments.toml where the versions are the same; others are built once and kept beside them.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.behaviour import cases, tools
from tests.behaviour.environments import environments, ready_folder
from tests.behaviour.judge import judge
from tests.behaviour.resolved import environment_of, manifest, resolve
from tests.behaviour.subject import Start, Subject

pytestmark = pytest.mark.behaviour

SERVER = """\
from {module} import FastMCP

mcp = FastMCP("weather")


@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b


if __name__ == "__main__":
    mcp.run(transport="sse"{port})
"""
PROJECT = '[project]\nname = "weather"\nversion = "0"\nrequires-python = ">=3.11"\ndependencies = ["{}"]\n'
OFFICIAL = SERVER.format(module="mcp.server.fastmcp", port="").replace('"weather"', '"weather", port=8000')
FASTMCP = SERVER.format(module="fastmcp", port=", port=8000")
# what the manifest asks for before, its file, the server, and the SDK that must be installed afterwards
RAISED = [
    ("mcp==1.6.0", "requirements.txt", OFFICIAL, "mcp", "1.28.1"),
    ("mcp>=1.2", "pyproject.toml", OFFICIAL, "mcp", ""),
    ("mcp~=1.9.0", "pyproject.toml", OFFICIAL, "mcp", ""),
    ("mcp[cli]", "requirements.txt", OFFICIAL, "mcp", ""),
    ("fastmcp==2.12.5", "requirements.txt", FASTMCP, "fastmcp", "2.14.7"),
    ("fastmcp>=2.0,<3", "pyproject.toml", FASTMCP, "fastmcp", ""),
]


def with_manifest() -> list[Subject]:
    """The cases that have a manifest, each once."""
    found = {s.name: s for e in environments().values() for s in cases.subjects(e)}
    return [s for s in found.values() if isinstance(s.tree, Path) and manifest(s.tree)]


def judged(subject: Subject, tmp_path: Path) -> dict[str, str]:
    """The versions that the migrated manifest resolves to; fails when the server doesn't move and answer with them."""
    project = tmp_path / "project"
    subject.write(project)
    ran = tools.inside(subject, project)
    assert ran.status == 0, ran.output
    path = manifest(project)
    assert path is not None
    versions = resolve(path)
    environment = environment_of(versions)
    if subject.name in environment.before_fails:
        shutil.rmtree(project)
        pytest.skip(f"environments.toml: its SSE server doesn't work on {environment.name}")
    verdict = judge(subject, environment, environment.python(ready_folder()), tools.inside)
    assert verdict.ok, str(verdict)
    return versions


@pytest.mark.parametrize("subject", [pytest.param(s, id=s.name) for s in with_manifest()])
def test_a_case_answers_on_what_its_manifest_resolves_to(subject: Subject, tmp_path: Path) -> None:
    judged(subject, tmp_path)


@pytest.mark.parametrize(("asked", "file", "server", "sdk", "release"), RAISED, ids=[row[0] for row in RAISED])
def test_a_raised_manifest_installs_what_the_server_needs(
    asked: str, file: str, server: str, sdk: str, release: str, tmp_path: Path
) -> None:
    def write(folder: Path) -> None:
        (folder / "server.py").write_text(server)
        (folder / file).write_text(PROJECT.format(asked) if file == "pyproject.toml" else f"{asked}\n")

    subject = replace(Subject("raised", write, Start(("server.py",))), port="8000")
    versions = judged(subject, tmp_path)
    assert versions[sdk] == (release or versions[sdk])
