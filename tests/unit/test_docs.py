"""What docs/ and the README say about settings and options holds."""

import dataclasses
import html
import io
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from migrator import __version__, main, settings_file
from migrator.settings import Settings
from tests.unit.test_ci_files import options

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
EXAMPLE, FACTS = re.findall(r"```toml\n(.*?)```", SETTINGS, re.DOTALL)


def rows() -> dict[str, list[str]]:
    """The table of settings: what stands beside each."""
    lines = [line for line in SETTINGS.splitlines() if line.startswith("| `")]
    return {cells[0].strip("` "): [c.strip() for c in cells[1:]] for line in lines if (cells := line.split("|")[1:-1])}


def test_every_setting_is_told_with_its_default() -> None:
    known = set(settings_file.KEYS) - settings_file.NOT_IN_A_FILE
    assert set(rows()) == known
    for key, (values, default, option) in rows().items():
        value = getattr(Settings(), key.replace("-", "_"))
        shown = {True: "`true`", False: "`false`"}.get(value, f"`{value}`" if value else "none")
        assert default == ("all" if key == "select" else shown), key
        for word in settings_file.CHOICES.get(key, ()):
            assert f"`{word}`" in values, (key, word)
        assert not option or option.strip("`") in options(), key
    assert all(f"`--{key}`" in SETTINGS for key in settings_file.NOT_IN_A_FILE)
    assert len(dataclasses.fields(Settings)) == len(rows()) + len(settings_file.NOT_IN_A_FILE)


def test_the_example_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(EXAMPLE, encoding="utf-8")
    settings = settings_file.load(tmp_path).settings
    assert (settings.legacy_sse, settings.exclude, settings.baseline) == ("gone", ("vendor/",), "mcp-baseline.json")
    assert settings.per_path_ignores == (("docs/history/**", ("MCP502",)),)
    assert settings.clients == (("deploy/agents/*.json", "claude-code"),)


def test_the_facts_of_your_own_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(tomllib.loads(FACTS)) == {"endpoints", "clients"}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "facts.toml").write_text(FACTS, encoding="utf-8")
    (tmp_path / ".mcp-transport-migrate.toml").write_text('extra-rules = ["facts.toml"]\n')
    config = {"servers": {"pumps": {"transport": "sse", "url": "https://mcp.pumps.example.com/sse"}}}
    (tmp_path / "console.json").write_text(json.dumps(config))
    assert main.main(["-q", "."]) == 0
    moved = json.loads((tmp_path / "console.json").read_text())["servers"]["pumps"]
    assert moved == {"transport": "streamable-http", "url": "https://mcp.pumps.example.com/v2/mcp"}


@pytest.mark.parametrize("text", [README, CI, SETTINGS], ids=["README", "ci", "settings"])
def test_options_and_links_are_there(text: str) -> None:
    own = {"--from", "--spec", "--name", "--transport", "--only", "--env", "--tool", "--accept"}  # of other programs
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - own <= options()
    folder = ROOT if text is README else ROOT / "docs"
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (folder / target).exists(), target


def test_nothing_is_left_to_fill_in() -> None:
    for text in (README, CI, SETTINGS):
        assert not re.search(r"\b(OWNER|TODO|FIXME|XXX)\b", text)


def commands(text: str) -> list[str]:
    """Every line of a shell or CI snippet that runs mcp-migrate."""
    blocks = re.findall(r"```(?:sh|yaml)\n(.*?)```", text, re.DOTALL)
    folded = (re.sub(r">-\n\s+", "", re.sub(r"\n\s+--", " --", block)) for block in blocks)
    lines = (re.sub(r"^\s*(- )?(run: )?", "", line) for block in folded for line in block.splitlines())
    return [line for line in lines if line.startswith("mcp-migrate ")]


@pytest.mark.parametrize("line", dict.fromkeys([*commands(README), *commands(CI)]))
def test_the_commands_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    shutil.copytree(ROOT / "examples" / "weather", tmp_path / "weather")
    monkeypatch.chdir(tmp_path / "weather")
    shutil.copy("src/weather_mcp/server.py", "src/server.py")
    author = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["update-ref", "refs/remotes/origin/main", "@"],
    ):
        subprocess.run(["git", *author, *words], check=True)
    if "baseline" in line and "--write" not in line:
        main.main(["--write-baseline", "mcp-baseline.json", "."])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path("src/server.py").read_bytes())))
    command = shlex.split(re.sub(r"\$\{\{.*?\}\}", "main", line), comments=True)[1:]
    if "<" in command:
        del command[command.index("<") :]
    status = main.main(command)
    assert status in (0, 1), capsys.readouterr().err
    if "check" in command and "--since" not in command:
        assert status == (0 if "--baseline" in command else 1)


def test_facts_that_are_wrong_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "console.json").write_text('{"mcpServers": {"x": {"transport": "sse", "url": "http://h/sse"}}}')
    for line, message in {
        'source = "its manual"': "[clients.plant-console]: source is missing",
        "[clients.plant-console]": 'facts.toml: unknown table "client"; did you mean "clients"',
    }.items():
        wrong = line.replace("clients", "client") if "[" in line else ""
        (tmp_path / "facts.toml").write_text(FACTS.replace(line, wrong), encoding="utf-8")
        assert main.main(["check", "--extra-rules", "facts.toml", "."]) == 2
        assert message in capsys.readouterr().err


def test_the_picture_shows_what_the_demo_says() -> None:
    """`python scripts/picture.py` draws it anew. Its lines are as wide as its own terminal: white space is no matter."""
    drawn = html.unescape(re.sub(r"<[^>]*>", "", (ROOT / "docs" / "dry-run.svg").read_text(encoding="utf-8")))
    seen = "".join(drawn.split())
    said = (ROOT / "tests" / "golden" / "demo" / "text-120.txt").read_text(encoding="utf-8")
    told = said.replace("VERSION", __version__).splitlines()
    apart = ("─", "Next: ")  # rules have its width, and the command to type next names the demo's folder
    lines = {"".join(line.split()) for line in told if len(line) < 100 and not line.startswith(apart)}
    assert not [line for line in lines if line not in seen]
