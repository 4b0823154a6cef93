"""Who asks an address for a page: health checks and scripts, which no Streamable HTTP endpoint answers like SSE's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from migrator.deploy.clientlines import with_image
from migrator.deploy.places import program_name
from migrator.deploy.strands import Strand
from migrator.deploy.words import Command


class Asking:
    """Knows the programs and calls that do. programs: the table of that name in rules/deploy/surfaces.toml."""

    def __init__(self, programs: Mapping[str, Any]) -> None:
        self.first = frozenset(programs["fetchers"])
        self.anywhere = frozenset(programs["fetchers-anywhere"])
        self.calls = re.compile(programs["fetching-calls"])

    def asks(self, command: Command) -> bool:
        """True for a command line that asks the addresses in it, be it by its container's image."""
        names = [program_name(w) for w in with_image(command).words]
        return any(n in self.first for n in names[:3]) or not self.anywhere.isdisjoint(names)

    def asked_in(self, text: Strand, address: Strand, source: str) -> bool:
        """True for an address that is asked inside a text which holds more: `--health-cmd "curl URL"`.

        source: the whole file, whose line says what calls it where `text` is but a word of that.
        """
        before = text.text[: text.starts.index(address.start)]
        line = source[source.rfind("\n", 0, address.start) + 1 : address.start]
        if self.calls.search(before) or self.calls.search(line):
            return True
        words = re.split(r"[\n;&|]|://", before)[-1].replace('"', " ").replace("'", " ").split()
        return any(w.rpartition("=")[2].rpartition("/")[2] in self.anywhere for w in words)
