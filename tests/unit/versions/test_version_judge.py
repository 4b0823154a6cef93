"""What becomes of requirements and locks: the files after, the findings, the commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from versions_support import Judged, endpoint

from migrator.context import ClientNeed
from migrator.model import Outcome, Severity
from migrator.settings import Settings

Judge = Callable[..., Judged]

UV = 'version = 1\n[[package]]\nname = "{}"\nversion = "{}"\nsource = {{ registry = "r" }}\n'


def _uv(**locked: str) -> str:
    return "version = 1\n" + "".join(UV.format(n, v).removeprefix("version = 1\n") for n, v in locked.items())


def _pyproject(*requirements: str) -> str:
    lines = "".join(f'    "{r}",\n' for r in requirements)
    return f'[project]\nname = "x"  # mcp>=0.1\ndependencies = [\n{lines}]\n'


# what stands in requirements.txt, and what it becomes for a server of the generation; no lock
UNLOCKED = [
    ("official-1", "mcp>=1.24,<2", "mcp>=1.24,<2", []),
    ("official-1", "mcp>=1.24", "mcp>=1.24,<2", ["MCP402"]),
    ("official-1", "mcp", "mcp>=1.28.1,<2", ["MCP401", "MCP402"]),
    (
        "official-1",
        "mcp[cli] >= 1.2 ; python_version > '3.9'  # sdk",
        "mcp[cli] >= 1.28.1,< 2 ; python_version > '3.9'  # sdk",
        ["MCP401", "MCP402"],
    ),
    ("official-1", "mcp>=1.28,<3", "mcp>=1.28,<2", ["MCP402"]),
    ("official-1", "mcp<3, >=1.2", "mcp<2, >=1.28.1", ["MCP401", "MCP402"]),
    ("official-1", "mcp<2", "mcp<2", []),
    ("official-1", "mcp<1.9", "mcp>=1.28.1,<2", ["MCP403", "MCP603"]),
    ("official-1", "mcp~=1.8.0", "mcp~=1.28.1", ["MCP403", "MCP603"]),
    ("official-1", "mcp==1.6.0", "mcp==1.28.1", ["MCP401", "MCP603"]),
    ("official-1", "mcp==1.13.1", "mcp==1.28.1", ["MCP403", "MCP603"]),
    ("official-1", "mcp==1.22.0", "mcp==1.22.0", ["MCP403"]),  # works; the advisories are a note
    ("official-1", "mcp==1.28.1", "mcp==1.28.1", []),
    ("official-2", "mcp>=2.0", "mcp>=2.0", []),
    ("official-2", "mcp==2.0.0", "mcp==2.0.0", []),
    ("fastmcp-2", "fastmcp", "fastmcp", []),
    ("fastmcp-3", "fastmcp>=2.5", "fastmcp>=2.5", []),
    ("fastmcp-2", "fastmcp>=2.0,<3", "fastmcp>=2.14.2,<3", ["MCP401"]),
    ("fastmcp-2", "fastmcp==2.2.5", "fastmcp==2.14.7", ["MCP401"]),
    ("fastmcp-2", "fastmcp==2.10.6", "fastmcp==2.14.7", ["MCP403"]),
    ("fastmcp-2", "fastmcp==2.12.5", "fastmcp==2.14.7", ["MCP403"]),
    ("fastmcp-2", "fastmcp==2.13.3", "fastmcp==2.13.3", ["MCP403"]),
    ("fastmcp-3", "fastmcp==3.0.2", "fastmcp==3.0.2", ["MCP403"]),
    ("fastmcp-3", "fastmcp-slim[server]>=3.3,<4", "fastmcp-slim[server]>=3.3,<4", []),
]


@pytest.mark.parametrize(("generation", "line", "after", "told"), UNLOCKED, ids=[f"{g}:{r}" for g, r, _, _ in UNLOCKED])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_requirement_without_a_lock(
    judged: Judge, generation: str, line: str, after: str, told: list[str], newline: str
) -> None:
    before = newline.join(["# deps", line, "httpx", ""])
    found = judged({"requirements.txt": before}, endpoint(generation=generation))
    assert found.text("requirements.txt") == newline.join(["# deps", after, "httpx", ""])
    assert found.rules() == told
    changed = line != after
    assert {f.outcome for f in found.findings if f.severity is not Severity.NOTE} == (
        {Outcome.FIX} if changed else set()
    )
    again = judged({"requirements.txt": newline.join([after, ""])}, endpoint(generation=generation))
    assert again.edits == []
    assert [f for f in again.findings if f.counts] == []


# requirement, locked version, what it becomes, whether the lock must be made again
LOCKED = [
    ("official-1", "mcp>=1.2,<2", "1.30.0", "mcp>=1.28.1,<2"),
    ("official-1", "mcp>=1.2", "1.26.0", "mcp>=1.12.0,<2"),
    ("official-1", "mcp>=1.24", "1.26.0", "mcp>=1.24,<2"),
    ("official-1", "mcp>=1.8,<2", "1.26.0", "mcp>=1.8,<2"),
    ("official-1", "mcp>=1.8,<2", "1.9.4", "mcp>=1.28.1,<2"),
    ("official-1", "mcp==1.6.0", "1.6.0", "mcp==1.28.1"),
    ("official-1", "mcp>=1.2", "2.3.0", "mcp>=1.28.1,<2"),
    ("fastmcp-2", "fastmcp>=2.3", "2.5.1", "fastmcp>=2.14.2,<3"),
    ("fastmcp-2", "fastmcp>=2.2", "2.13.3", "fastmcp>=2.10.2,<3"),
    ("fastmcp-2", "fastmcp>=2.10.5,<2.14", "2.13.3", "fastmcp>=2.10.5,<2.14"),
    ("fastmcp-3", "fastmcp>=3.0", "3.4.4", "fastmcp>=3.0"),
]


@pytest.mark.parametrize(("generation", "line", "locked", "after"), LOCKED, ids=[f"{r}@{v}" for _, r, v, _ in LOCKED])
def test_a_requirement_with_a_lock(judged: Judge, generation: str, line: str, locked: str, after: str) -> None:
    name = line.split(">", maxsplit=1)[0].split("=", maxsplit=1)[0]
    files = {"pyproject.toml": _pyproject("httpx", line), "uv.lock": _uv(**{name: locked})}
    found = judged(files, endpoint(generation=generation))
    assert found.text("pyproject.toml") == _pyproject("httpx", after)
    spec = after.removeprefix(name)
    stays = any(v == locked for v in ("1.30.0", "1.26.0", "2.13.3", "3.4.4"))
    assert [f.rule for f in found.findings if f.rule == "MCP404"] == ([] if stays else ["MCP404"])
    assert found.regenerate == ([] if stays else [f"uv lock --upgrade-package {name}"])
    assert spec


def test_the_lock_keeps_a_copy_of_the_requirement(judged: Judge) -> None:
    own = '[[package]]\nname = "x"\nversion = "0"\nsource = { virtual = "." }\n[package.metadata]\nrequires-dist = [{ name = "mcp", specifier = ">=1.24" }]\n'
    files = {"pyproject.toml": _pyproject("mcp>=1.24"), "uv.lock": _uv(mcp="1.26.0") + own}
    found = judged(files, endpoint())
    assert found.regenerate == ["uv lock --upgrade-package mcp"]
    (finding,) = found.of("MCP404")
    assert (
        finding.message
        == "uv.lock must be made again: it was made for another requirement, and pyproject.toml will ask for mcp>=1.24,<2"
    )
    assert (finding.outcome, finding.severity) == (Outcome.BY_HAND, Severity.WARNING)
    files["pyproject.toml"] = _pyproject("mcp<2,>=1.24.0")
    files["uv.lock"] = files["uv.lock"].replace(">=1.24", ">=1.24.0,<2")
    assert [f for f in judged(files, endpoint()).findings if f.counts] == []


def test_a_raise_that_a_server_depends_on_is_needed_by_its_unit(judged: Judge) -> None:
    files = {"pyproject.toml": _pyproject("mcp>=1.2"), "uv.lock": _uv(mcp="1.6.0")}
    found = judged(files, endpoint())
    assert [(p.unit, p.needed) for p in found.parts if p.edits] == [("server.py", True)]
    assert [f.severity for f in found.of("MCP401")] == [Severity.ERROR]
    assert all(f.unit == "server.py" for f in found.findings)
    files["uv.lock"] = _uv(mcp="1.26.0")
    assert [(p.unit, p.needed) for p in judged(files, endpoint()).parts if p.edits] == [("server.py", False)]


def test_a_source_of_its_own_that_is_too_old_blocks(judged: Judge) -> None:
    source = '[tool.uv.sources]\nmcp = { git = "https://git.example.org/mcp" }\n'
    files = {"pyproject.toml": _pyproject("mcp>=1.2,<2") + source, "uv.lock": _uv(mcp="1.6.0")}
    found = judged(files, endpoint())
    assert found.edits == []
    (part,) = [p for p in found.parts if p.needed]
    assert [(f.rule, f.outcome) for f in part.findings] == [("MCP401", Outcome.BY_HAND)]
    assert "its source gives 1.8.0 or newer, then run uv lock" in part.findings[0].instruction


def test_the_version_of_a_source_of_its_own_is_unknown_without_a_lock(judged: Judge) -> None:
    source = '[tool.uv.sources]\nmcp = { git = "https://git.example.org/mcp" }\n'
    for files in (
        {"pyproject.toml": _pyproject("mcp>=1.2") + source},
        {"requirements.txt": "mcp @ git+https://git.example.org/mcp\n"},
    ):
        found = judged(files, endpoint())
        (finding,) = found.findings
        assert (finding.rule, finding.severity, finding.outcome) == ("MCP401", Severity.NOTE, Outcome.BY_HAND)
        assert found.edits == []
    files["uv.lock"] = _uv(mcp="1.26.0")
    assert not any(p.needed for p in judged(files, endpoint()).parts)


def test_no_manifest_or_a_transitive_one_never_blocks(judged: Judge) -> None:
    assert judged({}, endpoint()).parts == []
    assert judged({"pyproject.toml": _pyproject("httpx")}, endpoint()).parts == []
    found = judged({"pyproject.toml": _pyproject("langchain-mcp-adapters"), "uv.lock": _uv(mcp="1.6.0")}, endpoint())
    (finding,) = found.of("MCP401")
    assert (
        finding.instruction == "No manifest names it: require mcp>=1.28.1,<2, then run uv lock --upgrade-package mcp."
    )
    assert not any(p.needed for p in found.parts)
    found = judged({"pyproject.toml": _pyproject("x"), "uv.lock": _uv(mcp="1.26.0")}, endpoint())
    assert {f.severity for f in found.findings} == {Severity.NOTE}


def test_both_packages_move_when_one_would_hold_the_other(judged: Judge) -> None:
    found = judged({"requirements.txt": "fastmcp==2.9.2\nmcp==1.9.4\n"}, endpoint())
    assert found.text("requirements.txt") == "fastmcp==2.14.7\nmcp==1.28.1\n"
    found = judged({"requirements.txt": "fastmcp==2.9.2\nmcp==1.9.4\n"}, endpoint(generation="fastmcp-2"))
    assert found.text("requirements.txt") == "fastmcp==2.14.7\nmcp==1.28.1\n"
    found = judged({"requirements.txt": "mcp==1.6.0\npydantic==2.10.1\nuvicorn==0.34.0\n"}, endpoint())
    assert found.text("requirements.txt") == "mcp==1.28.1\npydantic==2.11\nuvicorn==0.34.0\n"
    found = judged({"requirements.txt": "mcp==1.6.0\npydantic==1.10.1\n"}, endpoint())
    assert found.text("requirements.txt") == "mcp==1.28.1\npydantic==1.10.1\n"
    assert [f.instruction for f in found.of("MCP403") if f.outcome is Outcome.BY_HAND] == ["Write pydantic>=2.11,<3."]


def test_what_keeps_an_old_release_alive(judged: Judge) -> None:
    kept = {"requirements.txt": "mcp==1.16.0\npydantic==2.12.5\n"}
    assert judged(kept, endpoint()).edits == []
    kept = {"requirements.txt": "mcp==1.16.0\npydantic<2.13\n"}
    assert judged(kept, endpoint()).edits == []
    dead = {"requirements.txt": "mcp==1.16.0\npydantic>=2.11\n"}
    assert judged(dead, endpoint()).text("requirements.txt") == "mcp==1.28.1\npydantic>=2.11\n"
    locked = {"pyproject.toml": _pyproject("mcp==1.16.0"), "uv.lock": _uv(mcp="1.16.0", pydantic="2.12.5")}
    assert judged(locked, endpoint()).edits == []


def test_the_code_and_the_versions_disagree(judged: Judge) -> None:
    found = judged({"requirements.txt": "mcp>=2,<3\n"}, endpoint())
    (finding,) = found.of("MCP405")
    assert (found.edits, finding.outcome) == ([], Outcome.BY_HAND)
    assert finding.message == "the code is written for mcp 1, but it asks for mcp>=2,<3"
    found = judged({"requirements.txt": "mcp==1.26.0\n"}, endpoint(generation="official-2"))
    assert [f.outcome for f in found.of("MCP405")] == [Outcome.BY_HAND]
    found = judged({"pyproject.toml": _pyproject("mcp>=1.2"), "uv.lock": _uv(mcp="2.3.0")}, endpoint())
    assert [(f.outcome, f.message) for f in found.of("MCP405")] == [
        (Outcome.INFO, "the code is written for mcp 1, but the lock holds mcp 2.3.0")
    ]
    found = judged({"uv.lock": _uv(mcp="2.3.0")}, endpoint())
    assert [f.instruction for f in found.of("MCP405")] == ["Require mcp>=1.28.1,<2, or move the code."]


def test_the_host_check_is_told_where_a_raise_arms_it(judged: Judge) -> None:
    assert (
        "--allowed-host"
        in judged({"requirements.txt": "mcp==1.22.0\n"}, endpoint(needs_sdk="1.29.0")).of("MCP603")[0].message
    )
    files = {"pyproject.toml": _pyproject("mcp>=1.2"), "uv.lock": _uv(mcp="1.9.0")}
    assert len(judged(files, endpoint()).of("MCP603")) == 1
    files["uv.lock"] = _uv(mcp="1.23.0")
    assert judged(files, endpoint()).of("MCP603") == []


def test_what_the_code_needs_and_the_recommended_floor(judged: Judge) -> None:
    files = {"requirements.txt": "mcp>=1.24,<2\n"}
    assert judged(files, endpoint(needs_sdk="1.29.0")).text("requirements.txt") == "mcp>=1.29.0,<2\n"
    assert (
        judged(files, endpoint(), settings=Settings(floor="recommended")).text("requirements.txt") == "mcp>=1.28.1,<2\n"
    )
    files = {"requirements.txt": "fastmcp>=3.0,<4\n"}
    found = judged(files, endpoint(generation="fastmcp-3"), settings=Settings(floor="recommended"))
    assert found.text("requirements.txt") == "fastmcp>=3.2,<4\n"


def test_a_server_that_stays_leaves_its_requirement(judged: Judge) -> None:
    files = {"pyproject.toml": _pyproject("mcp>=1.2"), "uv.lock": _uv(mcp="1.6.0")}
    found = judged(files, endpoint(moved=False))
    assert {p.unit for p in found.parts} == {"server.py"}
    assert found.of("MCP404") == []
    assert found.regenerate == []


def test_servers_that_share_a_requirement_each_bring_the_edit(judged: Judge) -> None:
    files = {"requirements.txt": "mcp>=1.24\n", "a.py": "", "b.py": "", "c.py": ""}
    found = judged(files, endpoint("a.py", moved=False), endpoint("b.py"), endpoint("c.py"))
    assert [p.unit for p in found.parts if p.edits] == ["b.py", "c.py"]
    assert found.text("requirements.txt") == "mcp>=1.24,<2\n"
    assert [f.unit for f in found.of("MCP402")] == ["b.py"]


def test_a_script_header_and_its_lock(judged: Judge) -> None:
    script = '#!/usr/bin/env -S uv run --script\n# /// script\n# dependencies = [\n#     "mcp[cli]==1.6.0",  # pinned\n# ]\n# ///\nimport mcp\n'
    lock = _uv(mcp="1.6.0") + '[manifest]\nrequirements = [{ name = "mcp", specifier = "==1.6.0" }]\n'
    found = judged({"server.py": script, "server.py.lock": lock}, endpoint())
    assert found.text("server.py") == script.replace("==1.6.0", "==1.28.1")
    assert found.regenerate == ["uv lock --script server.py --upgrade-package mcp"]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            "Pipfile",
            '[packages]\nmcp = {version = "==1.6.0", extras = ["cli"]} # x\n',
            '[packages]\nmcp = {version = "==1.28.1", extras = ["cli"]} # x\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nmcp = "^1.24"\n',
            '[tool.poetry.dependencies]\nmcp = "^1.24"\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nmcp = "~1.6"\n',
            '[tool.poetry.dependencies]\nmcp = "~1.28.1"\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nmcp = "*"\n',
            '[tool.poetry.dependencies]\nmcp = ">=1.28.1,<2"\n',
        ),
        (
            "pyproject.toml",
            "[project]\ndependencies = ['mcp (>=1.6.0,<1.7.0)']\n",
            "[project]\ndependencies = ['mcp (>=1.28.1,<2)']\n",
        ),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["mcp>=1.24; python_version>\\"3.9\\""]\n',
            '[project]\ndependencies = ["mcp>=1.24,<2; python_version>\\"3.9\\""]\n',
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n\tmcp >=1.24\n",
            "[options]\ninstall_requires =\n\tmcp >=1.24,<2\n",
        ),
        ("setup.py", "setup(install_requires=['mcp==1.2.0'])\n", "setup(install_requires=['mcp==1.28.1'])\n"),
        (
            "environment.yml",
            "dependencies:\n- mcp=1.6 # x\n- pip:\n  - httpx\n",
            "dependencies:\n- mcp>=1.28.1,<2 # x\n- pip:\n  - httpx\n",
        ),
        ("environment.yml", "dependencies:\n- pip:\n  - mcp==1.6.0\n", "dependencies:\n- pip:\n  - mcp==1.28.1\n"),
        (
            "pixi.toml",
            '[pypi-dependencies]\nmcp = { version = ">=1.6" }\n',
            '[pypi-dependencies]\nmcp = { version = ">=1.28.1,<2" }\n',
        ),
        ("Dockerfile", "FROM x\nRUN pip install mcp httpx\n", 'FROM x\nRUN pip install "mcp>=1.28.1,<2" httpx\n'),
        ("Dockerfile", "FROM x\nRUN pip install mcp==1.6.0 httpx\n", "FROM x\nRUN pip install mcp==1.28.1 httpx\n"),
        ("Dockerfile", "FROM x\nRUN pip install 'mcp[cli]>=1.24'\n", "FROM x\nRUN pip install 'mcp[cli]>=1.24,<2'\n"),
    ],
)
def test_every_manifest_is_edited_in_its_own_style(judged: Judge, path: str, before: str, after: str) -> None:
    assert judged({path: before}, endpoint()).text(path) == after


def test_constraints_are_raised_and_overrides_are_told(judged: Judge) -> None:
    found = judged({"requirements.txt": "mcp\n-c constraints.txt\n", "constraints.txt": "mcp==1.6.0\n"}, endpoint())
    assert found.text("constraints.txt") == "mcp==1.28.1\n"
    files = {"pyproject.toml": _pyproject("mcp>=1.2,<2") + '[tool.uv]\noverride-dependencies = ["mcp==1.6.0"]\n'}
    found = judged(files, endpoint())
    (part,) = [p for p in found.parts if p.needed and not p.edits]
    assert "an override that keeps mcp" in part.findings[0].message


def test_versions_in_commands_that_start_the_server(judged: Judge) -> None:
    files = {
        "run.sh": "uv run --with mcp==1.6.0 server.py\nuvx --with mcp==1.6.0 other-server\nuv run --with mcp server.py\n",
        "client.json": '{"mcpServers": {"a": {"command": "uv", "args": ["run", "--with", "mcp==1.6.0", "/app/server.py"]},\n"b": {"args": ["--with", "mcp==1.6.0", "else"]}}}\n',
    }
    found = judged(files, endpoint())
    assert found.text("run.sh") == (
        'uv run --with mcp==1.28.1 server.py\nuvx --with mcp==1.6.0 other-server\nuv run --with "mcp>=1.28.1,<2" server.py\n'
    )
    assert found.text("client.json") == files["client.json"].replace("mcp==1.6.0", "mcp==1.28.1", 1)


def test_versions_in_commands_of_files_that_never_say_sse(judged: Judge) -> None:
    files = {
        ".mcp.json": '{"mcpServers": {"a": {"command": "uv", "args": ["run", "--with", "mcp==1.6.0", "server.py"]}}}'
    }
    assert judged(files, endpoint(), hits={}).text(".mcp.json") == files[".mcp.json"].replace("1.6.0", "1.28.1")
    found = judged(files, endpoint(), hits={}, local=frozenset({".mcp.json"}))
    (finding,) = found.of("MCP401")
    assert found.edits == []
    assert (finding.severity, finding.instruction) == (Severity.NOTE, "Write mcp==1.28.1.")
    found = judged(files, endpoint(), settings=Settings(local_files=True), hits={}, local=frozenset({".mcp.json"}))
    assert found.text(".mcp.json") == files[".mcp.json"].replace("1.6.0", "1.28.1")


def test_javascript_is_told_and_not_edited(judged: Judge) -> None:
    files = {
        "package.json": '{"dependencies": {"@modelcontextprotocol/sdk": "1.9.0"}}\n',
        "package-lock.json": '{"lockfileVersion": 2, "packages": {"": {"dependencies": {"@modelcontextprotocol/sdk": "1.9.0"}}, "node_modules/@modelcontextprotocol/sdk": {"version": "1.9.0"}}}\n',
        "src/index.ts": "new SSEServerTransport('/m', res)\n",
    }
    found = judged(files)
    assert found.edits == []
    (finding,) = found.of("MCP401")
    assert (finding.severity, finding.outcome) == (Severity.ERROR, Outcome.BY_HAND)
    assert finding.instruction == 'Write @modelcontextprotocol/sdk "1.26.0" in package.json.'
    files["package.json"] = files["package.json"].replace("1.9.0", "^1.26.0")
    found = judged(files)
    assert found.regenerate == ["npm install --package-lock-only --ignore-scripts --lockfile-version 2"]
    assert judged({**files, "src/index.ts": "export {}\n"}).parts == []


def test_clients_are_judged_by_their_package(judged: Judge) -> None:
    files = {"requirements.txt": "openai-agents==0.0.7\nmcp>=1.24\nlangchain-mcp-adapters\n", "agent.py": ""}
    clients = (
        ClientNeed("agent.py", "openai-agents"),
        ClientNeed("agent.py", "mcp"),
        ClientNeed("agent.py", "langchain_mcp_adapters"),
        ClientNeed("agent.py", "nothing"),
    )
    found = judged(files, clients=clients)
    assert found.text("requirements.txt") == "openai-agents==0.0.15\nmcp>=1.24,<2\nlangchain-mcp-adapters\n"
    assert {p.unit for p in found.parts} == {""}


@pytest.mark.parametrize(
    ("asked", "client", "becomes"),
    [
        ("mcp>=1.9", ClientNeed("agent.py", "mcp", "1.24.0", any_major=True), "mcp>=1.24.0"),
        ("mcp>=1.26", ClientNeed("agent.py", "mcp", "1.24.0", any_major=True), "mcp>=1.26"),
        ("mcp>=1.9", ClientNeed("agent.py", "mcp", "1.8.0", 1), "mcp>=1.9,<2"),
        ("mcp>=1.9,<2", ClientNeed("agent.py", "mcp", "1.8.0", 1), "mcp>=1.9,<2"),
        ("mcp~=1.9.4\npydantic<2.12", ClientNeed("agent.py", "mcp", "1.9.4", 1), "mcp~=1.9.4\npydantic<2.12"),
        ("mcp~=1.9.0", ClientNeed("agent.py", "mcp", "1.9.4", 1), "mcp~=1.28.1"),
        ("mcp==1.6.0", ClientNeed("agent.py", "mcp", "1.24.0"), "mcp==1.28.1"),
        ("smolagents==1.10.0", ClientNeed("agent.py", "smolagents", "1.17.0"), "smolagents==1.17.0"),
    ],
)
def test_what_a_client_needs_raises_its_requirement(
    judged: Judge, asked: str, client: ClientNeed, becomes: str
) -> None:
    found = judged({"requirements.txt": f"{asked}\n", "agent.py": ""}, clients=(client,))
    assert found.text("requirements.txt") == f"{becomes}\n"
    assert any(f.outcome is Outcome.FIX for f in found.findings) == (asked != becomes)


def test_a_client_beside_a_server_keeps_to_the_major_version_of_the_server(judged: Judge) -> None:
    files = {"requirements.txt": "mcp>=1.9\n", "agent.py": "", "server.py": ""}
    found = judged(files, endpoint("server.py"), clients=(ClientNeed("agent.py", "mcp", "1.24.0", any_major=True),))
    assert found.text("requirements.txt") == "mcp>=1.28.1,<2\n"


def test_elsewhere_only_the_lock_of_a_server_over_http_is_told(judged: Judge) -> None:
    files = {"pyproject.toml": _pyproject("mcp>=1.28.1"), "uv.lock": _uv(mcp="1.6.0")}
    assert judged(files).parts == []
    files["server.py"] = 'from mcp.server.fastmcp import FastMCP\nmcp.run(transport="streamable-http")\n'
    found = judged(files)
    assert [(f.rule, f.message) for f in found.findings] == [
        ("MCP404", "uv.lock is stale: it holds mcp 1.6.0, and pyproject.toml asks for mcp>=1.28.1")
    ]
    assert found.edits == []


def test_the_versions_of_projects_without_sse_are_not_touched(judged: Judge) -> None:
    files = {
        "a/requirements.txt": "mcp>=1.24\n",
        "a/server.py": "",
        "b/requirements.txt": "mcp==1.2.0\n",
        "b/server.py": "",
    }
    found = judged(files, endpoint("a/server.py"))
    assert {e.path for e in found.edits} == {"a/requirements.txt"}
    assert {f.place.path for f in found.findings} == {"a/requirements.txt"}


def test_what_can_not_be_read_counts_beside_a_server(judged: Judge) -> None:
    files = {
        "a/pyproject.toml": _pyproject("mcp>=1.24,<2"),
        "a/uv.lock": "version = 1\n<<<<<<< HEAD\n",
        "a/server.py": "",
        "b/pyproject.toml": "[project\n",
        "b/server.py": "",
        "pylock.toml": 'lock-version = "9"\n',
    }
    found = judged(files, endpoint("a/server.py"))
    assert [(f.place.path, f.place.line, f.severity, f.outcome) for f in found.of("MCP406")] == [
        ("a/uv.lock", 2, Severity.WARNING, Outcome.BY_HAND),
        ("pylock.toml", 0, Severity.NOTE, Outcome.INFO),
    ]
    found = judged(files, endpoint("b/server.py"))
    assert {(f.place.path, f.severity) for f in found.of("MCP406")} == {
        ("b/pyproject.toml", Severity.WARNING),
        ("pylock.toml", Severity.NOTE),
    }


def test_what_another_package_brings(judged: Judge) -> None:
    found = judged({"requirements.txt": "fastmcp>=2.14.2\n"}, endpoint())
    (finding,) = found.of("MCP402")
    assert finding.outcome is Outcome.BY_HAND
    assert finding.message == "fastmcp 4.1.6 brings mcp 2.3.0, and nothing keeps it out: the code is written for mcp 1"
    assert judged({"requirements.txt": "fastmcp>=2.14.2,<3\n"}, endpoint()).findings == []
    found = judged({"requirements.txt": "fastmcp==2.12.5\n"}, endpoint())
    assert [f.rule for f in found.findings] == ["MCP403"]
    locked = {"pyproject.toml": _pyproject("fastmcp>=2.14.2"), "uv.lock": _uv(fastmcp="2.14.7", mcp="1.30.0")}
    assert judged(locked, endpoint()).findings == []


def test_allowed_hosts_answer_the_host_check(judged: Judge) -> None:
    settings = Settings(allowed_hosts=("mcp.example.com",))
    assert judged({"requirements.txt": "mcp==1.6.0\n"}, endpoint(), settings=settings).of("MCP603") == []


@pytest.mark.parametrize(
    ("file", "text", "source", "command"),
    [
        (
            "pylock.toml",
            'lock-version = "1.0"\ncreated-by = "uv"\n[[packages]]\nname = "mcp"\nversion = "1.6.0"\n',
            "pyproject",
            "uv export --format pylock.toml --output-file pylock.toml",
        ),
        (
            "pylock.toml",
            'lock-version = "1.0"\ncreated-by = "pip"\n[[packages]]\nname = "mcp"\nversion = "1.6.0"\n',
            "pyproject",
            "pip lock . --output pylock.toml",
        ),
        (
            "pdm.lock",
            '[metadata]\nlock_version = "4.5.0"\n[[package]]\nname = "mcp"\nversion = "1.6.0"\n',
            "pyproject",
            "pdm lock --update-reuse",
        ),
        (
            "poetry.lock",
            '[[package]]\nname = "mcp"\nversion = "1.6.0"\n[metadata]\nlock-version = "1.1"\n',
            "pyproject",
            "poetry lock --no-update",
        ),
        (
            "poetry.lock",
            '[[package]]\nname = "mcp"\nversion = "1.6.0"\n[metadata]\nlock-version = "2.1"\n',
            "pyproject",
            "poetry update mcp --lock",
        ),
        (
            "requirements.txt",
            "#    pip-compile -P mcp requirements.in\nmcp==1.6.0\n",
            "in",
            "pip-compile requirements.in --upgrade-package mcp",
        ),
        ("requirements.txt", "#    pip-compile $(rm -rf x) requirements.in\nmcp==1.6.0\n", "in", ""),
        ("requirements.txt", "mcp==1.6.0 \\\n  --hash=sha256:x\n", "in", ""),
    ],
)
def test_the_command_for_the_tool_that_wrote_the_lock(
    judged: Judge, file: str, text: str, source: str, command: str
) -> None:
    manifest = (
        {"pyproject.toml": _pyproject("mcp==1.6.0")} if source == "pyproject" else {"requirements.in": "mcp==1.6.0\n"}
    )
    found = judged({**manifest, file: text}, endpoint())
    assert found.regenerate == ([command] if command else [])
    (finding,) = found.of("MCP404")
    assert finding.instruction == (f"Run: {command}" if command else "Make it again with the tool that wrote it.")
