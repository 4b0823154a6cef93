"""Which project the paths of a command line belong to. Imports only os: a clean run passes through here."""

from __future__ import annotations

import os

from migrator import _prefilter


class NoSuchPath(OSError):
    """A path on the command line that can't be used; the message is for people."""


class Target:
    """A project and what was asked about in it.

    root: absolute, without symbolic links. chosen: paths relative to it, "/" between parts, files or folders;
    empty when the whole project is meant. files_only: every path given is a file.
    """

    __slots__ = ("chosen", "files_only", "root")

    def __init__(self, root: str) -> None:
        self.root = root
        self.chosen: list[str] = []
        self.files_only = True


def targets(paths: list[str]) -> list[Target]:
    """The projects that `paths` belong to, each once, in the order given. Raises NoSuchPath."""
    found: dict[str, Target] = {}
    whole: set[str] = set()
    resolved = [_resolved(path) for path in paths]
    folders = [path for path, is_folder in resolved if is_folder]
    for path, is_folder in resolved:
        root = project_of(path, is_folder)
        # a project inside another one that is asked about as a whole is looked at there
        above = [folder for folder in folders if folder != path and _inside(root, folder)]
        if above:
            root = project_of(min(above, key=len), True)
        target = found.setdefault(root, Target(root))
        if is_folder:
            target.files_only = False
        relative = os.path.relpath(path, root).replace(os.sep, "/")
        if not is_text(relative):
            raise NoSuchPath(f"{relative!r}: its name is not text in UTF-8: rename it first")
        if relative == ".":
            whole.add(root)
        elif relative not in target.chosen:
            target.chosen.append(relative)
    for root in whole:
        found[root].chosen = []
    return list(found.values())


def target_of(name: str) -> Target:
    """The project that a file of that name belongs to; the file itself need not be there. Raises NoSuchPath."""
    _check_named(name)
    try:
        path = os.path.realpath(name)
        if os.path.isdir(path):
            raise NoSuchPath(f"{name}: a folder, not a file")
    except ValueError:
        raise NoSuchPath(f"{name!r}: not a path") from None
    folder = os.path.dirname(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    target = Target(project_of(folder, True))
    target.chosen = [os.path.relpath(path, target.root).replace(os.sep, "/")]
    return target


def project_of(path: str, is_folder: bool) -> str:
    """The nearest folder upwards that looks like a project's, the folder itself where there is none.

    A home directory under version control is no project.
    """
    start = path if is_folder else os.path.dirname(path)
    home = os.path.realpath(os.path.expanduser("~"))
    folder = start
    while True:
        if (folder != home or folder == start) and any(
            os.path.lexists(os.path.join(folder, marker)) for marker in _prefilter.MARKERS
        ):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return start
        folder = parent


def _resolved(path: str) -> tuple[str, bool]:
    """The real path, and whether it is a folder. Raises NoSuchPath."""
    _check_named(path)
    try:
        real = os.path.realpath(path)
        if os.path.isdir(real):
            with os.scandir(real):
                return real, True
        if os.path.isfile(real):
            os.close(os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)))
            return real, False
        if os.path.lexists(path) and not os.path.exists(real):
            raise NoSuchPath(f"{path}: a symbolic link to nowhere")
        if os.path.exists(real):
            raise NoSuchPath(f"{path}: neither a file nor a folder")
    except PermissionError:
        raise NoSuchPath(f"{path}: can't be read: permission denied") from None
    except ValueError:
        raise NoSuchPath(f"{path!r}: not a path") from None
    raise NoSuchPath(f"{path}: no such file or directory")


def _check_named(path: str) -> None:
    """Raises NoSuchPath for "": a variable that isn't set must not mean the current folder."""
    if not path:
        raise NoSuchPath("an empty path; the current folder is written .")


def is_text(path: str) -> bool:
    """False for the name of a file that is not UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
