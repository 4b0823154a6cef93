"""The project's modules are found by name, and only those that can matter are parsed."""

from pathlib import Path

import pytest

from migrator.importlines import ImportLines
from migrator.python.code import LOOKUPS, Code
from migrator.tree import Tree


def code(folder: Path, files: dict[str, str]) -> Code:
    for name, text in files.items():
        (folder / name).write_text(text)
    return Code(Tree(folder, tuple(sorted(files))))


def test_a_word_is_a_whole_name(tmp_path: Path) -> None:
    found = code(
        tmp_path,
        {
            "asserts.py": "assert True\n",
            "path.py": 'PATHS = ["/sse"]\n',
            "name.py": "sse_path = 1\n",
            "word.py": "sse = 1\n",
            "end.py": "x = sse",
        },
    )
    assert found.mentioned("sse") == ["end.py", "path.py", "word.py"]


def test_files_that_only_look_like_it_are_not_parsed(tmp_path: Path) -> None:
    found = code(tmp_path, {f"m{i}.py": "assert True\n" for i in range(20)} | {"a.py": "PATH = '/sse'\n"})
    assert [m.path for m in found.mentioning("sse")] == ["a.py"]
    assert list(found._modules) == ["a.py"]


def test_many_names_are_looked_up_in_an_index_that_says_the_same(tmp_path: Path) -> None:
    texts = {f"m{i}.py": f"word{i} = other{i % 3} + 'a{i}-b'\n" for i in range(60)}
    plain, many = code(tmp_path, texts), code(tmp_path, texts)
    for i in range(60):
        many.mentioned(f"word{i}")
    for word in ("word3", "other1", "a7", "b", "wor", "nothing", "a7-b", ""):
        assert many.mentioned(word) == plain.mentioned(word), word


@pytest.mark.parametrize(
    "source",
    [
        b"import server\n",
        b"    from app import server as s\n",
        b"from . import (\n    other,  # a remark\n    server,\n)\n",
        b"from app import other, \\\n    server\n",
        b"from app import other, \\\r\n    server\r\n",
        b"x = 1; import server",
        b'm = importlib.import_module("app.server")\n',
        b"from server import *",
        b"from . import (  # all of them (see below)\n    other,\n    server,\n)\n",
        b"from app import other, \\\n    more\nfrom app import other, \\\n    server\n",
    ],
)
def test_words_that_a_file_imports(source: bytes) -> None:
    assert ImportLines(["app/server.py"]).names(source) == {b"server"}


@pytest.mark.parametrize("source", [b"server = 1\nimport os\nserver()\n", b"", b"import os \\", b"from a import (b"])
def test_words_that_no_import_names(source: bytes) -> None:
    assert ImportLines(["app/server.py"]).names(source) == set()


def test_many_names_are_looked_up_in_an_index(tmp_path: Path) -> None:
    names = [f"name{i}" for i in range(LOOKUPS + 5)]
    found = code(tmp_path, {"all.py": "\n".join(names), "one.py": "name3 = name44\n", "none.py": "xname3 = name4x\n"})
    for name in names:
        assert found.mentioned(name) == (["all.py", "one.py"] if name in ("name3", "name44") else ["all.py"])
    assert found.mentioned("name3", {"one.py", "none.py"}) == ["one.py"]


def test_a_word_is_looked_for_within_some_files(tmp_path: Path) -> None:
    found = code(tmp_path, {f"m{i}.py": "word = 1\n" for i in range(3)})
    assert found.mentioned("word", {"m1.py"}) == ["m1.py"]
    assert found.mentioned("word") == ["m0.py", "m1.py", "m2.py"]
    assert found.mentioned("word", {"m2.py"}) == ["m2.py"]


def test_who_imports_a_file_is_the_same_whether_it_was_read_on_the_way_or_not(tmp_path: Path) -> None:
    texts = {"server.py": "", "a.py": "from server import mcp\n", "b.py": "import a\n", "c.py": "import b2\n"}
    here, known = code(tmp_path, texts), code(tmp_path, texts)
    names = ImportLines(texts).names
    known.tree.imports.update({path: names(texts[path].encode()) for path in ("a.py", "c.py")})
    assert here.importers(["server.py"]) == known.importers(["server.py"]) == {"server.py", "a.py", "b.py"}
