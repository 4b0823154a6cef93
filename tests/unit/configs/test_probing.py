"""`--remote probe`: the host is asked, and its answer decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from configs_support import BOOK

from migrator import main
from migrator.configs import probing
from migrator.configs.decisions import Action, Decision
from migrator.configs.probing import Answer, ask
from migrator.configs.urls import Urls
from tests.unit.test_handshake import FakeServer, fake

__all__ = ["fake"]


def probed(url: str) -> Decision:
    return Urls((), BOOK.toml("endpoints.toml")["endpoint"], tuple, "probe").decide(url)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/mcp", Answer(True)),
        ("/framed", Answer(True)),
        ("/session?team=a", Answer(True)),
        ("/secret", Answer(False, True, "status 401")),
        ("/html", Answer(False, False, "status 200")),
    ],
)
def test_what_a_host_says(fake: FakeServer, path: str, answer: Answer) -> None:
    assert ask(fake.base + path) == answer
    assert fake.seen[0][:2] == (path, "initialize")
    assert ask(fake.base.removeprefix("http://") + path) == answer


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/mcp", "http://[broken/mcp", "http://127.0.0.1:99999/mcp"])
def test_a_host_that_does_not_answer(url: str) -> None:
    answer = ask(url)
    assert not answer.speaks and not answer.login and answer.said


def test_the_answer_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"yes": Answer(True), "login": Answer(False, True, "status 401"), "no": Answer(False, said="status 404")}
    monkeypatch.setattr(probing, "ask", lambda url: answers[url.split("/")[2].split(".")[0]])
    yes, login, no = (probed(f"https://{name}.example.com/sse") for name in answers)
    assert (yes.action, yes.url, yes.assumed) == (Action.MOVE, "https://yes.example.com/mcp", False)
    assert (login.action, login.url, login.assumed) == (Action.MOVE, "https://login.example.com/mcp", True)
    assert "curl" in login.check and "wants a login" in login.reason
    assert no.action is Action.HAND and "https://no.example.com/mcp: status 404" in no.reason
    assert probed("https://yes.example.com/mcp").action is Action.STAY


def test_nothing_else_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "ask", lambda url: pytest.fail(f"asked {url}"))
    assert probed("https://${HOST}/sse").action is Action.HAND
    assert probed("https://mcp.linear.app/sse").action is Action.MOVE
    assert Urls((), (), tuple, "assume").decide("https://x.example.com/sse").assumed


def test_a_whole_run(fake: FakeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = {"type": "sse", "url": f"{fake.base}/sse"}
    gone = {"type": "sse", "url": "http://127.0.0.1:1/sse"}
    file = tmp_path / ".mcp.json"
    file.write_text(json.dumps({"mcpServers": {"there": there, "gone": gone}}))
    assert main.main(["--remote", "probe", str(tmp_path)]) == 1
    after = json.loads(file.read_text())["mcpServers"]
    assert after == {"there": {"type": "http", "url": f"{fake.base}/mcp"}, "gone": gone}
    out = " ".join(capsys.readouterr().out.split())
    assert "asked for Streamable HTTP at http://127.0.0.1:1/mcp: " in out and "assumed" not in out
