"""What a lock file says, whoever wrote it."""

from __future__ import annotations

from dataclasses import field

from migrator.records import record
from migrator.versions.ranges import version


@record
class Lock:
    """The exact versions of one lock file.

    packages: every version that is locked, by name.
    direct: by folder of the project (relative to the lock, "" for its own): the version that this folder gets.
    stated: by folder: the requirements as the lock remembers them from the manifest.
    own: the packages that the workspace itself is: they have no version from outside.
    members: the folders of the workspace that the lock serves, its own apart.
    """

    path: str
    tool: str
    format: str = ""
    packages: dict[str, set[str]] = field(default_factory=dict)
    direct: dict[str, dict[str, str]] = field(default_factory=dict)
    stated: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    ranges: dict[str, dict[str, str]] = field(default_factory=dict)  # yarn: name -> range asked for -> version
    command: str = ""  # how the file says it was made

    def add(self, name: str, text: str) -> None:
        """Note that `name` is locked at `text`."""
        self.packages.setdefault(name, set()).add(text)

    def state(self, member: str, name: str, spec: str) -> None:
        """Note that the manifest of `member` asked for `spec` when the lock was written."""
        self.stated.setdefault(member, {}).setdefault(name, set()).add(spec)

    def version(self, name: str, member: str = "") -> str:
        """The locked version as `member` sees it; of several the lowest; "" when it is not locked."""
        for place in (member, ""):
            if name in self.direct.get(place, {}):
                return self.direct[place][name]
        found = sorted(self.packages.get(name, ()), key=lambda v: (version(v) is None, version(v) or v))
        return found[0] if found else ""

    def versions(self, member: str = "") -> dict[str, str]:
        """Every locked name with its version as `member` sees it."""
        return {name: self.version(name, member) for name in self.packages}
