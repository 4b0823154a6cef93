"""Ignore comments: every syntax, what they cover, and what is said about those that do nothing."""

from dataclasses import replace

import pytest

from migrator import suppress
from migrator.model import Finding, Outcome, Place, Severity
from migrator.tree import Tree

WHY = "theirs, not ours"


def ignores(tmp_path, path, text):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8"))
    return suppress.read(Tree(tmp_path, (path,), hits={"other": (path,)}))


def at(path, line, rule="MCP101", end=0, unit=""):
    place = Place(path, line, 0, end or line, 1)
    return Finding(rule, Severity.WARNING, Outcome.FIX, place, f"{rule} in line {line}", unit=unit)


def covered(tmp_path, path, text, lines, rule="MCP101"):
    """The lines (of `lines`) on which a finding would be accepted, and the reason."""
    found = ignores(tmp_path, path, text)
    reasons = {line: found.reason(at(path, line, rule)) for line in lines}
    return [line for line, reason in reasons.items() if reason], {r for r in reasons.values() if r}


MARK = f"mcp-transport: ignore[MCP101] -- {WHY}"


@pytest.mark.parametrize(
    "path, line",
    [
        ("server.py", f"mcp.run('sse')  # {MARK}"),
        ("compose.yaml", f"command: --transport sse  # {MARK}"),
        ("fly.toml", f"cmd = 'sse'  # {MARK}"),
        ("Dockerfile", f"ENV T=sse # {MARK}"),
        (".env", f"T=sse # {MARK}"),
        ("run.sh", f"serve sse # {MARK}"),
        ("Makefile", f"\tserve sse # {MARK}"),
        ("a.tf", f"x = 'sse' // {MARK}"),
        ("mcp.json", f'"type": "sse", // {MARK}'),
        ("mcp.jsonc", f'"type": "sse" /* {MARK} */'),
        ("a.json5", f"type: 'sse', /* {MARK} */"),
        ("a.ts", f"new SSEServerTransport() // {MARK}"),
        ("a.tsx", f"<A/> {{/* {MARK} */}}"),
        ("README.md", f"serve sse <!-- {MARK} -->"),
        ("README.md", f"serve sse # {MARK}"),
        ("pom.xml", f"<a>sse</a> <!-- mcp-transport: ignore[MCP101] : {WHY} -->"),
        ("index.html", f"<a href='/sse'> <!-- {MARK} -->"),
        ("supervisord.ini", f"command=sse ; {MARK}"),
        ("app.service", f"ExecStart=sse # {MARK}"),
        ("a.rst", f".. {MARK}"),
        ("a.cmd", f"REM {MARK}"),
        ("a.j2", f"T=sse {{# {MARK} #}}"),
        ("n.ipynb", f"    \"mcp.run('sse')  # {MARK}\\n\","),
        ("n.ipynb", f"    \"mcp.run('sse')  # {MARK}\""),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_syntax(tmp_path, path, line, ending):
    text = ending.join(["first", line, "last", ""])
    assert covered(tmp_path, path, text, [1, 2])[1] == {WHY}
    assert 1 not in covered(tmp_path, path, text, [1, 2, 3])[0]


@pytest.mark.parametrize(
    "path, text",
    [
        ("a.py", f'x = "# {MARK}"\n'),
        ("a.py", f'"""\n# {MARK}\n"""\n'),
        ("a.json", f'{{"x": "// {MARK}"}}\n'),
        ("a.json", '{"url": "http://mcp-transport: ignore[MCP101] -- x"}\n'),
        ("a.yaml", f"url: http://x#{MARK}\n"),
        ("a.yaml", f"x // {MARK}\n"),
        ("a.json", f"x # {MARK}\n"),
    ],
)
def test_what_is_no_comment(tmp_path, path, text):
    found = ignores(tmp_path, path, text)
    assert found.found == () and found.malformed == ()


PYTHON = f"""\
# {MARK}
mcp.run(
    transport="sse",
)
mcp.run(
    transport="sse",
)  # {MARK}
SERVERS = {{
    "a": {{"transport": "sse"}},  # {MARK}
    "b": {{"transport": "sse"}},
    # {MARK}
    "c": {{
        "transport": "sse",
    }},
    "d": {{  # {MARK}
        "transport": "sse",
    }},
    "e": {{"transport": "sse"}},
}}
# {MARK}

# something else
def serve():
    mcp.run("sse")
"""


def test_python_statements_and_elements(tmp_path):
    lines, _ = covered(tmp_path, "a.py", PYTHON, range(1, 25))
    assert lines == [1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 13, 14, 15, 16, 17, 20, 21, 22, 23]


def test_a_comment_inside_a_longer_place(tmp_path):
    text = f'mcp.run(\n    "sse",  # {MARK}\n    port=1,\n)\n'
    found = ignores(tmp_path, "a.py", text)
    assert found.reason(at("a.py", 1, end=4)) == WHY
    # ... but it is not about a longer place when there is something nearer.
    found = ignores(tmp_path, "a.py", text)
    accepted = found.accept([at("a.py", 1, end=4), at("a.py", 2)])
    assert [bool(f.accepted) for f in accepted] == [False, True]


def test_python_that_does_not_parse(tmp_path):
    assert covered(tmp_path, "a.py", f"def (:\n'''\nmcp.run('sse')  # {MARK}\n", [2, 3])[0] == [3]


YAML = f"""\
servers:
  # {MARK}
  tickets:
    type: sse

    url: http://x/sse
  weather:
    type: sse
  notes:  # {MARK}
    type: sse
  other: sse
"""


def test_yaml_elements(tmp_path):
    assert covered(tmp_path, "a.yaml", YAML, range(1, 12))[0] == [2, 3, 4, 5, 6, 9, 10]


JSONC = f"""\
{{
  "servers": {{
    // {MARK}
    "tickets": {{
      "type": "sse"
    }},
    "weather": {{
      "type": "sse" /* {MARK} */
    }}
  }}
}}
"""


def test_json_elements(tmp_path):
    assert covered(tmp_path, ".vscode/mcp.json", JSONC, range(1, 12))[0] == [3, 4, 5, 6, 8]


def test_toml_tables(tmp_path):
    text = f'# {MARK}\n[servers.a]\ntype = "sse"\nurl = "x"\n[servers.b]\ntype = "sse"\n'
    assert covered(tmp_path, "a.toml", text, range(1, 7))[0] == [1, 2, 3, 4]


def test_a_fence_in_markdown(tmp_path):
    text = f"Text\n\n<!-- {MARK} -->\n```sh\nserve sse\n\nserve sse\n```\nserve sse\n"
    assert covered(tmp_path, "a.md", text, range(1, 10))[0] == [3, 4, 5, 6, 7, 8]


def test_other_rules_and_other_files_are_not_covered(tmp_path):
    found = ignores(tmp_path, "a.py", f"mcp.run('sse')  # {MARK}\n")
    assert found.reason(at("a.py", 1, "MCP102")) == ""
    assert found.reason(at("b.py", 1)) == ""
    assert found.reason(at("a.py", 0)) == ""


def test_several_rules_and_any_case(tmp_path):
    found = ignores(
        tmp_path, "a.py", "run('sse')  # MCP-Transport:  Ignore[ mcp101 , MCP102,]  --  because -- really\n"
    )
    assert found.reason(at("a.py", 1, "MCP101")) == "because -- really" == found.reason(at("a.py", 1, "MCP102"))
    assert found.problems() == ()


@pytest.mark.parametrize(
    "text, message",
    [
        ("ignore", "needs a rule id and a reason"),
        ("ignore -- because", "needs a rule id and a reason"),
        ("ignore[] -- because", "needs a rule id and a reason"),
        ("ignore[MCP101]", "needs a rule id and a reason"),
        ("ignore[MCP101] --", "needs a rule id and a reason"),
        ("ignore[MCP101] because", "needs a rule id and a reason"),
        ("ignroe[MCP101] -- because", "needs a rule id and a reason"),
        ("ignore[SSE] -- because", "SSE is no rule id"),
        ("ignore[MCP1] -- because", "MCP1 is no rule id"),
    ],
)
def test_without_id_or_reason_it_ignores_nothing_and_says_so(tmp_path, text, message):
    found = ignores(tmp_path, "a.py", f"x = 1\nmcp.run('sse')  # mcp-transport: {text}\n")
    assert found.reason(at("a.py", 2)) == ""
    (problem,) = found.problems()
    assert message in problem.message and problem.place == Place("a.py", 2, 16, 2, 16 + 17 + len(text))
    assert problem.rule == suppress.MALFORMED and not problem.counts


def test_stale_ones_are_reported(tmp_path):
    text = "x = 1  # mcp-transport: ignore[MCP101, MCP102] -- why\ny = 1  # mcp-transport: ignore[MCP103] -- why\n"
    found = ignores(tmp_path, "a.py", text)
    found.accept([at("a.py", 1, "MCP102")])
    first, second = found.problems()
    assert first.rule == second.rule == suppress.STALE and not first.counts
    assert first.message == "Nothing here is MCP101 any more." and "Take MCP101 out" in first.instruction
    assert "ignores nothing" in second.message and second.place.line == 2


def test_an_accepted_server_stays_with_all_that_follows_it(tmp_path):
    found = ignores(tmp_path, "a.py", f"mcp.run('sse')  # {MARK}\n")
    findings = [
        at("a.py", 1, unit="u"),
        at("Dockerfile", 4, "MCP501", unit="u"),
        at("b.py", 1, unit="v"),
        at("c.py", 1),
    ]
    accepted = found.accept(findings)
    assert [f.accepted for f in accepted] == [f"ignored: {WHY}"] * 2 + ["", ""]
    assert not accepted[0].counts and accepted[2].counts


def test_an_accepted_follower_does_not_keep_its_server(tmp_path):
    found = ignores(tmp_path, "Dockerfile", "CMD serve sse # mcp-transport: ignore[MCP501] -- why\n")
    accepted = found.accept([at("a.py", 1, unit="u"), at("Dockerfile", 1, "MCP501", unit="u")])
    assert [bool(f.accepted) for f in accepted] == [False, True]


def test_files_that_cannot_be_read_have_no_comments(tmp_path):
    (tmp_path / "a.py").write_bytes(b"# mcp-transport: ignore[MCP101] -- x \xff\n")
    tree = Tree(tmp_path, hits={"python": ("a.py", "missing.py")})
    assert suppress.read(tree).found == ()


def test_edits_behind_an_accepted_finding_are_not_made(tmp_path):
    found = ignores(tmp_path, "a.py", f"x = 1\nmcp.run('sse')  # {MARK}\n")
    assert found.keeps([at("a.py", 1), at("a.py", 2)]) == WHY
    assert found.keeps([at("a.py", 1), at("a.py", 2, "MCP102")]) == ""
    assert found.keeps([replace(at("a.py", 2), outcome=Outcome.INFO)]) == ""


def test_all_at_once(tmp_path):
    text = f"mcp.run('sse')  # {MARK}\nx = 1  # mcp-transport: ignore[MCP102] -- old\n"
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    tree = Tree(tmp_path, ("a.py",), hits={"python": ("a.py",)})
    found = suppress.read(tree)
    first, second, stale = *found.accept([at("a.py", 1), at("b.py", 1)]), *found.problems()
    assert (first.accepted, second.accepted, stale.rule) == (f"ignored: {WHY}", "", suppress.STALE)


@pytest.mark.parametrize(
    "text", [f"x = 1  # {MARK}\ny = 'sse'\n", f"x = 1\ny = 'sse'  # {MARK}\n"], ids=["first", "last"]
)
def test_either_end_of_a_place_will_do(tmp_path, text):
    assert ignores(tmp_path, "a.py", text).reason(at("a.py", 1, end=2)) == WHY
    assert ignores(tmp_path, "b.py", "x = 1\n\n" + text).reason(at("b.py", 1, end=2)) == ""
