"""What CI systems read: GitHub's annotations and GitLab's code quality report."""

import json
from dataclasses import replace
from pathlib import Path

from sample import finding, sample

from migrator.model import Place, Plan
from migrator.reports import ReportOptions, render
from migrator.reports.fingerprint import fingerprints

CHECK = ReportOptions(check=True, cwd=Path("/home/ana/weather"))


def one(found):
    return render("github", Plan(root="/home/ana/weather", findings=(found,)), CHECK)


def test_as_agreed(golden):
    golden(render("github", sample(), CHECK), "github.txt")
    golden(render("gitlab", sample(), CHECK), "gitlab.json")


def test_github_escapes():
    odd = finding("MCP101", "error", "fix", Place("a,b:c%.py", 3, 4, 3, 9), "100 % sure:\r\nsse, really")
    assert one(odd) == (
        "::error file=a%2Cb%3Ac%25.py,line=3,endLine=3,col=5,endColumn=9,"
        "title=MCP101 Server always runs over SSE::100 %25 sure:%0D%0Asse, really\n"
    )


def test_github_has_no_columns_for_places_of_several_lines():
    assert "file=a.py,line=3,endLine=5,title=" in one(finding("MCP101", "error", "fix", Place("a.py", 3, 4, 5, 1), "x"))


def test_github_shows_the_worst_first_and_hazards_as_notices():
    kinds = [line.split(" ")[0] for line in render("github", sample(), CHECK).splitlines()]
    assert kinds == ["::error"] + ["::warning"] * 9 + ["::notice"] * 2


def test_paths_are_those_of_the_repository_when_the_project_is_a_folder_of_it():
    below = replace(CHECK, cwd=Path("/home/ana"))
    assert "file=weather/server.py," in render("github", sample(), below)
    assert '"path": "weather/server.py"' in render("gitlab", sample(), below)


def test_gitlab_has_what_its_documentation_asks_for():
    rows = json.loads(render("gitlab", sample(), CHECK))
    assert len({row["fingerprint"] for row in rows}) == len(rows)
    for row in rows:
        assert row["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert row["description"] and "\n" not in row["description"] and row["check_name"]
        assert row["location"]["lines"]["begin"] >= 1 and not row["location"]["path"].startswith("./")


def test_fingerprints_do_not_move_with_the_lines():
    a = finding("MCP101", "error", "fix", Place("a.py", 3), "x")
    b = replace(a, place=Place("a.py", 30))
    assert fingerprints([a]) == fingerprints([b])
    first, second = fingerprints([a, b])
    assert first != second
    assert fingerprints([replace(a, rule="MCP102")]) != fingerprints([a]) != fingerprints([replace(a, message="y")])
