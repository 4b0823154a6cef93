"""What to write by hand, in each SDK generation's own spelling (rules/sdks/snippets.toml)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import Any


@cache
def _table() -> dict[str, Any]:
    from migrator.rulebook import rules_folder

    return tomllib.loads((rules_folder() / "sdks" / "snippets.toml").read_text("utf-8"))


ASKED = re.compile(r" and make (?:it|them) stateless with FastMCP\([^)]*\)| \(with FastMCP\([^)]*\)\)")
SAID = re.compile(r"\b(?:stateless_http|stateless)=True, |(?:, )?\b(?:stateless_http|stateless)=True")


def with_sessions(text: str) -> str:
    """An instruction for a server that needs its sessions: the same code without what would make it stateless."""
    return SAID.sub("", ASKED.sub("", text))


def instruction(generation: str, rule: str) -> str:
    """The code for one rule in one generation ("official-1", "fastmcp-3", ...); "" for a rule without one."""
    family = "fastmcp" if generation.startswith("fastmcp") else generation
    return str(_table()[family].get(rule, ""))
