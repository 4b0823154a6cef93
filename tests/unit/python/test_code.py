"""The project's modules are found by name, and only those that can matter are parsed."""

from pathlib import Path

from migrator.python.code import Code
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
