"""Requirements are found in every kind of manifest, and where their versions stand in the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings
from migrator.text import TextFile
from migrator.versions.malformed import Malformed
from migrator.versions.manifests import READERS, requirements, script_header
from migrator.versions.manifests.commands import with_arguments
from migrator.versions.places import span
from migrator.versions.requirement import Requirement, split


def _read(kind: str, path: str, text: str) -> list[Requirement]:
    if kind == "requirements":
        return requirements.read(text, path).requirements
    if kind == "script":
        return script_header.read(text, path)
    if kind == "with":
        return with_arguments(text, path)
    return READERS[kind](text, path)


CASES = [
    (
        "pyproject",
        "pyproject.toml",
        """\
[project]
name = "mcp-thing"
dependencies = ["httpx", "mcp[cli]>=1.2 ; python_version > '3.9'", 'FastMCP ~= 2.3']  # mcp>=9
[project.optional-dependencies]
agents = ["openai.agents==0.0.7"]
[dependency-groups]
dev = [{include-group = "lint"}, "mcp (>=1.6.0,<1.7.0)"]
[tool.uv]
dev-dependencies = ["supervisor"]
constraint-dependencies = ["mcp<1.10"]
[tool.pdm.dev-dependencies]
test = ["mcp==1.1"]
[tool.hatch.envs.default]
extra-dependencies = ["mcp==1.2"]
[tool.hatch.metadata.hooks.custom]
dependencies = ["mcp==1.3"]
""",
        [
            ("httpx", "", ""),
            ("mcp", ">=1.2", ""),
            ("fastmcp", "~= 2.3", ""),
            ("openai-agents", "==0.0.7", "agents"),
            ("mcp", ">=1.6.0,<1.7.0", "dev"),
            ("supervisor", "", "dev"),
            ("mcp", "<1.10", ""),
            ("mcp", "==1.1", "test"),
            ("mcp", "==1.2", "default"),
            ("mcp", "==1.3", ""),
        ],
    ),
    (
        "pyproject",
        "pyproject.toml",
        """\
[tool.poetry.dependencies]
python = "^3.11"
mcp = {version = "^1.6.0,<1.7", extras = ["cli"]}  # pinned
fastmcp = "*"
[tool.poetry.dependencies.httpx]
version = "^0.27"
[tool.poetry.group.dev.dependencies]
mcp = [{version = "1.6.0", python = "<3.12"}, {version = "^1.9", python = ">=3.12"}]
""",
        [
            ("mcp", "^1.6.0,<1.7", ""),
            ("fastmcp", "", ""),
            ("httpx", "^0.27", ""),
            ("mcp", "1.6.0", "dev"),
            ("mcp", "^1.9", "dev"),
        ],
    ),
    (
        "pipfile",
        "Pipfile",
        '[[source]]\nname = "x"\n[packages]\nmcp = {version = "==1.6.0", extras = ["cli"]}\nhttpx = "*"\n[dev-packages]\nruff = ">=0.1"\n',
        [("mcp", "==1.6.0", ""), ("httpx", "", ""), ("ruff", ">=0.1", "dev")],
    ),
    (
        "pixi",
        "pixi.toml",
        '[dependencies]\npython = "3.11.*"\n[pypi-dependencies]\nmcp = ">=1.6"\n[feature.x.pypi-dependencies]\nfastmcp = { version = "==2.3.0" }\n',
        [("mcp", ">=1.6", ""), ("fastmcp", "==2.3.0", "x")],
    ),
    (
        "setup_cfg",
        "setup.cfg",
        "[metadata]\nname = mcp\n[options]\ninstall_requires =\n    httpx\n    # mcp==0.1\n    mcp[cli]>=1.2; python_version>'3.8'\npython_requires = >=3.10\n"
        "[options.extras_require]\nfast = fastmcp==2.2.0\n",
        [("httpx", "", ""), ("mcp", ">=1.2", ""), ("fastmcp", "==2.2.0", "fast")],
    ),
    (
        "setup_py",
        "setup.py",
        'from setuptools import setup\nBASE = ["mcp==1.2.0",]\nsetup(name="é", install_requires=BASE + ["httpx"], extras_require={"a": (\'fastmcp>=2\',)})\n',
        [("mcp", "==1.2.0", ""), ("httpx", "", ""), ("fastmcp", ">=2", "extras")],
    ),
    (
        "conda",
        "environment.yml",
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - conda-forge::mcp=1.6  # sdk\n  - pip\n  - pip:\n      - fastmcp==2.2.0\n      - 'httpx>=0.2'\nprefix: /x\n",
        [
            ("python", "=3.11", ""),
            ("mcp", "=1.6", ""),
            ("pip", "", ""),
            ("fastmcp", "==2.2.0", ""),
            ("httpx", ">=0.2", ""),
        ],
    ),
    (
        "package_json",
        "package.json",
        '{"dependencies": {"@modelcontextprotocol/sdk": "^1.9.0", "near": "file:../near"},\n "devDependencies": {"tsx": "4"}, "overrides": {"a": "1.0.0"}}\n',
        [
            ("@modelcontextprotocol/sdk", "^1.9.0", ""),
            ("near", "file:../near", ""),
            ("tsx", "4", "dev"),
            ("a", "1.0.0", ""),
        ],
    ),
    (
        "deno",
        "deno.jsonc",
        '{\n  // "a": "npm:mcp-remote@0.1"\n  "imports": {"sdk": "npm:@modelcontextprotocol/sdk@^1.9.0/client", "std": "jsr:@std/x@1",},\n}\n',
        [("@modelcontextprotocol/sdk", "^1.9.0", "")],
    ),
    (
        "requirements",
        "requirements.txt",
        "# mcp==0.1\n-i https://index.example.org\n-r base.txt\nmcp [cli] >= 1.2 , <2 # keep\nfastmcp\\\n  ==2.2.0\n-e .\n./local\nhttpx @ git+https://example.org/x\nruff>=0.1 ; python_version<'4'\n",
        [("mcp", ">= 1.2 , <2", ""), ("fastmcp", "==2.2.0", ""), ("httpx", "", ""), ("ruff", ">=0.1", "")],
    ),
    (
        "script",
        "server.py",
        '#!/usr/bin/env -S uv run --script\n# /// script\n# requires-python = ">=3.11"\n# dependencies = [\n#     "httpx",\n#     "mcp[cli]==1.6.0",  # pinned\n# ]\n#\n# ///\nimport mcp\n',
        [("httpx", "", ""), ("mcp", "==1.6.0", "")],
    ),
    (
        "dockerfile",
        "Dockerfile",
        "FROM python:3.12\nRUN apt-get update && pip install --no-cache-dir -i https://x.example.org mcp==1.6.0 \\\n    'fastmcp>=2.2' -r requirements.txt httpx && rm mcp\n# RUN pip install mcp==0.1\nRUN uv pip install --system \"mcp[cli]\"\n",
        [("mcp", "==1.6.0", ""), ("fastmcp", ">=2.2", ""), ("httpx", "", ""), ("mcp", "", "")],
    ),
    (
        "with",
        "run.sh",
        'uv run --with mcp==1.6.0 --with "fastmcp>=2" server.py\n',
        [("mcp", "==1.6.0", ""), ("fastmcp", ">=2", "")],
    ),
    ("with", ".mcp.json", '{"args": ["run", "--with", "mcp==1.6.0", "server.py"]}\n', [("mcp", "==1.6.0", "")]),
]


@pytest.mark.parametrize(
    ("kind", "path", "text", "expected"), CASES, ids=[f"{k}-{i}" for i, (k, *_) in enumerate(CASES)]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_requirements_and_their_places(
    kind: str, path: str, text: str, expected: list[tuple[str, str, str]], newline: str
) -> None:
    text = text.replace("\n", newline)
    found = _read(kind, path, text)
    assert [(r.name, r.spec, r.group) for r in found] == expected
    file = TextFile.decode(path, text.encode())
    for requirement in found:
        place = span(requirement, file)
        assert place is not None
        assert file.text[slice(*place)] in (requirement.spec, "*")


def test_sources_of_their_own_are_not_ours_to_change() -> None:
    text = (
        '[project]\ndependencies = ["mcp>=1", "fastmcp @ git+https://x.example.org/f", "httpx"]\n'
        '[tool.uv.sources]\nmcp = { git = "https://x.example.org/m" }\nhttpx = { index = "inner" }\n'
        '[tool.poetry.dependencies]\nruff = { path = "../ruff" }\n'
    )
    assert {r.name: bool(r.fixed) for r in READERS["pyproject"](text, "pyproject.toml")} == {
        "mcp": True,
        "fastmcp": True,
        "httpx": False,
        "ruff": True,
    }


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "#\n# This file is autogenerated by pip-compile with Python 3.11\n#\n#    pip-compile --output-file=r.txt r.in\n#\nmcp==1.6.0\n",
            "pip-compile --output-file=r.txt r.in",
        ),
        (
            "# This file was autogenerated by uv via the following command:\n#    uv pip compile r.in -o r.txt\nmcp==1.6.0\n",
            "uv pip compile r.in -o r.txt",
        ),
        ("mcp==1.6.0 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n    # via x\n", "hashes"),
        ("# This file is autogenerated by pip-compile\n# make deps\nmcp==1.6.0\n", "a tool"),
        ("# pinned by hand\nmcp==1.6.0\n", ""),
    ],
)
def test_compiled_requirements_are_locks(text: str, made: str) -> None:
    read = requirements.read(text, "requirements.txt")
    assert read.compiled == made
    assert requirements.as_lock(read, "requirements.txt").version("mcp") == "1.6.0"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mcp", ("mcp", "", "")),
        ("Fast_MCP.x[a,b] >=1 , <2;x", ("fast-mcp-x", "[a,b]", ">=1 , <2")),
        ("mcp (>=1)", ("mcp", "", ">=1")),
        ("mcp>=1 --hash=sha256:x", ("mcp", "", ">=1")),
    ],
)
def test_a_requirement_in_its_parts(text: str, parts: tuple[str, str, str]) -> None:
    found = split(text)
    assert found is not None
    assert (found.name, found.extras, found.spec) == parts
    assert text[found.start : found.end] == found.spec


@pytest.mark.parametrize("text", ["", "-e .", "./x", "mcp is great", "mcp=1", "https://x/y.whl", "{mcp}"])
def test_what_is_no_requirement(text: str) -> None:
    assert split(text) is None


@pytest.mark.parametrize("kind", sorted(READERS))
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "{",
        "[",
        "null",
        "[]",
        "[project]\ndependencies = 3\n",
        "dependencies:\n  - {\n",
        '{"dependencies": []}',
    ],
)
def test_garbage_gives_nothing_or_malformed(kind: str, text: str) -> None:
    try:
        assert READERS[kind](text, "x") == []
    except Malformed as error:
        assert str(error)


def test_malformed_names_the_line() -> None:
    with pytest.raises(Malformed) as caught:
        READERS["pyproject"]('[project]\nname = "x"\ndependencies = [\n  oops\n]\n', "pyproject.toml")
    assert caught.value.line == 4
    with pytest.raises(Malformed) as caught:
        READERS["package_json"]('{\n  "dependencies": {\n    oops\n', "package.json")
    assert caught.value.line == 3
    with pytest.raises(Malformed) as caught:
        READERS["setup_py"]("x = 1\nsetup(\n", "setup.py")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("name", "read"),
    [("reqs.txt", True), ("req-dev.in", True), ("deps.txt", True), ("dependencies.prod.txt", True), ("depsolver.txt", False), ("request.txt", False)],
)  # fmt: skip
def test_requirements_by_other_names_move_with_the_server(tmp_path: Path, name: str, read: bool) -> None:
    (tmp_path / "server.py").write_text('from mcp.server.fastmcp import FastMCP\n\nFastMCP("s").run("sse")\n')
    (tmp_path / name).write_text("mcp==1.6.0\n")
    changed = {c.path: c.after.decode() for c in make_plan(tmp_path, Settings()).changes}
    assert changed.get(name, "") == ("mcp==1.28.1\n" if read else "")
