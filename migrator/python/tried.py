"""SDKs that are imported in turn, `try: from fastmcp import FastMCP` and another one where that fails.

Which of the imports succeeds is known where the project says what is installed: by its lock, or by requirements that
are no extra and have no marker. Where it isn't known, either may.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migrator.python.functions import last_name
from migrator.python.module import Binding, Module
from migrator.python.sdk import Sdks
from migrator.versions.resolved import Installed

FAILING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class Tried:
    """Answers for one project."""

    def __init__(self, sdks: Sdks) -> None:
        self.sdks, self.versions = sdks, sdks.versions
        tables = (sdks.official, sdks.fastmcp)
        self.distributions = {family: str(t["distribution"]) for t in tables for family in t["servers"].values()}
        # the only major version of its distribution that has a family's modules
        self.majors: dict[str, int] = sdks.official["majors"]

    def passed(self, module: Module, binding: Binding) -> bool:
        """True for an import that the project never runs with: an earlier one succeeds, or it fails and is caught."""
        node = module.statement_of(binding.node)
        above = module.parents.get(node)
        if isinstance(above, ast.ExceptHandler) and _catches_imports(above):
            whole = module.parents.get(above)
            assert isinstance(whole, ast.Try | ast.TryStar)
            return any(self._succeeds(module, family) is True for family in self._imported(whole.body))
        if (
            isinstance(above, ast.Try | ast.TryStar)
            and node in above.body
            and any(map(_catches_imports, above.handlers))
        ):
            return any(self._succeeds(module, family) is False for family in self._imported([node]))
        return False

    def _imported(self, body: Sequence[ast.stmt]) -> set[str]:
        """The families of what the statements import."""
        imports = [s for s in body if isinstance(s, ast.ImportFrom) and not s.level]
        return {self.sdks.classes.get(f"{s.module}.{a.name}", "") for s in imports for a in s.names} - {""}

    def _succeeds(self, module: Module, family: str) -> bool | None:
        """Whether a family's modules are there, None where nothing tells."""
        installed = self.versions.of(module.path)
        name = self.distributions[family]
        if name not in installed.locked and not any(not r.group and not r.marker for r in installed.of(name)):
            return False if installed.locked else None
        if family not in self.majors:
            return True
        may = {major for major in self.majors.values() if _may_be(installed, name, major)}
        if self.majors[family] not in may:
            return False
        return True if may == {self.majors[family]} else None


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or last_name(kind) in FAILING for kind in kinds)


def _may_be(installed: Installed, name: str, major: int) -> bool:
    """True when a release of this major version can be what is installed."""
    version = installed.version(name)
    if version is not None:
        return version.major == major
    lowest = installed.lowest(name)
    tries = [f"{major}.0.0", f"{major}.999.0", *([str(lowest)] if lowest is not None and lowest.major == major else [])]
    return any(installed.admits(name, text) for text in tries)
