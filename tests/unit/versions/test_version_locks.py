"""Every lock format, of every version of the tools that wrote the examples, is read right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.tree import Tree
from migrator.versions.glance import may_be_stale
from migrator.versions.locks import READERS
from migrator.versions.malformed import Malformed
from migrator.versions.projects import LOCKS, Projects

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "locks"
shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the lock files written by the real tools are not beside this checkout"
)

SDK = "@modelcontextprotocol/sdk"
PYTHON, LATER = {"mcp": "1.6.0"}, {"mcp": "1.30.0"}
BOTH = {"mcp": "1.6.0", "fastmcp": "2.2.6"}
NODE, NODE_LATER = {SDK: "1.9.0"}, {SDK: "1.32.2"}

# folder of the examples, its file, the format's version, what it holds
TABLE = [
    ("uv-0.13.8", "uv.lock", "1", BOTH),
    ("uv-0.4.30", "uv.lock", "1", BOTH),
    ("pep723-uv-0.13.8", "server.py.lock", "1", PYTHON),
    ("poetry-1.2.2", "poetry.lock", "1.1", PYTHON),
    ("poetry-1.8.5", "poetry.lock", "2.0", PYTHON),
    ("poetry-2.5.1", "poetry.lock", "2.1", PYTHON),
    ("pdm-2.4.9", "pdm.lock", "4.1", PYTHON),
    ("pdm-2.12.4", "pdm.lock", "4.4.1", PYTHON),
    ("pip-lock-26.3", "pylock.toml", "1.0", PYTHON),
    ("uv-export-pylock-0.13.8", "pylock.toml", "1.0", PYTHON),
    ("pipenv-2026.10.3", "Pipfile.lock", "6", PYTHON),
    ("pip-tools-7.6.2", "requirements.txt", "", PYTHON),
    ("pip-tools-7.6.2", "requirements-nohash.txt", "", PYTHON),
    ("uv-export-requirements-0.13.8", "requirements.txt", "", PYTHON),
    ("npm-lockv1", "package-lock.json", "1", NODE),
    ("npm-lockv2", "package-lock.json", "2", NODE),
    ("npm-lockv3", "package-lock.json", "3", NODE),
    ("npm-shrinkwrap", "npm-shrinkwrap.json", "3", NODE),
    ("yarn-1.22.22", "yarn.lock", "1", NODE),
    ("yarn-3.6.4", "yarn.lock", "6", NODE),
    ("yarn-4.18.1", "yarn.lock", "10", NODE),
    ("pnpm-7.33.7", "pnpm-lock.yaml", "5.4", NODE),
    ("pnpm-8.15.9", "pnpm-lock.yaml", "6.0", NODE),
    ("pnpm-9.15.9", "pnpm-lock.yaml", "9.0", NODE),
    ("pnpm-10.20.0", "pnpm-lock.yaml", "9.0", NODE),
    ("pnpm-12.21.0", "pnpm-lock.yaml", "9.0", NODE),
    ("bun-1.4.5", "bun.lock", "2", NODE),
    ("deno-2.9.6", "deno.lock", "5", NODE),
    ("after/uv-0.13.8", "uv.lock", "1", {"mcp": "1.30.0", "fastmcp": "3.4.10", "fastmcp-slim": "3.4.10"}),
    ("after/poetry-2.5.1", "poetry.lock", "2.1", LATER),
    ("after/pdm-2.12.4", "pdm.lock", "4.4.1", LATER),
    ("after/pipenv-2026.10.3", "Pipfile.lock", "6", LATER),
    ("after/pip-tools-7.6.2", "requirements.txt", "", LATER),
    ("after/npm-lockv1", "package-lock.json", "1", NODE_LATER),
    ("after/npm-lockv3", "package-lock.json", "3", NODE_LATER),
    ("after/yarn-1.22.22", "yarn.lock", "1", NODE_LATER),
    ("after/yarn-4.18.1", "yarn.lock", "10", NODE_LATER),
    ("after/pnpm-9.15.9", "pnpm-lock.yaml", "9.0", NODE_LATER),
    ("after/pnpm-12.21.0", "pnpm-lock.yaml", "9.0", NODE_LATER),
    ("after/bun-1.4.5", "bun.lock", "2", NODE_LATER),
    ("stale/uv-0.13.8", "uv.lock", "1", BOTH),
    ("stale/npm-lockv3", "package-lock.json", "3", NODE),
    ("stale/pnpm-9.15.9", "pnpm-lock.yaml", "9.0", NODE),
]


def _tree(root: Path) -> Tree:
    return Tree(root, tuple(sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())))


@shared
@pytest.mark.parametrize(("folder", "file", "version", "holds"), TABLE, ids=[f"{f}/{n}" for f, n, _, _ in TABLE])
def test_the_lock_is_read_right(folder: str, file: str, version: str, holds: dict[str, str]) -> None:
    path = f"{folder}/{file}"
    if file.endswith(".py.lock"):
        lock = READERS["script"]((SHARED / path).read_text(), path)
    else:
        projects = Projects(_tree(SHARED))
        found = [p for node in (False, True) if (p := projects.at(folder, node))]
        lock = next(lock for p in found for lock in p.locks if lock.path == path)
        assert projects.problems == []
    assert lock.format == version
    names = [SDK, "mcp", "fastmcp", "fastmcp-slim"]
    assert {n: lock.version(n) for n in names if lock.version(n)} == holds


@shared
def test_the_table_leaves_no_lock_out() -> None:
    found = {p.relative_to(SHARED).as_posix() for p in SHARED.rglob("*") if LOCKS.fullmatch(p.name)}
    compiled = {p.relative_to(SHARED).as_posix() for p in SHARED.rglob("requirements*.txt")}
    assert found | compiled == {f"{folder}/{file}" for folder, file, _, _ in TABLE}


SMALL = {
    "uv": ('version = 1\n\n[[package]]\nname = "mcp"\nversion = "1.6.0"\nsource = { registry = "r" }\n', "uv.lock"),
    "poetry": (
        '[[package]]\nname = "mcp"\nversion = "1.6.0"\n\n[package.dependencies]\nname = "9.9"\n\n'
        '[metadata]\nlock-version = "2.1"\n',
        "poetry.lock",
    ),
    "pdm": ('[metadata]\nlock_version = "4.5.0"\n\n[[package]]\nname = "mcp"\nversion = "1.6.0"\n', "pdm.lock"),
    "pylock": ('lock-version = "1.0"\n[[packages]]\nname = "mcp"\nversion = "1.6.0"\n', "pylock.toml"),
    "pipfile_lock": ('{"_meta": {"pipfile-spec": 6}, "default": {"mcp": {"version": "==1.6.0"}}}', "Pipfile.lock"),
    "pixi_lock": (
        "version: 6\nenvironments:\n  default: {}\npackages:\n"
        "- conda: https://conda.example.org/noarch/httpx-0.28.1-pyh.conda\n  sha256: ab\n"
        "- pypi: https://files.example.org/mcp-1.6.0-py3-none-any.whl\n  name: mcp\n  version: 1.6.0\n",
        "pixi.lock",
    ),
    "conda_lock": (
        "version: 1\nmetadata:\n  content_hash: {}\npackage:\n- name: httpx\n  version: 0.28.1\n  manager: conda\n"
        "- name: mcp\n  version: 1.6.0\n  manager: pip\n  dependencies:\n    version: '>=9'\n    anyio: '>=4.5'\n",
        "conda-lock.yml",
    ),
    "npm": (
        '{"lockfileVersion": 3, "packages": {"": {"dependencies": {"mcp": "^1"}}, '
        '"node_modules/mcp": {"version": "1.6.0"}}}',
        "package-lock.json",
    ),
    "yarn": ('# yarn lockfile v1\n\n"mcp@^1.0.0", mcp@^1.5.0:\n  version "1.6.0"\n', "yarn.lock"),
    "pnpm": ("lockfileVersion: '9.0'\n\npackages:\n\n  mcp@1.6.0:\n    resolution: {integrity: x}\n", "pnpm-lock.yaml"),
    "bun": ('{"lockfileVersion": 1, "packages": {"mcp": ["mcp@1.6.0", "", {}, "x"],},}', "bun.lock"),
    "deno_lock": ('{"version": "5", "specifiers": {"npm:mcp@^1": "1.6.0"}, "npm": {"mcp@1.6.0": {}}}', "deno.lock"),
}


@pytest.mark.parametrize("kind", sorted(SMALL))
def test_a_small_lock_of_every_kind(kind: str) -> None:
    text, path = SMALL[kind]
    assert READERS[kind](text, path).version("mcp") == "1.6.0"
    windows = READERS[kind](text.replace("\n", "\r\n"), path)
    assert windows.version("mcp") == "1.6.0"


@pytest.mark.parametrize("kind", sorted(SMALL))
def test_a_merge_conflict_is_named_with_its_line(kind: str) -> None:
    text, path = SMALL[kind]
    broken = text.rstrip("\n") + "\n<<<<<<< HEAD\n=======\n>>>>>>> main\n"
    with pytest.raises(Malformed, match="merge conflict") as caught:
        READERS[kind](broken, path)
    assert caught.value.line == broken[: broken.index("<<<<<<<")].count("\n") + 1


@pytest.mark.parametrize("kind", sorted(SMALL))
@pytest.mark.parametrize("text", ["", "\x00", "{", "[[package]]\nname = ", "null", "[]", "version: 99\n", '{"a": '])
def test_garbage_is_malformed_or_empty_and_never_a_crash(kind: str, text: str) -> None:
    try:
        lock = READERS[kind](text, SMALL[kind][1])
    except Malformed:
        return
    assert lock.packages == {}


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("uv", "version = 7\n", "version is 7"),
        ("pylock", 'lock-version = "3.0"\n', "lock-version is 3.0"),
        ("npm", '{"lockfileVersion": 9}', "lockfileVersion is 9"),
        ("conda_lock", "version: 2\n", "version is 2"),
        ("pnpm", "lockfileVersion: '12.0'\n", "lockfileVersion is 12.0"),
        ("bun_binary", "", "bun install --save-text-lockfile"),
    ],
)
def test_a_format_from_the_future_says_which_are_known(kind: str, text: str, says: str) -> None:
    with pytest.raises(Malformed, match=re.escape(says)) as caught:
        READERS[kind](text, "lock")
    assert caught.value.foreign


def test_a_broken_lock_names_the_line_in_the_file() -> None:
    text = 'version = 1\n\n[[package]]\nname = "a"\nversion = "1"\n\n[[package]]\nname = "b"\nversion = oops\n'
    with pytest.raises(Malformed) as caught:
        READERS["uv"](text, "uv.lock")
    assert caught.value.line == 9


def test_forks_give_the_lowest_and_workspaces_their_own() -> None:
    uv = (
        'version = 1\n[[package]]\nname = "mcp"\nversion = "1.30.0"\nsource = { registry = "r" }\n'
        '[[package]]\nname = "mcp"\nversion = "1.9.0"\nsource = { registry = "r" }\n'
        '[[package]]\nname = "app"\nversion = "0.1"\nsource = { editable = "packages/app" }\n'
        '[package.metadata]\nrequires-dist = [{ name = "mcp", extras = ["cli"], specifier = ">=1.6" }]\n'
    )
    lock = READERS["uv"](uv, "uv.lock")
    assert lock.version("mcp") == "1.9.0"
    assert lock.members == {"packages/app"}
    assert lock.own == {"app"}
    assert lock.stated["packages/app"]["mcp"] == {">=1.6"}
    pnpm = (
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      '@a/b':\n        specifier: ^1.0.0\n"
        "        version: 1.2.0(zod@3.25.76)\n\n  packages/old:\n    dependencies:\n      '@a/b':\n"
        "        specifier: 1.0.0\n        version: 1.0.0\n      near:\n        specifier: workspace:*\n"
        "        version: link:../near\n\npackages:\n\n  '@a/b@1.0.0':\n    resolution: {}\n  '@a/b@1.2.0':\n    resolution: {}\n"
    )
    lock = READERS["pnpm"](pnpm, "pnpm-lock.yaml")
    assert lock.version("@a/b") == "1.2.0"
    assert lock.version("@a/b", "packages/old") == "1.0.0"
    assert "near" not in lock.direct["packages/old"]
    npm = (
        '{"lockfileVersion": 3, "packages": {"": {}, "packages/old": {"dependencies": {"@a/b": "1.0.0"}},'
        '"node_modules/@a/b": {"version": "1.2.0"}, "node_modules/alias": {"name": "@a/b", "version": "0.9.0"},'
        '"packages/old/node_modules/@a/b": {"version": "1.0.0"}, "node_modules/old": {"link": true}}}'
    )
    lock = READERS["npm"](npm, "package-lock.json")
    assert lock.version("@a/b", "packages/old") == "1.0.0"
    assert lock.packages["@a/b"] == {"0.9.0", "1.0.0", "1.2.0"}
    assert lock.members == {"packages/old"}


def test_yarn_aliases_and_ranges() -> None:
    berry = (
        '__metadata:\n  version: 8\n\n"@a/b@npm:^1.0.0, @a/b@npm:^1.1.0":\n  version: 1.2.0\n'
        '  resolution: "@a/b@npm:1.2.0"\n\n"alias@npm:@a/b@0.9.0":\n  version: 0.9.0\n\n'
        '"app@workspace:packages/app":\n  version: 0.0.0-use.local\n'
    )
    lock = READERS["yarn"](berry, "yarn.lock")
    assert lock.packages == {"@a/b": {"1.2.0", "0.9.0"}}
    assert lock.ranges["@a/b"] == {"^1.0.0": "1.2.0", "^1.1.0": "1.2.0", "0.9.0": "0.9.0"}
    assert lock.members == {"packages/app"}


@pytest.mark.parametrize(
    ("lock", "manifest", "stale"),
    [
        ("1.6.0", '"mcp>=1.28.1,<2"', True),
        ("1.30.0", '"mcp[cli] (>=1.28.1,<2)",  # "mcp==1.0"', False),
        ("1.30.0", '"mcp>=1.2; python_version > \'3.9\'", "mcp-proxy==0.1"', False),
        ("1.30.0", '"mcp"', False),
        ("2.3.0", '"mcp>=1.2,<2"', True),
        ("1.30.0", '"mcp==1.28.1"', True),
        ("1.30.0", '"mcp>=1.2.dev0"', True),  # not read here: the proper look decides
        ("1.30.0", '"fastmcp>=2"', True),
    ],
)
def test_a_first_look_at_a_lock(tmp_path: Path, lock: str, manifest: str, stale: bool) -> None:
    (tmp_path / "uv.lock").write_text(f'version = 1\n\n[[package]]\nname = "mcp"\nversion = "{lock}"\n')
    (tmp_path / "pyproject.toml").write_text(f"[project]\ndependencies = [{manifest}\n]\n")
    files = ("pyproject.toml", "uv.lock", "server.py")
    assert may_be_stale(str(tmp_path), files, ("server.py",)) is stale
    assert may_be_stale(str(tmp_path), files, ()) is False
    assert may_be_stale(str(tmp_path), files[:1], ("server.py",)) is False


def test_a_first_look_at_poetry_pipenv_and_compiled_requirements(tmp_path: Path) -> None:
    poetry = '[tool.poetry.dependencies]\nmcp = {{version = "{}", extras = ["cli"]}}\n'
    locked = '[[package]]\nname = "mcp"\nversion = "1.30.0"\n'
    cases = [
        ("pyproject.toml", poetry.format("^1.28.1"), "poetry.lock", locked, False),
        ("pyproject.toml", poetry.format("~1.6"), "poetry.lock", locked, True),
        (
            "Pipfile",
            '[packages]\nmcp = "==1.30.0"\n',
            "Pipfile.lock",
            '{"default": {"mcp": {"hashes": [], "version": "==1.30.0"}}}',
            False,
        ),
        ("requirements.in", "mcp[cli]>=1.28\n", "requirements.txt", "# via\nmcp[cli]==1.6.0 \\\n    --hash=x\n", True),
        ("requirements.in", "mcp[cli]>=1.28\n", "requirements.txt", "<<<<<<< HEAD\n", True),
    ]
    for manifest, text, lock, content, stale in cases:
        (tmp_path / manifest).write_text(text)
        (tmp_path / lock).write_text(content)
        assert may_be_stale(str(tmp_path), (manifest, lock), ("a.py",)) is stale, (manifest, text)


@pytest.mark.parametrize(("manifest", "lock"), [("pixi.toml", "pixi.lock"), ("environment.yml", "conda-lock.yml")])
def test_a_first_look_leaves_the_locks_of_conda_to_the_proper_one(tmp_path: Path, manifest: str, lock: str) -> None:
    (tmp_path / lock).write_text("version: 6\n")
    for text, stale in (("mcp = 1", True), ("httpx = 1", False)):
        (tmp_path / manifest).write_text(text)
        assert may_be_stale(str(tmp_path), (manifest, lock), ("a.py",)) is stale
