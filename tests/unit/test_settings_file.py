"""Settings: the command line over the table over the defaults, and errors that name the right word."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from migrator import main, settings_file
from migrator.settings import Settings, SettingsError


def project(root: Path, own: str | None = None, pyproject: str | None = None) -> Path:
    if own is not None:
        (root / settings_file.OWN_FILE).write_text(own, encoding="utf-8")
    if pyproject is not None:
        (root / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    return root


def test_defaults(tmp_path: Path) -> None:
    loaded = settings_file.load(tmp_path)
    assert loaded.settings == Settings()
    assert loaded.file == ""
    assert set(loaded.origins.values()) == {"default"}


def test_the_table_in_pyproject(tmp_path: Path) -> None:
    project(tmp_path, pyproject='[tool.mcp-transport-migrate]\nlegacy-sse = "gone"\ndocs = false\n')
    loaded = settings_file.load(tmp_path)
    assert (loaded.settings.legacy_sse, loaded.settings.docs) == ("gone", False)
    assert loaded.origins["legacy-sse"] == "pyproject.toml"


def test_our_own_file_wins(tmp_path: Path) -> None:
    project(tmp_path, own='mode = "stateful"', pyproject='[tool.mcp-transport-migrate]\nmode = "stateless"\n')
    assert settings_file.load(tmp_path).settings.mode == "stateful"


def test_the_command_line_wins(tmp_path: Path) -> None:
    project(tmp_path, own='mode = "stateful"\nexclude = ["a"]')
    loaded = settings_file.load(tmp_path, {"mode": "auto", "floor": None, "exclude": ["b", "c"]})
    assert loaded.settings.mode == "auto"
    assert loaded.settings.exclude == ("b", "c")
    assert loaded.origins["mode"] == "command line"
    assert loaded.origins["floor"] == "default"


def test_tables_from_globs(tmp_path: Path) -> None:
    project(tmp_path, own='[clients]\n"*.mcp" = "cursor"\n[per-path-ignores]\n"tests/*" = ["mcp5", "MCP101"]\n')
    settings = settings_file.load(tmp_path).settings
    assert settings.clients == (("*.mcp", "cursor"),)
    assert settings.per_path_ignores == (("tests/*", ("MCP5", "MCP101")),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("legacy_sse = 'gone'", r'unknown setting "legacy_sse"; did you mean "legacy-sse"'),
        ("legcy-sse = 'gone'", r'did you mean "legacy-sse"'),
        ("frobnicate = 1", r'unknown setting "frobnicate"$'),
        (
            "mode = 'stateles'",
            r'mode must be one of auto, stateless, stateful, not "stateles"; did you mean "stateless"',
        ),
        ("mode = 3", r"mode must be a string"),
        ("docs = 'no'", r"docs must be true or false"),
        ("exclude = 'a'", r"exclude must be a list of strings"),
        ("exclude = ['']", r"exclude must be a list of strings"),
        ("path = 'mcp'", r'path must be the path of a URL that begins with "/"'),
        ("path = '/m?x'", r"path must be the path of a URL"),
        ("select = ['MCP999']", r'there is no rule "MCP999"; did you mean'),
        ("ignore = ['M']", r'there is no rule "M"'),
        ("clients = 'cursor'", r"clients must be a table"),
        ("endpoint = ['a']", r"endpoint can only be given on the command line"),
        ("allow-dirty = true", r"allow-dirty can only be given on the command line"),
        ("[per-path-ignores]\n'a' = 'MCP1'", r'"a" must be a list of rule ids'),
        ("mode = ", r"not valid TOML"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, message: str) -> None:
    project(tmp_path, own=text)
    with pytest.raises(SettingsError, match=rf"^\.mcp-transport-migrate\.toml: .*{message}"):
        settings_file.load(tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [({"mode": "x"}, "^--mode must be one of"), ({"allowed_hosts": ["", "h"]}, "^--allowed-host is empty")]
    + [({name: value}, "^--.* is empty") for name, value in {"select": [], "client": "", "baseline": ""}.items()],
)
def test_a_bad_option_is_named_like_an_option(tmp_path: Path, given: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        settings_file.load(tmp_path, given)


def test_a_broken_pyproject_without_settings_of_ours_is_not_our_affair(tmp_path: Path) -> None:
    project(tmp_path, pyproject="[broken")
    assert settings_file.load(tmp_path).settings == Settings()


def test_a_broken_pyproject_with_settings_of_ours_is(tmp_path: Path) -> None:
    project(tmp_path, pyproject="[tool.mcp-transport-migrate]\nmode = \n")
    with pytest.raises(SettingsError, match=r"pyproject\.toml: not valid TOML: .*line 2"):
        settings_file.load(tmp_path)


@pytest.mark.parametrize("text", ["[tool]\nmcp-transport-migrate = 1\n", "tool = 1 # mcp-transport-migrate\n"])
def test_a_table_that_is_none(tmp_path: Path, text: str) -> None:
    project(tmp_path, pyproject=text)
    if "tool]" in text:
        with pytest.raises(SettingsError, match="must be a table"):
            settings_file.load(tmp_path)
    else:
        assert settings_file.load(tmp_path).settings == Settings()


def test_another_tools_table_is_not_read(tmp_path: Path) -> None:
    project(tmp_path, pyproject='[tool.mcp-migrate]\nmode = "x"\n')
    assert settings_file.load(tmp_path).settings == Settings()


def test_a_path_loses_its_last_slash(tmp_path: Path) -> None:
    assert settings_file.load(tmp_path, {"path": "/api/mcp/"}).settings.path == "/api/mcp"


def test_what_is_shown_can_be_read_again(tmp_path: Path) -> None:
    project(
        tmp_path,
        own='exclude = ["a\\"b", "c\\\\d"]\ntests = false\n[per-path-ignores]\n"x" = ["MCP1"]\n[clients]\n"y"="zed"',
    )
    loaded = settings_file.load(tmp_path)
    text = settings_file.shown(loaded)
    again = tomllib.loads(text)
    assert set(again) == {settings_file.key_of(f.name) for f in dataclasses.fields(Settings)}
    assert again["exclude"] == ['a"b', "c\\d"]
    assert again["per-path-ignores"] == {"x": ["MCP1"]}
    assert "tests = false  # .mcp-transport-migrate.toml" in text
    assert 'mode = "auto"  # default' in text


def test_only_changed_settings_go_into_the_plan(tmp_path: Path) -> None:
    project(tmp_path, own='mode = "stateful"\nfloor = "keep"')
    assert settings_file.changed(settings_file.load(tmp_path).settings, tmp_path) == {"mode": "stateful"}


def test_files_are_told_from_the_project(tmp_path: Path) -> None:
    given = {"baseline": str(tmp_path / "known.json"), "extra_rules": [str(tmp_path.parent / "ours.toml"), "own.toml"]}
    settings = settings_file.load(tmp_path, given).settings
    told = settings_file.changed(settings, tmp_path)
    assert told == {"baseline": "known.json", "extra_rules": ("../ours.toml", "own.toml")}


@pytest.mark.parametrize("name", ["mcp_transport_migrate", "mcp-transport-migrat", "mcp-transport"])
def test_a_table_that_is_almost_ours(tmp_path: Path, name: str) -> None:
    project(tmp_path, pyproject=f'[tool.{name}]\nmode = "auto"\n')
    with pytest.raises(SettingsError, match=rf'unknown table "tool.{name}"; did you mean "tool.mcp-transport-migrate"'):
        settings_file.load(tmp_path)
    assert main.main(["check", str(tmp_path)]) == 2


def test_a_table_of_somebody_else(tmp_path: Path) -> None:
    project(tmp_path, pyproject='[tool.mcp-migrate]\nmode = "x"\n\n[tool.mcp]\n')
    assert settings_file.load(tmp_path).file == ""
