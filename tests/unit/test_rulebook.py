"""The rulebook: what ships, what users add, and what is said about a file that can't be used."""

from pathlib import Path

import pytest

from migrator import rulebook
from migrator.model import Severity
from migrator.rulebook import RulebookError
from migrator.settings import Settings


def book_of(folder: Path, **files: str) -> rulebook.Rulebook:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return rulebook.Rulebook(folder)


def with_extra(root: Path, text: str) -> rulebook.Rulebook:
    (root / "ours.toml").write_text(text, encoding="utf-8")
    return rulebook.load(Settings(extra_rules=("ours.toml",)), root)


def test_every_rule_that_ships_is_complete() -> None:
    rules = rulebook.load().rules()
    assert len(rules) >= 40
    for rule in rules.values():
        assert rule.safety, f"{rule.id}: say when its edit could be wrong"
        assert rule.title[0].isupper() or rule.title[0] in "'`", rule.id
        assert not rule.title.endswith("."), rule.id
        if rule.fixable == "always":
            assert rule.before and rule.after, rule.id


def test_every_file_that_ships_says_where_its_facts_come_from() -> None:
    folder = rulebook.rules_folder()
    for path in folder.rglob("*.toml"):
        table = rulebook.read_toml(path, path.name)
        assert "source" in path.read_text(encoding="utf-8"), path
        assert table, path


def test_hazards_never_make_check_fail_and_other_languages_do() -> None:
    for rule in rulebook.load().rules().values():
        if rule.id.startswith("MCP6"):
            assert rule.severity is Severity.NOTE, rule.id
        if rule.id.startswith("MCP9"):
            assert rule.severity is Severity.WARNING, rule.id


def test_a_rule_by_its_id_in_any_case() -> None:
    assert rulebook.load().rule("mcp103").id == "MCP103"


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(RulebookError, match=r'no rule "MCP1O3"; did you mean "MCP103"'):
        rulebook.load().rule("MCP1O3")


def test_tables_and_folders(tmp_path: Path) -> None:
    book = book_of(tmp_path, floors="a = 1", clients__b="x = 2", clients__a="x = 1")
    assert book.table("floors") == {"a": 1}
    assert list(book.all_toml("clients")) == ["a", "b"]
    assert book.toml("clients/b.toml") == {"x": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [("a = b\n", r"rules/floors\.toml: not valid TOML: .*line 1"), ("a = '\udcff'", "not UTF-8")],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "floors.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(RulebookError, match=message):
        rulebook.Rulebook(tmp_path).table("floors")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match=r"rules/nothing\.toml: no such file"):
        rulebook.Rulebook(tmp_path).table("nothing")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("MCP1 = 1", "must be a table"),
        ("[MCP1]\ntitle = 'x'", "why is missing"),
        ("[MCP1]\ntitle='x'\nwhy='x'\nwhat='x'\nfixable='never'\nseverity='bad'", "severity must be one of error"),
        ("[MCP1]\ntitle='x'\nwhy='x'\nwhat='x'\nfixable='maybe'\nseverity='note'", "fixable must be one of"),
        ("[MCP1]\ntitel='x'", "unknown key titel"),
    ],
)
def test_a_malformed_rule_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(RulebookError, match=message):
        book_of(tmp_path, rules=row).rules()


def test_users_add_a_client_of_their_own(tmp_path: Path) -> None:
    book = with_extra(tmp_path, '[clients.ours]\nfiles = ["ours.json"]\n')
    assert book.all_toml("clients")["ours"] == {"files": ["ours.json"]}
    assert "claude-code" in book.all_toml("clients")


def test_users_rows_come_before_ours(tmp_path: Path) -> None:
    book = book_of(tmp_path, floors="rows = [1]\n[a]\nb = 1\nc = 1")
    book.extra["x"] = {"floors": {"rows": [2], "a": {"b": 2}}}
    assert book.table("floors") == {"rows": [2, 1], "a": {"b": 2, "c": 1}}


def test_users_change_a_client_that_ships(tmp_path: Path) -> None:
    shipped = rulebook.load().all_toml("clients")["claude-code"]["files"]
    book = with_extra(tmp_path, '[clients.claude-code]\nfiles = ["more.json"]\n')
    assert book.all_toml("clients")["claude-code"]["files"] == ["more.json", *shipped]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[client.ours]", r'ours\.toml: unknown table "client"; did you mean "clients"'),
        ("clients = 3", r'"clients" must be a table'),
        ("[clients]\nours = 3", r'"clients\.ours" must be a table'),
        ('[clients.ours]\nfiles = "a.json"', r'"clients\.ours": "files" must be a list'),
        ("[clients.ours]\nwords = [1]", r'"clients\.ours": "words", entry 1 must be a string'),
        ("[clients.cursor]\nwords = 1", r'"clients\.cursor": "words" must be a list'),
        ('[[endpoints.endpoint]]\nvendor = "x"\nsource = "y"', r'"endpoint", entry 1: "old" is missing'),
        ("[endpoints]\nendpoint = 1", r'"endpoints": "endpoint" must be a list'),
        ("[deploy.runners]\nrunner = 3", r'"deploy\.runners": "runner" must be a list'),
        ("x = [", r"ours\.toml: not valid TOML"),
    ],
)
def test_a_users_file_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RulebookError, match=message):
        with_extra(tmp_path, text)


def test_a_table_of_few_rows_demands_no_key(tmp_path: Path) -> None:
    row = '[[floors.change]]\npackage = "mcp"\nat = "9"\n'
    assert with_extra(tmp_path, row).table("floors")["change"][0] == {"package": "mcp", "at": "9"}


def test_users_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match=r"ours\.toml: no such file"):
        rulebook.load(Settings(extra_rules=("ours.toml",)), tmp_path)
