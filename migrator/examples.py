"""Examples: which files of a repository that shows several belong together, and which one a file is an example of."""

from __future__ import annotations

import re

_FOLDER = re.compile(r"(?:.*/)?(?:examples?|samples?|tests?|demos?|labs?|tutorials?)/(?:[^/]+/)*", re.I)
_OWN = re.compile(r"(?:.*/)?(?:examples?|samples?|demos?|labs?|tutorials?)/[^/]+/", re.I)
_MARK = re.compile(
    r"[._-](?:example|sample|template|dist|default|local|dev|development|prod|production|staging|test|docker)(?=[._-]|$)",
    re.I,
)


def plain_name(path: str) -> str:
    """The name that code has for one of several files of settings: "config.yaml" for conf/config.example.yaml."""
    return _MARK.sub("", path.rpartition("/")[2])


def folder_of(path: str) -> str:
    """The folder of the example (or test) that a file is part of, with a "/" behind it; "" for none."""
    match = _FOLDER.match(path)
    return match.group() if match else ""


def own_folder(path: str) -> str:
    """The folder of one example among several, "" where the file lies beside them or is none of an example."""
    match = _OWN.match(path)
    return match.group() if match else ""


def is_of(server: str, path: str) -> bool:
    """True unless the server in the file `server` is an example's, and the file `path` is none of that example."""
    return path.startswith(folder_of(server))
