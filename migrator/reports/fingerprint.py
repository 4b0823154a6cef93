"""Names for findings that stay the same when lines move: by what is said about which file, not where in it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from migrator.model import Finding


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """32 hexadecimal digits for each finding, all different. Findings that say the same are told apart by their order."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for finding in findings:
        key = (finding.rule, finding.place.path, finding.message)
        text = "\0".join([*key, str(seen[key])])
        seen[key] += 1
        found.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return found
