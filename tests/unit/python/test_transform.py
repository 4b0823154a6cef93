"""Operations on Python code: what doesn't fit is refused, and every other byte stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.python.rewrite.edits import (
    EditCall,
    EditElements,
    EnsureImport,
    Insert,
    RemoveStmt,
    ReplaceExpr,
    ReplaceStmt,
    UnrollIf,
    WrapExpr,
)
from migrator.python.rewrite.transform import Unmatched, apply_operations
from tests.unit.python.rewriting import PATH, Finder, Make


def unmatched(source: str, make: Make) -> str:
    with pytest.raises(Unmatched) as caught:
        apply_operations(PATH, source.encode(), make(Finder(source.encode())))
    return str(caught.value)


def test_no_operations_no_change() -> None:
    data = b"x = 1 \r\n\ty = \xff"
    assert apply_operations(PATH, data, []) is data


def test_all_bytes_of_an_encoded_file_stay() -> None:
    text = "#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = 'h\u00e9'; y = f('\u00fc')\n"
    data = text.encode("latin-1")
    result = apply_operations(PATH, data, [ReplaceExpr(Finder(data).expr("f("), "'\u00e4'")])
    assert result == text.replace("f('\u00fc')", "'\u00e4'").encode("latin-1")


def test_code_that_the_encoding_lacks() -> None:
    data = b"# coding: ascii\nx = f()\n"
    with pytest.raises(Unmatched, match="ascii"):
        apply_operations(PATH, data, [ReplaceExpr(Finder(data).expr("f("), "'\u20ac'")])


def test_a_package_keeps_its_imports() -> None:
    data = b"from m import a, b\n\na.c\n"
    place = Finder(data).stmt("a.c")
    assert apply_operations("pkg/__init__.py", data, [RemoveStmt(place)]) == b"from m import a, b\n"


def test_mixed_line_ends_stay() -> None:
    data = b"a = 1\r\nb = 2\nc = f(\r\n  1,\n)\r\n"
    place = Finder(data).expr("f(")
    result = apply_operations(PATH, data, [EditCall(place, keywords=(("k", "2"),))])
    assert result == b"a = 1\r\nb = 2\nc = f(\r\n  1,\n  k=2,\n)\r\n"


def test_form_feeds_are_no_line_ends() -> None:
    data = b"import a\n\x0c\ndef f():\n    '\x0c\x1c'\n    return g()\n"
    place = Finder(data).expr("g()")
    assert apply_operations(PATH, data, [ReplaceExpr(place, "h")]) == data.replace(b"g()", b"h")


def test_a_line_that_goes_on_behind_its_statement() -> None:
    data = b"a = 1\nb = f()\nc = 3 \\\n\nd = 4\ne = 5\n"
    place = Finder(data).expr("f()")
    assert apply_operations(PATH, data, [ReplaceExpr(place, "2")]) == data.replace(b"f()", b"2")


def test_hundreds_of_lines_in_one_expression() -> None:
    data = b"x = (\n" + b"    'line'\n" * 600 + b")\nx = f()\n"
    place = Finder(data).expr("f()")
    assert apply_operations(PATH, data, [ReplaceExpr(place, "2")]) == data.replace(b"f()", b"2")


@pytest.mark.parametrize(
    ("source", "make", "words"),
    [
        ("f(a)\n", lambda f: [ReplaceExpr(replace(f.expr("a"), source="b"), "c")], ["line 1", "'b'"]),
        ("f(a)\n", lambda f: [ReplaceExpr(replace(f.expr("a"), column=1, source=""), "c")], ["line 1, column 2"]),
        ("f(a)\n", lambda f: [ReplaceExpr(replace(f.expr("a"), line=9, end_line=9), "c")], ["line 9"]),
        ("f(a)\n", lambda f: [RemoveStmt(replace(f.stmt("f"), line=0, end_line=0))], ["line 0"]),
        ("f(a)\n", lambda f: [ReplaceExpr(f.expr("a"), n) for n in "bc"], ["line 1", "conflict"]),
        ("f(a)\n", lambda f: [WrapExpr(f.expr("a"), n, ")") for n in ("b(", "c(")], ["conflict"]),
        ("f(a)\n", lambda f: [RemoveStmt(f.stmt("f")), ReplaceStmt(f.stmt("f"), "b")], ["conflict"]),
        (
            "f(a)\n",
            lambda f: [EditCall(f.expr("f("), keywords=(("k", n),)) for n in "12"],
            ["conflict"],
        ),
        ("f(a)\n", lambda f: [EditCall(f.expr("a"), method="b")], ["line 1", "call"]),
        ("f(a)\n", lambda f: [EditElements(f.expr("a"), append=("b",))], ["line 1", "list"]),
        ("f(a)\n", lambda f: [EditCall(f.expr("f("), positional=((1, None),))], ["positional argument 1"]),
        ("f(*a, b)\n", lambda f: [EditCall(f.expr("f("), positional=((0, None),))], ["positional argument 0"]),
        ("f()(a)\n", lambda f: [EditCall(f.expr("f()(a)"), method="b")], ["method"]),
        ("x = [1]\n", lambda f: [EditElements(f.expr("["), replace=((1, None),))], ["element 1"]),
        ("f(a)\n", lambda f: [ReplaceExpr(f.expr("a"), "b c")], ["line 1", "'b c'"]),
        ("f(a)\n", lambda f: [ReplaceStmt(f.stmt("f"), "if:")], ["line 1", "'if:'"]),
        ("f(a)\n", lambda f: [ReplaceExpr(f.expr("a"), "b=1, c")], ["line 1"]),
        ("f(a)\n", lambda f: [WrapExpr(f.expr("a"), "", "")], ["line 1"]),
        ("f(a)\n", lambda f: [EditCall(f.expr("f("), put=((2, "b"),))], ["line 1", "positional argument 2"]),
        ("{1: 2}\n", lambda f: [EditElements(f.expr("{1"), append=("3",))], ["line 1", "entry"]),
        ("{1: 2}\n", lambda f: [EditElements(f.expr("{1"), replace=((0, "3"),))], ["line 1"]),
        ("f(a)\n", lambda f: [UnrollIf(f.stmt("f"), "body")], ["line 1", "if"]),
        ("while a:\n    b\n", lambda f: [UnrollIf(f.stmt("while"), "body")], ["line 1", "if"]),
        ("f(a)\n", lambda f: [Insert(f.stmt("f"), "x", "top")], ["line 1", "function"]),
        ("f(a)\n", lambda f: [Insert(f.stmt("f"), "x", "inside")], ["line 1", "inside"]),
        (
            "if a:\n    b\nelif c:\n    d\n",
            lambda f: [Insert(f.stmt("elif c"), "x")],
            ["line 3", "elif"],
        ),
        ("del a\n", lambda f: [ReplaceExpr(f.expr("a"), "f()")], ["line 1"]),
    ],
)
def test_unmatched(source: str, make: Make, words: list[str]) -> None:
    message = unmatched(source, make)
    assert all(word in message for word in words), message


@pytest.mark.parametrize("data", [b"def f(:\n", b"\xff\xfe", b"# coding: nonsense\n", b"x = 1\x00"])
def test_a_file_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(Unmatched):
        apply_operations(PATH, data, [EnsureImport(PATH, "m", "a")])
