"""Shell text becomes commands and settings whose words know where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.deploy import dockerfile, hcl, lines, loose, pythontext, shell
from migrator.deploy.documents import blocks
from migrator.deploy.strands import Strand
from migrator.deploy.words import spoken, variable


def commands(text: str) -> list[list[str]]:
    return [c.texts for c in shell.read(Strand.of(text)).commands if not c.comment]


def pairs(text: str) -> list[tuple[str, str]]:
    return [(s.name, s.value.text) for s in shell.read(Strand.of(text)).settings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python server.py --transport sse", [["python", "server.py", "--transport", "sse"]]),
        ("a; b && c || d | e &", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("a \\\r\n  b\r\nc", [["a", "b"], ["c"]]),
        ("a `\n b", [["a", "b"]]),
        ("a ^\n b", [["a", "b"]]),
        ("a 'b c' \"d e\"", [["a", "b c", "d e"]]),
        ("a > out.txt 2>&1 b", [["a", "b"]]),
        ("exec nohup a b", [["a", "b"]]),
        ("sudo -E a", [["a"]]),
        ("X=1 Y=2 a b", [["a", "b"]]),
        ("if a; then b; else c; fi", [["a"], ["b"], ["c"], ["fi"]]),
        ("cat <<EOF\npython x.py\nEOF\na", [["cat"], ["a"]]),
        ("a # b c", [["a"]]),
        ("a b#c", [["a", "b#c"]]),
        ("python .\\server.py", [["python", ".\\server.py"]]),
        ("a ${X:-b c} $(d e)", [["d", "e"], ["a", "${X:-b c}", "$(d e)"]]),
        ("bash -c 'python x.py -t sse'", [["bash", "-c", "python x.py -t sse"], ["python", "x.py", "-t", "sse"]]),
    ],
)
def test_commands(text: str, expected: list[list[str]]) -> None:
    assert commands(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("export A=sse", [("A", "sse")]),
        ("A=sse cmd", [("A", "sse")]),
        ("A='sse'", [("A", "sse")]),
        ("env A=sse cmd", [("A", "sse")]),
        ("set A=sse", [("A", "sse")]),
        ("setx A sse", [("A", "sse")]),
        ("set -gx A sse", [("A", "sse")]),
        ('$env:A = "sse"', [("A", "sse")]),
        ('$env:A="sse"', [("A", "sse")]),
        ("# A=sse", [("A", "sse")]),
        ("cmd A=sse", []),
    ],
)
def test_settings(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(text) == expected


def test_words_know_their_place() -> None:
    text = "x && python 'a b.py' --transport=\"sse\" # sse"
    word = shell.read(Strand.of(text)).commands[1].words[-1]
    value = word.part(len("--transport="))
    assert value.text == "sse"
    assert text[value.start : value.end] == "sse"
    edit = value.replaced("run.sh", "http")
    assert text[: edit.start] + edit.text + text[edit.end :] == "x && python 'a b.py' --transport=\"http\" # sse"


def test_a_tested_variable_is_known() -> None:
    sheet = shell.read(Strand.of('if [ "$MODE" = "sse" ]; then a; fi\ncase $KIND in sse) b;; esac'))
    assert sheet.tested == {"MODE", "KIND"}


def test_where_a_variable_goes() -> None:
    text = "if true; then\n  exec fastmcp run x.py\nfi"
    command = next(c for c in shell.read(Strand.of(text)).commands if c.texts[0] == "fastmcp")
    assert text[command.prompt :].startswith("exec fastmcp")


def test_prompts_are_not_words_and_output_is_no_command() -> None:
    sheet = shell.console(Strand.of("$ python a.py \\\n    -t sse\noutput -t sse\n(venv) $ b\n"))
    assert [c.texts for c in sheet.commands] == [["python", "a.py", "-t", "sse"], ["b"]]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("sse", "sse"),
        ("${T:-sse}", "sse"),
        ("${T-sse}", "sse"),
        ("${T:=sse}", "sse"),
        ("${env:T:sse}", "sse"),
        ('{{ .Values.t | default "sse" }}', "sse"),
        ('{{ .Values.t | default "sse" | quote }}', "sse"),
        ("{{ t | default('sse') }}", "sse"),
        ("x-sse", "x-sse"),
    ],
)
def test_the_word_of_a_value(value: str, word: str) -> None:
    assert [s.text for s in spoken(Strand.of(value))] == [word]


@pytest.mark.parametrize(
    "value", ["$T", "${T}", "${T:-sse}", "$(T)", "{{T}}", "{{ .T }}", "%T%", "$env:T", "$$T", "$${T}"]
)
def test_a_variable_is_recognised(value: str) -> None:
    assert variable(value) == "T"


def test_dockerfile_entrypoint_and_cmd_are_one_command() -> None:
    text = 'FROM a\nENTRYPOINT ["python", "x.py"]\nCMD ["-t", "sse"]\nFROM b\nCMD python y.py \\\n # no\n  -t sse\n'
    sheet = dockerfile.read(Strand.of(text), "Dockerfile")
    starts = [c.texts for c in sheet.commands if not c.comment]
    assert starts == [["python", "x.py", "-t", "sse"], ["python", "y.py", "-t", "sse"]]


def test_a_commented_assignment_is_one_and_a_sentence_is_not() -> None:
    sheet = lines.environment(Strand.of("# A=sse\n# B = sse or stdio, as you like\nexport C='sse' # x\n"))
    assert [(s.name, s.value.text, s.comment) for s in sheet.settings] == [("A", "sse", True), ("C", "sse", False)]


READERS = [
    shell.read,
    shell.console,
    lines.environment,
    lines.makefile,
    lines.justfile,
    lines.units,
    lines.procfile,
    hcl.read,
    loose.loosely,
    pythontext.read,
    lambda source: dockerfile.read(source, "Dockerfile"),
    lambda source: list(blocks(source, "markdown")),
    lambda source: list(blocks(source, "rst")),
]
PIECES = ["sse", "--transport", " ", "\n", "\t", '"', "'", "\\", "$", "{", "}", "(", ")", "[", "]", "=", ":", "#", "`"]
PIECES += [
    "<<EOF",
    "EOF",
    "CMD ",
    "ENV ",
    "- ",
    "|",
    ">",
    "&&",
    "\r\n",
    "é",
    "```",
    "~~~",
    "%",
    "!",
    ",",
    ".. code::",
    "args = [",
    "setenv =",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=40).map("".join))
def test_no_reader_raises_and_every_word_stands_where_it_says(text: str) -> None:
    for reader in READERS:
        sheet = reader(Strand.of(text))
        for word in [] if isinstance(sheet, list) else [w for c in sheet.commands for w in c.words]:
            if word.whole and word.text and all(e - s == 1 for s, e in zip(word.starts, word.ends, strict=True)):
                assert text[word.start : word.end] == word.text or "\n" in text[word.start : word.end]
