"""Markdown for a pull request comment."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sample import finding, sample

from migrator.model import FileChange, Place
from migrator.reports import ReportOptions, render
from migrator.reports.markdown import LIMIT, code, escaped, fenced

DRY = ReportOptions(dry_run=True, cwd=Path("/home/ana/weather"))
CHECK = replace(DRY, dry_run=False, check=True)


def markdown(plan=None, options=DRY):
    return render("markdown", plan or sample(), options)


def test_as_agreed(golden):
    golden(markdown(), "markdown-dry-run.md")
    golden(markdown(options=CHECK), "markdown-check.md")


def many(number, length):
    changes = tuple(
        FileChange(f"f{n}.py", b"sse\n" + b"x" * length + b"\n", b"http\n" + b"y" * length + b"\n")
        for n in range(number)
    )
    return replace(sample(), changes=(*sample().changes, *changes))


def test_it_is_cut_where_it_would_not_fit():
    text = markdown(many(200, 2_000))
    assert LIMIT - 6_000 < len(text) <= LIMIT
    said = re.search(r"\*\*Cut here:\*\* (\d+) files did not fit", text)
    assert said and int(said[1]) + text.count("<details>") == 206
    assert text.count("<details>") == text.count("</details>") and text.count("```") % 2 == 0
    assert text.rstrip().endswith("```") and "### Next" in text


def test_one_change_that_is_too_long_does_not_hide_the_others():
    text = markdown(replace(sample(), changes=(*many(1, 70_000).changes[-1:], *sample().changes)))
    assert text.count("<details>") == 6 and "1 file did not fit" in text


def test_thousands_of_places_leave_the_rest_whole():
    places = tuple(
        finding("MCP502", "warning", "by-hand", Place(f"docs/{n}.md", 1), f"Names {n}.") for n in range(5_000)
    )
    text = markdown(replace(sample(), findings=places))
    assert len(text) <= LIMIT and "places" in text.split("**Cut here:**")[1]
    assert "### Endpoints" in text and "### Next" in text


@pytest.mark.parametrize("length", [1_000, 30_000, 63_000, 64_000, 64_900, 66_000])
def test_never_above_the_limit(length):
    assert len(markdown(many(1, length // 2))) <= LIMIT


def test_text_of_the_project_is_not_markup():
    assert escaped("a <b> @bob #12 *x* [y](z) | `<raw> @c`") == (
        r"a &lt;b&gt; &#64;bob &#35;12 \*x\* \[y\](z) \| `<raw> @c`"
    )
    assert code("a`b") == "``a`b``" and code("`") == "`` ` ``"
    assert fenced("```x").startswith("````\n")


def test_a_bar_in_a_cell_does_not_end_it():
    plan = sample()
    plan = replace(plan, endpoints=(replace(plan.endpoints[0], old_url="http://x/{a|b}/sse"),))
    row = next(line for line in markdown(plan).splitlines() if "{a" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 5
