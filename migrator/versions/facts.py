"""What rules/floors.toml says about packages, in the form that the rest of this folder asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.records import record
from migrator.versions.ranges import parse, version

if TYPE_CHECKING:
    from migrator.rulebook import Rulebook
    from migrator.versions.resolved import Installed


@record(frozen=True)
class Line:
    """One major version that a project may stay in."""

    major: int
    keep: str  # from here on a version that is installed is left as it is
    why_keep: str  # what releases before it do wrong
    recommended: str  # the lower bound that a requirement gets when it must be raised
    pin: str  # the same for an exact pin
    next: str  # the first version that is too new


@record(frozen=True)
class Package:
    """What we know about one package."""

    name: str
    javascript: bool
    first: str  # first version with Streamable HTTP, "" when it has nothing to do with it
    lines: tuple[Line, ...]
    releases: tuple[str, ...]
    generations: dict[str, int]  # "official-1" -> major version
    why_cap: str  # why an open-ended requirement is wrong, "" where it is not
    marks: tuple[str, ...]  # names that show that a JavaScript file speaks SSE with it

    def line(self, major: int | None) -> Line | None:
        """The line of a major version; of an unknown one, the only line there is."""
        found = [line for line in self.lines if line.major == major]
        if not found and major is None and len(self.lines) == 1:
            return self.lines[0]
        return found[0] if found else None


class Floors:
    """rules/floors.toml."""

    def __init__(self, rules: Rulebook) -> None:
        self.table = rules.table("floors")

    @property
    def names(self) -> frozenset[str]:
        """The packages that there are facts about."""
        return frozenset(self.table["packages"])

    def package(self, name: str) -> Package | None:
        """The facts about one package."""
        row = self.table["packages"].get(name)
        if row is None:
            return None
        lines = tuple(
            Line(
                r["major"],
                r["keep"],
                r.get("why-keep", ""),
                r["recommended"],
                r.get("pin", r["recommended"]),
                r["next"],
            )
            for r in row.get("line", ())
        )
        return Package(
            name,
            row["ecosystem"] == "javascript",
            row.get("first", ""),
            lines,
            tuple(row.get("releases", ())),
            dict(row.get("generations", {})),
            row.get("why-cap", ""),
            tuple(row.get("marks", ())),
        )

    def generations(self, name: str) -> dict[str, int]:
        """The SDK generations that a package serves, with their major versions."""
        return dict(self.table["packages"].get(name, {}).get("generations", {}))

    def bad(self, name: str, release: str, installed: Installed) -> str:
        """Why a release does not start, "" when it does: what else is locked or required may keep it alive."""
        for row in self._rows("bad", name, release):
            unless = row.get("unless", {})
            if not unless or not _kept(installed, unless["package"], unless["versions"]):
                return str(row["why"])
        return ""

    def asks(self, name: str, release: str) -> dict[str, str]:
        """What a release asks of other packages."""
        return {other: spec for row in self._rows("asks", name, release) for other, spec in row["of"].items()}

    def advisories(self, name: str, release: str) -> list[dict[str, Any]]:
        """The advisories that a release is not safe from."""
        found = version(release)
        rows = self.table.get("advisory", ())
        return [r for r in rows if r["package"] == name and found is not None and found < _known(r["fixed"])]

    def changes(self, name: str, old: str, new: str) -> list[dict[str, Any]]:
        """What else changes when `old` becomes `new`."""
        before, after = version(old), version(new)
        if before is None or after is None:
            return []
        rows = [r for r in self.table.get("change", ()) if r["package"] == name]
        return [r for r in rows if before < _known(r["at"]) <= after < _known(r["below"])]

    def lock_command(self, tool: str, kind: str) -> dict[str, str]:
        """The command row of a lock: the row of `tool kind` before that of `tool`; {} when there is none."""
        rows = self.table["locks"]
        return dict(rows.get(f"{tool} {kind}") or rows.get(tool) or {})

    def _rows(self, table: str, name: str, release: str) -> list[dict[str, Any]]:
        rows = self.table.get(table, ())
        return [r for r in rows if r["package"] == name and parse(r["versions"]).admits(release)]


def _kept(installed: Installed, name: str, spec: str) -> bool:
    """True when the lock or the requirements surely keep `name` within `spec` (an upper bound)."""
    locked = installed.locked.get(name)
    if locked is not None:
        return parse(spec).admits(locked)
    found, limit = installed.range(name), version(spec.lstrip("<"))
    if found is None or not found.known or limit is None:
        return False
    return (
        not found.admits(str(limit)) and not found.admits(f"{limit.major}.99999") and not found.reaches(limit.major + 1)
    )


def _known(text: str) -> Any:
    found = version(text)
    if found is None:
        raise ValueError(f"rules/floors.toml: {text!r} is not a version")
    return found
