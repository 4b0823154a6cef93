"""Every client of the rulebook: one TOML file there, one of cases here, nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from configs_support import BOOK, Project, read

from migrator.configs.clients import Clients
from migrator.configs.entries import NOTATIONS
from migrator.configs.forms import UNKNOWN
from migrator.configs.places import entries_of
from migrator.rulebook import RulebookError
from migrator.settings import Settings, SettingsError

CASES = Path(__file__).resolve().parents[3] / "testdata" / "configs" / "clients"
TABLES = BOOK.all_toml("clients")


def cases() -> list[Any]:
    found = []
    for file in sorted(CASES.glob("*.toml")):
        for i, case in enumerate(tomllib.loads(file.read_text())["case"]):
            found.append(pytest.param(file.stem, case, id=f"{file.stem}-{i}"))
    return found


@pytest.mark.parametrize(("client", "case"), cases())
def test_case(tmp_path: Path, client: str, case: dict[str, str]) -> None:
    path = case["path"]
    project = Project(tmp_path / "1", {path: case["before"]})
    assert project.text(path) == case["after"]
    if not path.endswith(".md"):
        read(path, project.after(path))
    again = Project(tmp_path / "2", {path: case["after"]})
    assert again.text(path) == case["after"]
    assert not again.fixes()


@pytest.mark.parametrize(("client", "case"), cases())
def test_the_file_shows_its_client(client: str, case: dict[str, str]) -> None:
    if case["path"].endswith(".md"):
        text, syntax = case["before"].split("---\n")[1], "yaml"
    else:
        text, syntax = case["before"], case["path"].rpartition(".")[2].replace("code-workspace", "json")
    root = NOTATIONS[syntax].parse(text)[0]
    reader = Clients(TABLES).reader(case["path"], root, Settings())
    assert reader is not None
    assert (reader.client.id, reader.told) == (client, client != UNKNOWN)


def test_every_client_has_a_case() -> None:
    assert {file.stem for file in CASES.glob("*.toml")} == TABLES.keys()


def test_no_client_writes_a_word_that_it_rejects() -> None:
    for client in Clients(TABLES).all.values():
        for form in client.forms:
            assert not set(form.words) & set(form.rejects), client.id
            assert not {w.lower() for w in form.words} & set(form.old_words), client.id


def test_a_client_of_the_users_own_is_one_table() -> None:
    own = {
        "name": "Our client",
        "source": "its manual",
        "files": ["our-mcp.json"],
        "entries": ["endpoints/*"],
        "type-keys": ["kind"],
        "url-keys": ["address"],
        "words": ["stream"],
        "untyped": "sse",
    }
    clients = Clients({**TABLES, "ours": own})
    root = NOTATIONS["json"].parse('{"endpoints": {"a": {"address": "http://x/sse"}}}')[0]
    assert [f.path for f in entries_of(clients.all["ours"], "our-mcp.json", root)] == [("endpoints", "a")]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": "X", "source": "s", "entries": ["a/*"], "url-keys": []}, "type-keys is missing"),
        (
            {"name": "X", "source": "s", "entries": [], "type-keys": [], "url-keys": [], "word": "http"},
            "unknown key 'word'",
        ),
    ],
)
def test_a_malformed_client_is_told(table: dict[str, Any], message: str) -> None:
    with pytest.raises(RulebookError, match=message):
        Clients({**TABLES, "x": table})


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match='did you mean "claude-code"'):
        Clients(TABLES).chosen("a.json", Settings(client="claude-cod"))


def test_the_settings_say_which_client_reads_a_file(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"type": "sse", "url": "http://localhost:8000/sse"}}}'
    plain = Project(tmp_path / "1", {"servers.json": text})
    assert '"type": "http"' in plain.text("servers.json")
    finding = plain.fixes()[0]
    assert finding.assumed and "Cline" in finding.check and "--client" in finding.check
    cline = Project(tmp_path / "2", {"servers.json": text}, Settings(client="cline"))
    assert '"type": "streamableHttp"' in cline.text("servers.json")
    glob = Settings(clients=(("conf/*.json", "roo"),))
    roo = Project(tmp_path / "3", {"conf/servers.json": text, ".vscode/mcp.json": text}, glob)
    assert '"type": "streamable-http"' in roo.text("conf/servers.json")
    assert '"type": "http"' in roo.text(".vscode/mcp.json")


def test_the_client_setting_does_not_override_a_file_that_shows_its_client(tmp_path: Path) -> None:
    text = '{"servers": {"a": {"type": "sse", "url": "http://localhost:8000/sse"}}}'
    project = Project(tmp_path, {".vscode/mcp.json": text}, Settings(client="cline"))
    assert '"type": "http"' in project.text(".vscode/mcp.json")


def test_a_named_client_with_other_roots_still_reads_the_usual_ones(tmp_path: Path) -> None:
    text = "mcpServers:\n  a:\n    type: sse\n    uri: http://localhost:8000/sse\n"
    project = Project(tmp_path, {"conf.yaml": text}, Settings(client="goose"))
    assert project.text("conf.yaml") == text.replace("sse\n", "streamable_http\n", 1).replace("/sse", "/mcp")
