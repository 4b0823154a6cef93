"""The commands about rules: `mcp-migrate rules` and `mcp-migrate explain ID...`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from migrator.main import PROGRAM

rules_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
explain_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@rules_app.command()
def rules() -> None:
    """List the rules: id, severity, whether a fix is written, title."""
    from migrator import explaining

    _print(explaining.catalogue)


@explain_app.command()
def explain(
    rule_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Rules, such as MCP101.", show_default=False)],
) -> None:
    """Explain a rule: why, what is done about it, an example, and when the edit could be wrong."""
    from migrator import explaining

    _print(lambda: "\n".join(explaining.explained(rule_id) for rule_id in rule_ids))


def _print(text: Callable[[], str]) -> None:
    """Print it, or why it can't be told."""
    from migrator import printing
    from migrator.rulebook import RulebookError

    try:
        printing.write(text())
    except RulebookError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
