"""Every format on the demo project, from the real pipeline: as agreed, valid, and the HTML in a real browser."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from test_report_html import browse, in_a_browser
from test_report_sarif import official_schema

from migrator import __version__, main
from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.reports import FORMATS, ReportOptions, render
from migrator.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "examples" / "weather"
SCHEMA = json.loads((ROOT / "migrator" / "reports" / "schema.json").read_text(encoding="utf-8"))
HOME = Path("/home/ana/weather")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The demo project's plan, as if it lay in HOME."""
    folder = tmp_path_factory.mktemp("demo") / "weather"
    shutil.copytree(DEMO, folder)
    return replace(make_plan(folder, Settings()), root=str(HOME))


@pytest.fixture
def demo(snapshot):
    """`demo(text, "text-80.txt")` compares with the snapshot of that name; `--snapshot-update` writes them anew."""
    snapshot.snapshot_dir = ROOT / "tests" / "golden" / "demo"
    return lambda text, name: snapshot.assert_match(text.replace(__version__, "VERSION"), name)


def dry(**more) -> ReportOptions:
    return ReportOptions(dry_run=True, show_diff=True, cwd=HOME, **more)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("text", "html")])
def test_formats(plan: Plan, demo, name: str) -> None:
    options = ReportOptions(check=True, cwd=HOME) if name in ("github", "gitlab", "sarif") else dry()
    demo(render(name, plan, options), f"{name}.{'md' if name == 'markdown' else 'txt'}")


@pytest.mark.parametrize("width", [80, 120])
def test_the_terminal_report(plan: Plan, demo, width: int) -> None:
    text = render("text", plan, dry(width=width))
    demo(text, f"text-{width}.txt")
    long = [line for line in text.splitlines() if len(line) > width]
    assert all(line[:1] in "+-@ " and not line.startswith("  ") for line in long), "only lines of the diff may be long"


def test_the_page(plan: Plan, demo) -> None:
    text = render("html", plan, dry())
    demo(text[text.index("<body>") :], "page.html")


@pytest.mark.parametrize("run", [{"check": True}, {"dry_run": True}, {}], ids=["check", "dry-run", "fix"])
def test_what_programs_get_is_valid(plan: Plan, real_rules, run: dict[str, bool]) -> None:
    options = ReportOptions(cwd=HOME, **run)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(render("json", plan, options)))
    log = json.loads(render("sarif", plan, options))
    jsonschema.Draft7Validator(official_schema()).validate(log)
    assert all(rule["help"]["text"] for rule in log["runs"][0]["tool"]["driver"]["rules"])
    fixes = [fix for result in log["runs"][0]["results"] for fix in result.get("fixes", ())]
    assert bool(fixes) == bool(run), "before a fix there is something to apply, after it there isn't"


@in_a_browser
def test_a_browser_shows_it(plan: Plan, real_rules, tmp_path: Path) -> None:
    dom, console, asked = browse(tmp_path, render("html", plan, dry()), "--dump-dom")
    assert (
        "src/weather_mcp/server.py:mcp" in dom and "stateless_http=True" in dom and "<ins>streamable-http</ins>" in dom
    )
    assert "uv lock --upgrade-package mcp" in dom and "WEATHER_TRANSPORT" in dom
    assert console == [] and asked == set()


def test_several_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(DEMO, tmp_path / "weather")
    monkeypatch.chdir(tmp_path)
    words = [word for name in FORMATS for word in ("--format", name, "--output", f"report.{name}")]
    assert main.main(["check", *words, "weather"]) == 1
    assert capsys.readouterr().out == ""
    assert all((tmp_path / f"report.{name}").stat().st_size for name in FORMATS)


def test_what_we_wrote_is_no_part_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reports and a baseline quote the old addresses: the next run neither reports nor rewrites them."""
    shutil.copytree(DEMO, tmp_path / "weather")
    monkeypatch.chdir(tmp_path / "weather")
    assert main.main(["check", "--format", "json", "."]) == 1
    before = json.loads(capsys.readouterr().out)["findings"]
    suffixes = {"sarif": ".json", "gitlab": ".json", "markdown": ".md", "diff": ".patch", "github": ".log"}
    written = {name: f"report-{name}{suffixes.get(name, f'.{name}')}" for name in FORMATS}
    words = [word for name, path in written.items() for word in ("--format", name, "--output", path)]
    main.main(["check", *words, "."])
    main.main(["--write-baseline", "known.json", "."])
    texts = {path: Path(path).read_bytes() for path in [*written.values(), "known.json"]}
    capsys.readouterr()
    assert main.main(["check", "--format", "json", "."]) == 1
    assert json.loads(capsys.readouterr().out)["findings"] == before
    assert main.main(["check", "--baseline", "known.json", "."]) == 0
    main.main(["-q", "."])
    assert {path: Path(path).read_bytes() for path in texts} == texts
