"""`mcp-migrate rules` and `mcp-migrate explain MCP101`: the catalogue, for people."""

from __future__ import annotations

import textwrap

from migrator import rulebook

WIDTH = 88


def catalogue() -> str:
    """A line for each rule. Raises rulebook.RulebookError."""
    rules = rulebook.load().rules().values()
    lines = [f"{r.id}  {r.severity:<8} {'fix' if r.fixable != 'never' else '-':<4} {r.title}" for r in rules]
    lines += ["", "fix: this tool writes the change wherever it can prove it. mcp-migrate explain ID tells more."]
    return "\n".join(lines) + "\n"


def explained(rule_id: str) -> str:
    """Everything about one rule. Raises rulebook.RulebookError."""
    rule = rulebook.load().rule(rule_id)
    fixable = {"always": "yes", "sometimes": "where it can be proven", "never": "no"}[rule.fixable]
    parts = [
        f"{rule.id}  {rule.title}",
        f"severity: {rule.severity}, fixed: {fixable}",
        _section("Why", rule.why),
        _section("What is done about it", rule.what),
    ]
    if rule.before:
        parts.append("Before:\n\n" + textwrap.indent(rule.before, "    "))
    if rule.after:
        parts.append("After:\n\n" + textwrap.indent(rule.after, "    "))
    if rule.safety:
        parts.append(_section("When it could be wrong", rule.safety))
    return "\n\n".join(parts) + "\n"


def _section(title: str, text: str) -> str:
    return f"{title}:\n" + textwrap.fill(" ".join(text.split()), WIDTH, initial_indent="  ", subsequent_indent="  ")
