"""Which documents are a server's own: those of its project, and what others say where they name its folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.python.products import distribution, published

if TYPE_CHECKING:
    from migrator.context import Context
    from migrator.model import Endpoint

MANY = 3  # projects below a folder: its documents speak of one of them where they name it
_HEADING = re.compile(r"(?m)^(?:#{1,6} |<h[1-6]|.+\n(?:={3,}|-{3,})\s*$)")


class Homes:
    """A server's home is the folder of its project: the nearest that is published, else the nearest with a manifest.

    That is the root where there is none: `deploy/docker/requirements.txt` makes no project of a published one's folder.
    In a project that offers SSE to its own users the documents speak of that: there a server's home is its folder.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._found: dict[str, str] = {}
        self._names: dict[str, str] = {}

    @cached_property
    def _folders(self) -> frozenset[str]:
        manifests = self.context.rules.toml("deploy/surfaces.toml")["ties"]["projects"]
        names = (path.rpartition("/") for path in self.context.tree.files)
        return frozenset(folder for folder, _, name in names if name in manifests)

    @cached_property
    def _products(self) -> frozenset[str]:
        return frozenset(self.context.rules.toml("sdks/products.toml")["distributions"])

    def of(self, path: str) -> str:
        """The home of the server in the file `path`: a folder, "" for the root."""
        folder = path.rpartition("/")[0]
        if folder not in self._found:
            above = [folder]
            while above[-1]:
                above.append(above[-1].rpartition("/")[0])
            homes = [f for f in above if f in self._folders]
            homes = [f for f in homes if self.name(f)] or homes or [""]
            product = not self._products.isdisjoint({distribution(self.context, path), self.name(homes[0])})
            self._found[folder] = folder if product else homes[0]
        return self._found[folder]

    def name(self, folder: str) -> str:
        """The name under which the project in a folder is published, "" for none."""
        if folder not in self._names:
            self._names[folder] = published(self.context, folder)
        return self._names[folder]

    def holds(self, server: str, path: str) -> bool:
        """True when the file `path` lies in the home of the server in the file `server`."""
        home = self.of(server)
        return not home or path.startswith(f"{home}/")

    def spoken_of(self, path: str, text: str, at: int, endpoints: Sequence[Endpoint]) -> list[Endpoint]:
        """Those of the servers that the section of the document around the offset `at` is about."""
        found, section = [], ""
        for e in endpoints:
            if self.holds(e.place.path, path) or self._alone(e.place.path, path):
                found.append(e)
                continue
            section = section or _plain(_section(text, at))
            home = self.of(e.place.path)
            if any(name and _plain(name) in section for name in (home.rpartition("/")[2], self.name(home))):
                found.append(e)
        return found

    def _alone(self, server: str, path: str) -> bool:
        """True when the file `path` lies above the server's project, and above few others."""
        folder = path.rpartition("/")[0]
        folder, home = (f"{folder}/" if folder else ""), self.of(server)
        below = [f for f in self._folders if f.startswith(folder) and f"{f}/" != folder]
        return home in below and len(below) < MANY


def _section(text: str, at: int) -> str:
    """The text between two headings, with the first of them."""
    begins = [m.start() for m in _HEADING.finditer(text)]
    start = max((b for b in begins if b <= at), default=0)
    end = min((b for b in begins if b > at), default=len(text))
    return text[start:end]


def _plain(name: str) -> str:
    return re.sub(r"[-_\s]+", "-", name).lower()
