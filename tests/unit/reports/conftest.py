"""Snapshots of the reports lie in tests/golden/reports; `pytest --snapshot-update` writes them anew."""

from pathlib import Path

import pytest
from sample import RULES

from migrator import __version__
from migrator.reports.rules import Titles

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "reports"


@pytest.fixture
def golden(snapshot):
    """`golden(text, "text-80.txt")` compares with the snapshot of that name."""
    snapshot.snapshot_dir = GOLDEN
    return lambda text, name: snapshot.assert_match(text.replace(__version__, "VERSION"), name)


@pytest.fixture(autouse=True)
def fixed_rules(monkeypatch, request):
    """Two rules of our own, so that the reports don't change with the catalogue. Marked tests take the real one."""
    if "real_rules" not in request.fixturenames:
        monkeypatch.setattr(Titles, "rule", lambda self, rule_id: RULES.get(rule_id))


@pytest.fixture
def real_rules():
    """Asks for the rules in rules/."""
