"""The HTML report: what is in it, and what a real browser makes of it (where Chromium is installed)."""

import json
import shutil
import subprocess
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample import sample

from migrator.model import FileChange, Plan
from migrator.reports import ReportOptions, render
from migrator.reports.html_diff import table

DRY = ReportOptions(dry_run=True, cwd=Path("/home/ana/weather"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
]
OF_ITSELF = "not an origin"  # how Chromium's log marks what the browser asks for, and not a page
EMPTY = {"meta", "link", "br", "col", "hr"}


def html(plan=None, options=DRY):
    return render("html", plan or sample(), options)


class Outline(HTMLParser):
    """Checks that elements nest, and collects ids, links and attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.targets, self.tags = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values))
        if tag not in EMPTY:
            self.open.append(tag)
        self.ids += [values["id"]] if "id" in values else []
        self.targets += [values["href"]] if "href" in values else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())


def test_as_agreed(golden):
    text = html()
    golden(text[text.index("<body>") :], "report.html")


@pytest.mark.parametrize("plan", [sample(), Plan(root="/x")], ids=["sample", "empty"])
@pytest.mark.parametrize("options", [DRY, replace(DRY, dry_run=False, check=True), replace(DRY, dry_run=False)])
def test_it_is_well_formed_and_needs_nothing_else(plan, options):
    page = Outline(html(plan, options))
    assert len(page.ids) == len(set(page.ids))
    for target in page.targets:
        assert target == "data:," or target.removeprefix("#") in page.ids
    assert not [tag for tag, values in page.tags if tag in {"script", "img", "iframe", "object"} or "src" in values]
    assert "url(" not in html(plan, options) and "@import" not in html(plan, options)


def test_headings_name_the_sections():
    page = Outline(html())
    labels = [values["aria-labelledby"] for tag, values in page.tags if tag == "section"]
    assert labels and set(labels) <= set(page.ids)
    assert [tag for tag, _ in page.tags if tag == "h1"] == ["h1"]
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.tags}
    assert all("scope" in values for tag, values in page.tags if tag == "th")


def test_everything_from_the_project_is_escaped():
    plan = sample()
    evil = "<script>alert(1)</script>"
    plan = replace(
        plan,
        root=f"/tmp/{evil}",
        findings=tuple(replace(f, message=evil, instruction=evil, check=evil, accepted="") for f in plan.findings),
        endpoints=tuple(replace(e, name=evil, old_url=evil, new_url=evil, selected_by=evil) for e in plan.endpoints),
        changes=(FileChange(f"{evil}.py", b"<b>\n", f"{evil}\n".encode(), ("u1",)),),
        regenerate=(evil,),
    )
    assert "<script" not in html(plan)


def test_the_lines_stand_side_by_side():
    text = table(FileChange("a.py", b"a\nrun('sse')\nc\nd", b"a\nrun('http')\nx\nc\nd\n"), "a.py")
    assert "run(&#x27;<del>sse</del>&#x27;)" in text and "run(&#x27;<ins>http</ins>&#x27;)" in text
    rows = text.split("<tr")[2:]
    assert [row.count('class="number') for row in rows] == [2] * 5
    assert '<td class="number none"></td>' in rows[2] and ">3</td>" in rows[2]
    assert "(no line ending)" in rows[4].split("number middle")[0] or "(no line ending)" in rows[4]


def test_carriage_returns_and_codings_do_not_show():
    text = table(FileChange("a", b"a\r\nsse\r\n", b"a\r\nhttp\r\n"), "a")
    assert "\r" not in text
    utf16 = table(FileChange("a", "sse\n".encode("utf-16"), "http\n".encode("utf-16")), "a")
    assert ">sse</td>" in utf16


def browse(tmp_path, text, *flags):
    """Chromium's DOM of the page, its console messages, and the addresses that it asked for."""
    page, net = tmp_path / "report.html", tmp_path / "net.json"
    page.write_text(text, encoding="utf-8")
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
    command += [f"--log-net-log={net}", "--net-log-capture-mode=Everything", *flags, page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    console = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line]
    events = json.loads(net.read_text(encoding="utf-8", errors="replace"))["events"]
    asked = [event.get("params", {}) for event in events]
    urls = {p["url"] for p in asked if "url" in p and p.get("initiator", OF_ITSELF) != OF_ITSELF}
    return done.stdout.decode("utf-8"), console, urls


def first_pixel(png):
    """Red, green and blue of a PNG's upper left corner (no filter of PNG changes it)."""
    data = png.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        packed += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return tuple(zlib.decompress(packed)[1:4])


@in_a_browser
def test_a_browser_shows_the_diff_and_loads_nothing(tmp_path):
    dom, console, asked = browse(tmp_path, html(), "--dump-dom")
    assert "<ins>, stateless_http=True</ins>" in dom and "<del>sse</del>" in dom
    assert "server.py:mcp" in dom and "proxy_buffering off;" in dom
    assert console == [] and asked == set()


@in_a_browser
def test_the_browser_would_tell(tmp_path):
    """The control: what the test above looks for is seen when it is there."""
    bad = '<body><script>console.error("no")</script><img src="http://127.0.0.1:9/x.png"></body>'
    _, console, asked = browse(tmp_path, bad, "--dump-dom")
    assert any("no" in line for line in console) and "http://127.0.0.1:9/x.png" in asked


@in_a_browser
def test_a_page_that_tries_is_stopped_by_its_own_policy(tmp_path):
    text = html().replace(
        "</main>", '<img src="http://127.0.0.1:9/x.png"><script>document.title = "ran"</script></main>'
    )
    dom, console, asked = browse(tmp_path, text, "--dump-dom")
    assert asked == set() and "<title>ran" not in dom and any("Content Security Policy" in line for line in console)


@in_a_browser
@pytest.mark.parametrize("scheme, number", [("light", 1), ("dark", 0)])
def test_light_and_dark(tmp_path, scheme, number):
    picture = tmp_path / "page.png"
    flags = (f"--screenshot={picture}", "--window-size=1000,800", f"--blink-settings=preferredColorScheme={number}")
    browse(tmp_path, html(), *flags)
    assert (sum(first_pixel(picture)) > 600) == (scheme == "light")
