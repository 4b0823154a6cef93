"""How case folders and pattern folders become subjects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.behaviour import cases, patterns
from tests.behaviour.environments import environments
from tests.behaviour.subject import Call, Route, Start, Subject

OFFICIAL = environments()["official-1"]
GOOD = 'title = "t"\ngenerations = ["official-1"]\nentry = ["server.py"]\n'


def case(folder: Path, text: str) -> list[Subject]:
    (folder / "one").mkdir()
    (folder / "one" / "case.toml").write_text(text)
    return cases.subjects(OFFICIAL, folder)


def test_a_case_with_defaults(tmp_path: Path) -> None:
    (found,) = case(tmp_path, GOOD)
    assert (found.name, found.start, found.routes) == ("cases/one", Start(("server.py",)), (Route("/sse", "/mcp"),))
    assert (found.call, found.expect, found.legacy) == (Call(), "stateless", "remove")


def test_a_case_with_everything(tmp_path: Path) -> None:
    more = """
port = 8000
env = { WORD = "sse" }
new = { env = { WORD = "http" } }
stdio = { entry = ["server.py", "stdio"] }
call = false
options = { legacy_sse = "keep" }
expect = "stateful"
reason = "elicit"
[[endpoint]]
old = "/a/sse"
new = "/a/mcp"
"""
    (found,) = case(tmp_path, GOOD + more)
    assert found.new_start == Start(("server.py",), {"WORD": "http"})
    assert found.stdio == Start(("server.py", "stdio"))
    assert (found.call, found.legacy, found.routes, found.port) == (None, "keep", (Route("/a/sse", "/a/mcp"),), "8000")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "prot = 8000", "unknown keys prot"),
        ('title = "t"', "entry, generations missing"),
        (GOOD + 'expect = "fine"', "expect is one of"),
        (GOOD + 'expect = "blocked"', "needs a reason"),
        ("title = ", "case.toml"),
    ],
)
def test_a_case_that_can_not_be_used_says_why(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(cases.BadCase, match=says):
        case(tmp_path, text)


def test_every_case_of_the_project_can_be_read() -> None:
    found = {subject.name for environment in environments().values() for subject in cases.subjects(environment)}
    assert found == {f"cases/{folder.name}" for folder in cases.CASES.iterdir() if folder.is_dir()}


def test_starts_on_a_port_and_with_another_word() -> None:
    start = Start(("-m", "uvicorn", "--port", "8000", "--mode=sse", "sse"), {"WORD": "sse", "URL": "http://h:{port}/"})
    there = start.on(123, "8000")
    assert there.entry == ("-m", "uvicorn", "--port", "123", "--mode=sse", "sse")
    assert there.env == {"WORD": "sse", "URL": "http://h:123/"}
    assert start.with_word("sse", "http").entry[-2:] == ("--mode=http", "http")
    assert start.with_word("sse", "http").env["WORD"] == "http"
    assert Start(("18000", "80001", "a:8000b")).on(5, "8000").entry == ("18000", "80001", "a:5b")


def test_the_port_is_replaced_in_a_copy(tmp_path: Path) -> None:
    source = tmp_path / "a"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "x.py").write_bytes(b"port = 8931\r\n# 89312\n")
    (source / "raw").write_bytes(b"\xff\x00 8931")
    subject = Subject("s", source, Start(("x.py",)), port="8931")
    subject.on_port(source, tmp_path / "b", 7)
    assert (tmp_path / "b" / "sub" / "x.py").read_bytes() == b"port = 7\r\n# 89312\n"
    assert (tmp_path / "b" / "raw").read_bytes() == b"\xff\x00 7"
    assert (source / "raw").read_bytes() == b"\xff\x00 8931"


def test_patterns_that_are_no_model_are_left_out(tmp_path: Path) -> None:
    for name in ("run_json", "dual_x", "gone_x", "keep_x", "x_nolifespan", "fastapi_mount_no_lifespan_arg", "plain"):
        folder = tmp_path / "official" / name
        folder.mkdir(parents=True)
        (folder / "before.py").write_text("x = 1\n")
        (folder / "meta.json").write_text(json.dumps({"sse": ["/a/sse"], "http": ["/a/mcp"], "argv": ["--sse"]}))
    (tmp_path / "official" / "only_an_answer").mkdir()
    found = patterns.subjects(tmp_path, OFFICIAL, manifest=True)
    assert [subject.name for subject in found] == [
        "official/fastapi_mount_no_lifespan_arg+pinned",
        "official/plain+pinned",
    ]
    plain = found[-1]
    assert patterns.plain_name(plain) == "official/plain"
    assert plain.routes == (Route("/a/sse", model="/a/mcp"),)
    assert (plain.start, plain.more_starts) == (Start(("server.py", "--sse")), (Start(("server.py",)),))
    plain.write(tmp_path / "out")
    assert (tmp_path / "out" / "requirements.txt").read_text() == "mcp[cli]==1.30.0\n"
