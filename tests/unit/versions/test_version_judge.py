"""What becomes of requirements: raised, kept within a major version, left, or in the way of a move."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from versions_support import Judged, endpoint, pyproject, uv_lock

from migrator.model import Outcome, Severity
from migrator.settings import Settings

Judge = Callable[..., Judged]


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
    files = {"pyproject.toml": pyproject("httpx", line), "uv.lock": uv_lock(**{name: locked})}
    found = judged(files, endpoint(generation=generation))
    assert found.text("pyproject.toml") == pyproject("httpx", after)
    spec = after.removeprefix(name)
    stays = any(v == locked for v in ("1.30.0", "1.26.0", "2.13.3", "3.4.4"))
    assert [f.rule for f in found.findings if f.rule == "MCP404"] == ([] if stays else ["MCP404"])
    assert found.regenerate == ([] if stays else [f"uv lock --upgrade-package {name}"])
    assert spec


def test_a_raise_that_a_server_depends_on_is_needed_by_its_unit(judged: Judge) -> None:
    files = {"pyproject.toml": pyproject("mcp>=1.2"), "uv.lock": uv_lock(mcp="1.6.0")}
    found = judged(files, endpoint())
    assert [(p.unit, p.needed) for p in found.parts if p.edits] == [("server.py", True)]
    assert [f.severity for f in found.of("MCP401")] == [Severity.ERROR]
    assert all(f.unit == "server.py" for f in found.findings)
    files["uv.lock"] = uv_lock(mcp="1.26.0")
    assert [(p.unit, p.needed) for p in judged(files, endpoint()).parts if p.edits] == [("server.py", False)]


def test_a_source_of_its_own_that_is_too_old_blocks(judged: Judge) -> None:
    source = '[tool.uv.sources]\nmcp = { git = "https://git.example.org/mcp" }\n'
    files = {"pyproject.toml": pyproject("mcp>=1.2,<2") + source, "uv.lock": uv_lock(mcp="1.6.0")}
    found = judged(files, endpoint())
    assert found.edits == []
    (part,) = [p for p in found.parts if p.needed]
    assert [(f.rule, f.outcome) for f in part.findings] == [("MCP401", Outcome.BY_HAND)]
    assert "its source gives 1.8.0 or newer, then run uv lock" in part.findings[0].instruction


def test_the_version_of_a_source_of_its_own_is_unknown_without_a_lock(judged: Judge) -> None:
    source = '[tool.uv.sources]\nmcp = { git = "https://git.example.org/mcp" }\n'
    for files in (
        {"pyproject.toml": pyproject("mcp>=1.2") + source},
        {"requirements.txt": "mcp @ git+https://git.example.org/mcp\n"},
    ):
        found = judged(files, endpoint())
        (finding,) = found.findings
        assert (finding.rule, finding.severity, finding.outcome) == ("MCP401", Severity.NOTE, Outcome.BY_HAND)
        assert found.edits == []
    files["uv.lock"] = uv_lock(mcp="1.26.0")
    assert not any(p.needed for p in judged(files, endpoint()).parts)


def test_no_manifest_or_a_transitive_one_never_blocks(judged: Judge) -> None:
    assert judged({}, endpoint()).parts == []
    assert judged({"pyproject.toml": pyproject("httpx")}, endpoint()).parts == []
    found = judged({"pyproject.toml": pyproject("langchain-mcp-adapters"), "uv.lock": uv_lock(mcp="1.6.0")}, endpoint())
    (finding,) = found.of("MCP401")
    assert (
        finding.instruction == "No manifest names it: require mcp>=1.28.1,<2, then run uv lock --upgrade-package mcp."
    )
    assert not any(p.needed for p in found.parts)
    found = judged({"pyproject.toml": pyproject("x"), "uv.lock": uv_lock(mcp="1.26.0")}, endpoint())
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
    locked = {"pyproject.toml": pyproject("mcp==1.16.0"), "uv.lock": uv_lock(mcp="1.16.0", pydantic="2.12.5")}
    assert judged(locked, endpoint()).edits == []


def test_the_code_and_the_versions_disagree(judged: Judge) -> None:
    found = judged({"requirements.txt": "mcp>=2,<3\n"}, endpoint())
    (finding,) = found.of("MCP405")
    assert (found.edits, finding.outcome) == ([], Outcome.BY_HAND)
    assert finding.message == "the code is written for mcp 1, but it asks for mcp>=2,<3"
    found = judged({"requirements.txt": "mcp==1.26.0\n"}, endpoint(generation="official-2"))
    assert [f.outcome for f in found.of("MCP405")] == [Outcome.BY_HAND]
    found = judged({"pyproject.toml": pyproject("mcp>=1.2"), "uv.lock": uv_lock(mcp="2.3.0")}, endpoint())
    assert [(f.outcome, f.message) for f in found.of("MCP405")] == [
        (Outcome.INFO, "the code is written for mcp 1, but the lock holds mcp 2.3.0")
    ]
    found = judged({"uv.lock": uv_lock(mcp="2.3.0")}, endpoint())
    assert [f.instruction for f in found.of("MCP405")] == ["Require mcp>=1.28.1,<2, or move the code."]


def test_the_host_check_is_told_where_a_raise_arms_it(judged: Judge) -> None:
    assert (
        "--allowed-host"
        in judged({"requirements.txt": "mcp==1.22.0\n"}, endpoint(needs_sdk="1.29.0")).of("MCP603")[0].message
    )
    files = {"pyproject.toml": pyproject("mcp>=1.2"), "uv.lock": uv_lock(mcp="1.9.0")}
    assert len(judged(files, endpoint()).of("MCP603")) == 1
    files["uv.lock"] = uv_lock(mcp="1.23.0")
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
    files = {"pyproject.toml": pyproject("mcp>=1.2"), "uv.lock": uv_lock(mcp="1.6.0")}
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


def test_what_another_package_brings(judged: Judge) -> None:
    found = judged({"requirements.txt": "fastmcp>=2.14.2\n"}, endpoint())
    (finding,) = found.of("MCP402")
    assert finding.outcome is Outcome.BY_HAND
    assert finding.message == "fastmcp 4.1.6 brings mcp 2.3.0, and nothing keeps it out: the code is written for mcp 1"
    (never,) = judged({"requirements.txt": "fastmcp>=4\n"}, endpoint()).of("MCP402")
    assert "no release of it that is asked for goes with another" in never.message
    assert never.instruction == "Install that code apart, with mcp>=1.28.1,<2, or move it to mcp 2."
    assert judged({"requirements.txt": "fastmcp>=2.14.2,<3\n"}, endpoint()).findings == []
    found = judged({"requirements.txt": "fastmcp==2.12.5\n"}, endpoint())
    assert [f.rule for f in found.findings] == ["MCP403"]
    locked = {"pyproject.toml": pyproject("fastmcp>=2.14.2"), "uv.lock": uv_lock(fastmcp="2.14.7", mcp="1.30.0")}
    assert judged(locked, endpoint()).findings == []


def test_allowed_hosts_answer_the_host_check(judged: Judge) -> None:
    settings = Settings(allowed_hosts=("mcp.example.com",))
    assert judged({"requirements.txt": "mcp==1.6.0\n"}, endpoint(), settings=settings).of("MCP603") == []
