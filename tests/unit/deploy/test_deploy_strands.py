"""Characters keep their place through quotes, escapes, blocks and cells, and are replaced only where they stand alone."""

from __future__ import annotations

import pytest

from migrator.configs import json_spans, toml_spans, yaml_spans
from migrator.configs.spans import Node
from migrator.deploy.documents import blocks
from migrator.deploy.strands import NotReplaceable, Strand, joined, of_node


def replaced(text: str, strand: Strand, new: str) -> str:
    edit = strand.replaced("f", new)
    return text[: edit.start] + edit.text + text[edit.end :]


def value(node: Node, *keys: str) -> Node:
    for key in keys:
        found = node.get(key)
        assert found is not None
        node = found
    return node


def test_only_what_differs_is_touched_and_words_stay_whole() -> None:
    text = "http://localhost:8000/sse"
    edit = Strand.of(text).replaced("f", "http://localhost:8000/mcp")
    assert (edit.start, edit.end, edit.text) == (22, 25, "mcp")
    edit = Strand.of("sse").replaced("f", "streamable-http")
    assert (edit.start, edit.end, edit.text) == (0, 3, "streamable-http")


def test_a_word_in_pieces_or_with_escapes_is_left() -> None:
    text = "s''se"
    word = joined([Strand.of(text, 0, 1), Strand.of(text, 3, 5)])
    assert word.text == "sse"
    with pytest.raises(NotReplaceable, match="pieces"):
        word.replaced("f", "http")
    text = '{"a": "\\u0073se"}'
    strand = of_node(value(json_spans.NOTATION.parse(text)[0], "a"), Strand.of(text))
    assert strand is not None
    assert strand.text == "sse"
    with pytest.raises(NotReplaceable, match="escapes"):
        strand.replaced("f", "http")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("a: |\n  x\n  python s.py -t sse\n", "-t sse", "-t http"),
        ("a: |-\n    python s.py \\\n      -t sse\n", "-t sse", "-t http"),
        ("a: >\n  python s.py\n  -t sse\n", "-t sse", "-t http"),
        ("a: 'it''s -t sse'\n", "-t sse", "-t http"),
        ('a: "x\\ty -t sse"\n', "-t sse", "-t http"),
        ("a: plain -t sse # c\n", "-t sse", "-t http"),
    ],
)
def test_yaml_text_of_every_style(text: str, before: str, after: str) -> None:
    strand = of_node(value(yaml_spans.NOTATION.parse(text)[0], "a"), Strand.of(text))
    assert strand is not None
    at = strand.text.index("sse")
    assert replaced(text, strand.part(at, at + 3), "http") == text.replace(before, after)


def test_toml_text() -> None:
    text = 'a = """\npython s.py \\\n  -t sse\n"""\nb = \'-t sse\'\n'
    root = toml_spans.NOTATION.parse(text)[0]
    strand = of_node(value(root, "b"), Strand.of(text))
    assert strand is not None
    assert replaced(text, strand.part(3), "http") == text.replace("'-t sse'", "'-t http'")


def test_blocks_of_a_quotation_have_no_marks() -> None:
    text = "> Note\n>\n> ```sh\n> python s.py \\\n>   -t sse\n> ```\n"
    (block,) = blocks(Strand.of(text), "markdown")
    assert block.strand.text == "python s.py \\\n  -t sse"
    at = block.strand.text.index("sse")
    assert replaced(text, block.strand.part(at, at + 3), "http") == text.replace("sse", "http")


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("```bash\na\n```\n", ["console"]),
        ("~~~ yaml\na: b\n~~~\n", ["yaml"]),
        ("````\n```\na\n```\n````\n", ["console"]),
        ("- x\n  ```json\n  {}\n  ```\n", ["json"]),
        ("```\nFROM python\n```\n", ["dockerfile"]),
        ("```\n{}\n```\n", ["json"]),
        ("```\nA_B=c\n```\n", ["environment"]),
        ("```rust\nfn\n```\n", []),
        ("```bash\nnever closed\n", []),
        ('```json title="mcp.json"\n{}\n```\r\n', ["json"]),
        ("```{code-block} python\nx\n```\n", ["python"]),
    ],
)
def test_the_language_of_a_block(text: str, languages: list[str]) -> None:
    assert [b.language for b in blocks(Strand.of(text), "markdown")] == languages


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("Run::\n\n    python s.py\n\nText\n", ["console"]),
        (".. code-block:: bash\n\n   a\n", ["console"]),
        (".. code-block:: json\n   :caption: x\n\n   {}\n", ["json"]),
        (".. note:: x\n\n   text\n", []),
    ],
)
def test_blocks_of_restructured_text(text: str, languages: list[str]) -> None:
    assert [b.language for b in blocks(Strand.of(text), "rst")] == languages
