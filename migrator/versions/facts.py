"""What rules/floors.toml says about packages, in the form that the rest of this folder asks for it."""

from __future__ import annotations

from typing import Any


def floors(rules: Any) -> dict[str, Any]:
    """The whole of rules/floors.toml, with the user's additions."""
    return rules.table("floors")


def packages(rules: Any) -> dict[str, dict[str, Any]]:
    """The packages that are judged, by normalised name."""
    found: dict[str, dict[str, Any]] = floors(rules).get("packages", {})
    return found
