"""Which project a path belongs to."""

import os
import sys
from pathlib import Path

import pytest

from migrator.roots import NoSuchPath, targets


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory in place of the real one; the work happens below it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path.resolve()


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.touch()


def found(*paths: Path) -> list[tuple[str, list[str]]]:
    return [(target.root, target.chosen) for target in targets([str(p) for p in paths])]


@pytest.mark.parametrize("marker", [".git/", "pyproject.toml", "requirements.txt", "setup.py", "package.json"])
def test_a_file_belongs_to_the_nearest_project(home: Path, marker: str) -> None:
    make(home, f"p/{marker}", "p/src/s.py")
    assert found(home / "p/src/s.py") == [(str(home / "p"), ["src/s.py"])]


def test_a_folder_that_is_a_project_is_meant_as_a_whole(home: Path) -> None:
    make(home, "p/.git/", "p/member/pyproject.toml")
    assert found(home / "p/member") == [(str(home / "p/member"), [])]


def test_a_folder_inside_a_project(home: Path) -> None:
    make(home, "p/pyproject.toml", "p/src/s.py")
    assert found(home / "p/src") == [(str(home / "p"), ["src"])]


def test_a_folder_without_any_project_is_its_own(home: Path) -> None:
    make(home, "loose/s.py")
    assert found(home / "loose") == [(str(home / "loose"), [])]
    assert found(home / "loose/s.py") == [(str(home / "loose"), ["s.py"])]


def test_a_home_directory_under_version_control_is_no_project(home: Path) -> None:
    make(home, ".git/", "loose/s.py")
    assert found(home / "loose") == [(str(home / "loose"), [])]
    assert found(home) == [(str(home), [])]


def test_several_files_of_one_project_are_one_target(home: Path) -> None:
    make(home, "p/.git/", "p/a.py", "p/b.py")
    assert found(home / "p/a.py", home / "p/b.py", home / "p/a.py") == [(str(home / "p"), ["a.py", "b.py"])]


def test_several_projects(home: Path) -> None:
    make(home, "p/pyproject.toml", "q/pyproject.toml")
    assert found(home / "p", home / "q") == [(str(home / "p"), []), (str(home / "q"), [])]


def test_a_project_inside_one_that_is_meant_as_a_whole_is_part_of_it(home: Path) -> None:
    make(home, "p/.git/", "p/member/pyproject.toml", "p/member/s.py")
    assert found(home / "p", home / "p/member") == [(str(home / "p"), [])]
    assert found(home / "p/member/s.py", home / "p") == [(str(home / "p"), [])]


@pytest.mark.skipif(sys.platform == "win32", reason="making symbolic links needs a privilege on Windows")
def test_links_are_followed_to_where_they_lie(home: Path) -> None:
    make(home, "p/pyproject.toml", "p/s.py")
    (home / "short").symlink_to("p", target_is_directory=True)
    (home / "nowhere").symlink_to("gone")
    (home / "loop").symlink_to("loop")
    assert found(home / "short/s.py") == [(str(home / "p"), ["s.py"])]
    for name in ("nowhere", "loop"):
        with pytest.raises(NoSuchPath, match="symbolic link to nowhere"):
            found(home / name)


def test_a_path_that_is_not_there(home: Path) -> None:
    with pytest.raises(NoSuchPath, match="chekc: no such file or directory"):
        targets(["chekc"])


def test_a_name_that_no_file_can_have(home: Path) -> None:
    with pytest.raises(NoSuchPath):
        targets(["a\0b"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes exist on POSIX only")
def test_something_that_is_neither_file_nor_folder(home: Path) -> None:
    os.mkfifo(home / "pipe")
    with pytest.raises(NoSuchPath, match="neither a file nor a folder"):
        found(home / "pipe")


def test_a_folder_that_cannot_be_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(home, "closed/")

    def refusing(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(NoSuchPath, match="can't be read: permission denied"):
        found(home / "closed")
