"""Django's settings: what `django.conf.settings.NAME` is, in the project's settings modules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.python.code import is_test
from migrator.python.flow.value import Value
from migrator.python.module import Module
from migrator.tree import Unreadable

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

SETTINGS = "django.conf.settings"
VARIABLE = "DJANGO_SETTINGS_MODULE"
# os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings"), environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
_NAMED = re.compile(VARIABLE.encode() + rb"[\"']\]?\s*[,=]\s*[\"']([\w.]+)[\"']")


def setting(values: Values, module: Module, name: str) -> list[Value]:
    """What a setting can be, in every settings module that gives it a value; [] where none is found."""
    return [v for m in _modules(values, module, name) for v in values.member(m, name)]


def _modules(values: Values, module: Module, name: str) -> Iterator[Module]:
    """The settings modules of the nearest Django projects that give the name a value, those for other places too."""
    code = values.code
    assigned = re.compile(rf"^\s*{re.escape(name)}\s*[:=]".encode(), re.M)
    for path in sorted(_paths(values, module)):
        try:
            found = code.load(path) if assigned.search(code.tree.read(path)) else None
        except Unreadable:
            continue
        if found is not None and name in found.scope.bindings:
            yield found


def _paths(values: Values, module: Module) -> set[str]:
    """The files of the settings that something near the module names, and those in the same folder: base, dev, prod."""
    code, own = values.code, set[str]()
    named = [(path, m[1].decode()) for path in code.mentioned(VARIABLE) for m in _NAMED.finditer(code.tree.read(path))]
    above = [(p, n) for p, n in named if "/" not in p or module.path.startswith(f"{p.rpartition('/')[0]}/")]
    for path, dotted_name in above or named:
        found = code.find_path(dotted_name, path)
        folder = found.rpartition("/")[0]
        own |= {found} if found else set()
        if folder.rpartition("/")[2] == "settings":
            own |= {p for p in code.python if p.rpartition("/")[0] == folder and not is_test(p)}
    return own
