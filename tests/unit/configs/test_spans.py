"""The span editors: what they read, what they splice, and when they give up."""

from __future__ import annotations

import json
import tomllib

import pytest
import yaml

from migrator.configs import json_spans, toml_spans, yaml_spans
from migrator.configs.entries import NOTATIONS
from migrator.configs.spans import AddItem, AddMember, Edit, Node, NotEdited, SetText, Unparsable, apply, edit

JSON = json_spans.NOTATION
YAML = yaml_spans.NOTATION
TOML = toml_spans.NOTATION


def at(root: Node, *steps: str | int) -> Node:
    """The node that `steps` lead to. Fails where one leads nowhere."""
    for step in steps:
        found = root.items[step] if isinstance(step, int) else root.get(step)
        assert found is not None, step
        root = found
    return root


def changed(text: str, syntax: str, *steps: str | int, to: str) -> str:
    notation = NOTATIONS[syntax]
    documents = notation.parse(text)
    return apply(text, edit(text, notation, documents, [SetText(at(documents[0], *steps), to)]))


def with_type(text: str, syntax: str, *steps: str | int, before: str = "url") -> str:
    notation = NOTATIONS[syntax]
    documents = notation.parse(text)
    entry = at(documents[0], *steps)
    member = entry.member(before)
    assert member is not None
    return apply(text, edit(text, notation, documents, [AddMember(entry, member, "type", "http")]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a": {"url": "old"}}', '{"a": {"url": "new"}}'),
        ('{"a" :{ "url":"old"/* why */ , }, // x\n}', '{"a" :{ "url":"new"/* why */ , }, // x\n}'),
        ("{a: {url: 'old', n: +0x1F, i: -Infinity}}", "{a: {url: 'new', n: +0x1F, i: -Infinity}}"),
        ('{"a": {"x": 1, "url": "old", "x": 2}}', '{"a": {"x": 1, "url": "new", "x": 2}}'),
        ('\r\n{"a":\r\n\t{"url": "old"}}', '\r\n{"a":\r\n\t{"url": "new"}}'),
        ('{"a": {"url": "\\u006fld"}}', '{"a": {"url": "new"}}'),
        ('{"é": "ü", "a": {"url": "old"}}', '{"é": "ü", "a": {"url": "new"}}'),
    ],
)
def test_json_values(before: str, after: str) -> None:
    assert changed(before, "json", "a", "url", to="new") == after


def test_json_keeps_escapes_that_do_not_change() -> None:
    text = r'{"u": "http:\/\/x\u002ey:1\/sse?a=\u00e9"}'
    assert changed(text, "json", "u", to="http://x.y:1/mcp?a=é") == r'{"u": "http:\/\/x\u002ey:1\/mcp?a=\u00e9"}'


def test_a_surrogate_pair_is_one_character() -> None:
    assert changed(r'{"u": "\ud83d\ude00/sse"}', "json", "u", to="😀/mcp") == r'{"u": "\ud83d\ude00/mcp"}'


def test_new_text_is_escaped_as_its_quotes_need() -> None:
    assert changed('{"u": "x"}', "json", "u", to='a"b\\') == '{"u": "a\\"b\\\\"}'
    assert changed("{u: 'x'}", "json", "u", to='it\'s "so"') == "{u: 'it\\'s \"so\"'}"
    assert changed("u: 'x'", "yaml", "u", to="it's") == "u: 'it''s'"
    assert changed('u = "x"', "toml", "u", to='a"b') == 'u = "a\\"b"'


def test_the_last_of_two_equal_keys_is_the_one_that_readers_take() -> None:
    assert changed('{"u": "a", "u": "b"}', "json", "u", to="c") == '{"u": "a", "u": "c"}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"url": "x"}', '{"type": "http", "url": "x"}'),
        ('{\n  "url": "x" // keep\n}', '{\n  "type": "http",\n  "url": "x" // keep\n}'),
        ('{\r\n\t"n": 1,\r\n\t"url" : "x",\r\n}', '{\r\n\t"n": 1,\r\n\t"type" : "http",\r\n\t"url" : "x",\r\n}'),
        ('{"n": 1, "url":"x"}', '{"n": 1, "type":"http", "url":"x"}'),
        ("{url: 'x'}", "{type: 'http', url: 'x'}"),
        ('{\n"url": "x"}', '{\n"type": "http",\n"url": "x"}'),
    ],
)
def test_json_members_are_added_as_their_neighbours_stand(before: str, after: str) -> None:
    assert with_type(before, "json") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  url: x # keep\n  n: 1\n", "a:\n  type: http\n  url: x # keep\n  n: 1\n"),
        ("a:\n  - url: 'x'\n    n: 1", "a:\n  - type: 'http'\n    url: 'x'\n    n: 1"),
        ("a: {url: x, n: 1}\n", "a: {type: http, url: x, n: 1}\n"),
        ('a:\r\n    n: 1\r\n    url: "x"', 'a:\r\n    n: 1\r\n    type: "http"\r\n    url: "x"'),
        ("a:\n  url: |\n    x\n", "a:\n  type: http\n  url: |\n    x\n"),
    ],
)
def test_yaml_members_are_added_as_their_neighbours_stand(before: str, after: str) -> None:
    steps: tuple[str | int, ...] = ("a", 0) if "- " in before else ("a",)
    assert with_type(before, "yaml", *steps) == after


def test_toml_members_are_added_in_tables_and_inline_tables() -> None:
    assert with_type('[a.b]\nn = 1\nurl = "x"', "toml", "a", "b") == '[a.b]\nn = 1\ntype = "http"\nurl = "x"'
    assert with_type("a = { url = 'x' }", "toml", "a") == "a = { type = 'http', url = 'x' }"


@pytest.mark.parametrize(
    ("syntax", "before", "after"),
    [
        ("json", '["a", "u"]', '["a", "new", "u"]'),
        ("json", '[\n  "a",\n  "u" // x\n]', '[\n  "a",\n  "new",\n  "u" // x\n]'),
        ("yaml", "- a\n- u # x\n", "- a\n- new\n- u # x\n"),
        ("yaml", "[a, 'u']", "[a, 'new', 'u']"),
    ],
)
def test_items_are_added_before_others(syntax: str, before: str, after: str) -> None:
    notation = NOTATIONS[syntax]
    documents = notation.parse(before)
    result = edit(before, notation, documents, [AddItem(documents[0], documents[0].items[1], "new")])
    assert apply(before, result) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  url: old # sse\n", "a:\n  url: new # sse\n"),
        ("a: &x\n  url: &y 'old'\nb: *y\n", "a: &x\n  url: &y 'new'\nb: *y\n"),
        ('---\na:\n  url: "old"\n---\nb: 1\n', '---\na:\n  url: "new"\n---\nb: 1\n'),
        ("a: {url: old}\r\nb:\r\n- 1", "a: {url: new}\r\nb:\r\n- 1"),
        ("# é\na:\n  url: ${X:-old}\n", "# é\na:\n  url: new\n"),
    ],
)
def test_yaml_values(before: str, after: str) -> None:
    assert changed(before, "yaml", "a", "url", to="new") == after


@pytest.mark.parametrize(
    "text",
    ["u: >-\n  old\n", "u: |\n  old\n", "u: old\n  text\n", "u: !secret old\n", "u: !!str old\n", 'u: "o\\\n  ld"\n'],
)
def test_yaml_forms_that_cannot_be_spliced_are_given_up(text: str) -> None:
    document = YAML.parse(text)[0]
    node = document.get("u")
    if node is None or node.kind != "string":
        return  # a custom tag is no text at all
    with pytest.raises(NotEdited):
        edit(text, YAML, [document], [SetText(node, "new")])


def test_a_plain_text_that_would_read_as_something_else_is_given_up() -> None:
    documents = YAML.parse("u: old\n")
    for value in ("yes", "1", "a: b", "a #b", "*x"):
        with pytest.raises(NotEdited):
            edit("u: old\n", YAML, documents, [SetText(at(documents[0], "u"), value)])


def test_members_of_a_merge_are_found_and_own_ones_win() -> None:
    text = "base: &b {type: sse, url: x}\na:\n  <<: *b\n  url: y\nc:\n  <<: [*b]\n"
    root = YAML.parse(text)[0]
    assert at(root, "a", "type").value == "sse"
    assert at(root, "a", "url").value == "y"
    assert at(root, "c", "url").value == "x"
    assert [m.key.value for m in at(root, "a").all_members()] == ["url", "type"]


def test_yaml_that_refers_to_itself_does_not_hang() -> None:
    text = "&a\nme: *a\nu: old\n"
    documents = YAML.parse(text)
    assert apply(text, edit(text, YAML, documents, [SetText(at(documents[0], "u"), "new")])).endswith("u: new\n")


def test_yaml_that_grows_without_end_does_not_hang() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    text = "\n".join([*lines, "u: old"])
    documents = YAML.parse(text)
    assert apply(text, edit(text, YAML, documents, [SetText(at(documents[0], "u"), "new")])).endswith("u: new")


TOML_TEXT = """\
# top
title = 'x' # why
[mcp_servers."a b"]   # one
url = "http://x/sse"
args = ["a", # c
  'b', ]
env = { A = "1", "B.c".d = 2 }
date = 1979-05-27 07:32:00
[[tool]]
name = "t"
[tool.sub]
n = 1_000
[[tool]]
text = \"\"\"
many "lines"\"\"\"
a.b.c = true
"""


def test_toml_is_read_as_the_standard_reader_does() -> None:
    root = TOML.parse(TOML_TEXT)[0]
    assert at(root, "mcp_servers", "a b", "url").value == "http://x/sse"
    assert at(root, "tool", 1, "a", "b").member("c") is not None
    after = changed(TOML_TEXT, "toml", "mcp_servers", "a b", "url", to="http://x/mcp")
    assert after == TOML_TEXT.replace("/sse", "/mcp")
    assert tomllib.loads(after)["mcp_servers"]["a b"]["url"] == "http://x/mcp"


def test_toml_text_of_many_lines_is_given_up() -> None:
    documents = TOML.parse('u = """\nold"""')
    with pytest.raises(NotEdited):
        edit('u = """\nold"""', TOML, documents, [SetText(at(documents[0], "u"), "new")])


@pytest.mark.parametrize(
    ("syntax", "text", "line"),
    [
        ("json", '{\n"a": {% raw %}\n}', 2),
        ("json", '{"a": "x"\n"b": 1}', 2),
        ("json", '{"a": "x', 1),
        ("json", "", 1),
        ("json", '{"a": 1} {"b": 2}', 1),
        ("yaml", "a: 1\n\tb: 2\n", 2),
        ("yaml", "a: {{ x }}\nb: [", 3),
        ("toml", "a = \n", 1),
        ("json", "[" * 5000, 0),
        ("yaml", "[" * 5000, 0),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(syntax: str, text: str, line: int) -> None:
    with pytest.raises(Unparsable) as caught:
        NOTATIONS[syntax].parse(text)
    assert caught.value.line == line or not line


def test_two_edits_of_one_place_are_refused() -> None:
    documents = JSON.parse('{"u": "x"}')
    node = at(documents[0], "u")
    edits: list[Edit] = [SetText(node, "a"), SetText(node, "b")]
    with pytest.raises(NotEdited):
        edit('{"u": "x"}', JSON, documents, edits)


def test_json_is_read_as_the_standard_reader_does() -> None:
    values = {"a": [1, -2.5e3, None, True, '\t"\\/é😀', {}], "": [[], {"b": "\u0000"}]}
    for text in (json.dumps(values), json.dumps(values, ensure_ascii=False, indent="\t")):
        root = JSON.parse(text)[0]
        assert plain(root) == json.loads(text)


def plain(node: Node) -> object:
    if node.kind == "map":
        return {m.key.value: plain(m.value) for m in node.members}
    if node.kind == "list":
        return [plain(i) for i in node.items]
    return node.value if node.kind == "string" else json.loads(node.value)


def test_both_yaml_readers_give_the_same_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x\r\n  url: 'ö' # c\r\n  l: [1, \"b\\tc\", d]\r\n---\r\n? k\r\n: <<: {v: 1}\r\n"
    fast = [spans(n) for n in YAML.parse(text)]
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert [spans(n) for n in YAML.parse(text)] == fast


def spans(node: Node) -> list[object]:
    own = (node.kind, node.start, node.end if node.kind in ("string", "scalar") else 0, node.value, node.style)
    inner = [x for m in node.members for n in (m.key, m.value) for x in spans(n)]
    return [own, *inner, *(x for i in node.items for x in spans(i))]
