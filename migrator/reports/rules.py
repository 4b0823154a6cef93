"""The texts of the rules that a report names. A report is drawn without them rather than not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from migrator.model import Plan
from migrator.settings import Settings

if TYPE_CHECKING:
    from migrator.rulebook import Rule, Rulebook


class Titles:
    """Looks rules up in the rulebook, with the user's own additions."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._book: Rulebook | None = None
        self._failed = False

    def rule(self, rule_id: str) -> Rule | None:
        """The rule, or None when the rulebook doesn't hold it."""
        from migrator import rulebook

        if self._failed:
            return None
        try:
            if self._book is None:
                extra = tuple(self.plan.settings.get("extra_rules", ()))
                self._book = rulebook.load(Settings(extra_rules=extra), Path(self.plan.root))
            return self._book.rules().get(rule_id)
        except rulebook.RulebookError:
            self._failed = True
            return None

    def title(self, rule_id: str) -> str:
        """The title of a rule, "" for one that the rulebook doesn't hold."""
        rule = self.rule(rule_id)
        return rule.title if rule else ""

    def why(self, rule_id: str) -> str:
        """Why a rule is there, in one line; "" for one that the rulebook doesn't hold."""
        rule = self.rule(rule_id)
        return " ".join(rule.why.split()) if rule else ""
