"""Makes migrator/_prefilter.py from the rulebook: `python -m migrator.prefilter`.

A clean run must not read TOML (the parser's import alone costs more than the run), but a new file in rules/ must be
found by the scan. So the words are compiled into a module of constants, and a test says when it is stale.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from migrator import rulebook

TARGET = Path(__file__).with_name("_prefilter.py")
SCAN_KEYS = ("words", "imports", "calls", "names", "local")

# SRE is fast (1.1 GB/s) only where a pattern begins with a literal; alternatives that are tried after the literal
# cost nothing on files that do not hold it.
STEM = "sse"
AFTER_STEM = ["(?![a-z])", "(?<![a-z]sse)", "(?<=[rp]sse)"]


def scan_tables(value: Any) -> Iterator[dict[str, Any]]:
    """Every table named "scan" in a TOML document, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "scan" and isinstance(inner, dict):
                yield inner
            else:
                yield from scan_tables(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from scan_tables(inner)


def gathered(documents: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The keys of all [scan] tables of `documents` (by file name), sorted. Raises rulebook.RulebookError."""
    found: dict[str, set[str]] = {key: set() for key in SCAN_KEYS}
    for name, document in documents.items():
        for table in scan_tables(document):
            for key, values in table.items():
                if key == "source":
                    continue
                if key not in found:
                    raise rulebook.RulebookError(f"{name}: [scan] has no key {key!r}{rulebook.nearest(key, SCAN_KEYS)}")
                if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
                    raise rulebook.RulebookError(f"{name}: [scan] {key} must be a list of strings")
                found[key].update(values)
    return {key: tuple(sorted(values)) for key, values in found.items()}


def word_pattern(words: tuple[str, ...]) -> str:
    """The pattern that finds "sse" as a word in lowered text, and every one of `words` that it would miss."""
    pattern = f"{STEM}(?:{'|'.join(AFTER_STEM)})"
    extra = []
    for word in words:
        lowered = word.lower()
        if STEM in lowered and not re.search(pattern, lowered):
            head, _, tail = lowered.partition(STEM)
            extra.append(f"(?<={re.escape(head + STEM)}){re.escape(tail)}")
    return f"{STEM}(?:{'|'.join(AFTER_STEM + extra)})"


def documents(book: rulebook.Rulebook) -> dict[str, Any]:
    """Every file of the rulebook, by its name. Raises rulebook.RulebookError."""
    names = (path.relative_to(book.folder).as_posix() for path in sorted(book.folder.rglob("*.toml")))
    return {name: book.toml(name) for name in names}


def needle_arguments(found: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """What `sieve.Needles` is made of, from the keys that `gathered` returns."""
    return {
        "word": word_pattern(found["words"]).encode(),
        "words": tuple(w.lower().encode() for w in found["words"] if STEM not in w.lower()),
        "implicit": tuple(w.encode() for w in (*found["imports"], *found["calls"])),
        "names": found["names"],
    }


def constants() -> dict[str, Any]:
    """The names and values of the generated module. Raises rulebook.RulebookError."""
    book = rulebook.load()
    scan = book.table("scan")
    found = gathered(documents(book))
    needles = needle_arguments(found)
    exact, starred = {}, []
    for kind, patterns in scan["kinds"]["names"].items():
        for pattern in patterns:
            head, star, tail = pattern.partition("*")
            if star:
                starred.append((head, tail, kind))
            else:
                exact[pattern] = kind
    return {
        **{name.upper(): value for name, value in needles.items()},
        "LOCAL": found["local"],
        "LOOK_ALIKES": tuple(w.encode() for w in scan["look-alikes"]["words"]),
        "UNRELATED": "|".join(scan["code"]["unrelated-to-mcp"]).encode(),
        "PRUNED": frozenset(scan["prune"]["always"]),
        "PRUNED_WALK": frozenset(scan["prune"]["walk"]),
        "ENVIRONMENT_FILE": scan["prune"]["environment-file"],
        "OUTPUT": {name: tuple(signs) for name, signs in scan["prune"]["output"].items()},
        "MARKERS": tuple(scan["project"]["markers"]),
        "KIND_OF_NAME": exact,
        "KIND_OF_STARRED": tuple(starred),
        "KIND_OF_SUFFIX": {s: kind for kind, suffixes in scan["kinds"]["suffixes"].items() for s in suffixes},
        "TEMPLATES": tuple(scan["kinds"]["templates"]["suffixes"]),
    }


def source() -> str:
    """The text of the generated module."""
    lines = ['"""Made by `python -m migrator.prefilter` from rules/: do not edit."""', "", "# fmt: off"]
    for name, value in constants().items():
        if isinstance(value, frozenset):
            lines.append(f"{name} = frozenset({sorted(value)!r})")
        else:
            lines.append(f"{name} = {value!r}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    try:
        TARGET.write_text(source(), encoding="utf-8")
    except rulebook.RulebookError as error:
        sys.exit(f"{error}")
