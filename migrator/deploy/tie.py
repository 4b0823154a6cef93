"""What a command of a deployment file starts, and what it hands to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.deploy.strands import Strand
from migrator.deploy.words import Command, option_values, variable
from migrator.model import Endpoint
from migrator.records import record


@record(frozen=True)
class Tie:
    """A command that starts servers of this repository.

    after: index of the first word that the server itself gets. pinned: it starts a published release instead.
    runner: the name of a command-line runner (fastmcp, mcp) that loads the file `path`.
    """

    endpoints: tuple[Endpoint, ...] = ()
    after: int = 0
    path: str = ""
    pinned: bool = False
    runner: str = ""
    # (variable, option): what a script on the way hands on; "1" is the first word that the tie's command gives it
    carried: tuple[tuple[str, str], ...] = ()
    via: tuple[str, ...] = ()  # scripts that the command line passes through

    @property
    def ours(self) -> bool:
        """True when it starts one at all."""
        return bool(self.endpoints)


NOTHING = Tie()


def carries(words: Sequence[Strand], endpoints: Sequence[Endpoint]) -> list[tuple[str, Strand, str]]:
    """(variable, word, option) for every option of the servers that gets its value from a variable."""
    found = []
    for endpoint in endpoints:
        for selector in endpoint.selectors:
            if selector.kind != "option":
                continue
            for value in option_values(words, selector.names):
                name = variable(value.text)
                if name:
                    found.append((name, value, selector.names[0]))
    return found


def numbered(command: Command, tie: Tie) -> Iterator[tuple[Strand, str]]:
    """(word, option) for the words of a command that a script on the way gives to an option by their number."""
    rest = command.words[tie.after :]
    for name, option in tie.carried:
        if name.isdigit() and 0 < int(name) <= len(rest):
            yield rest[int(name) - 1], option
