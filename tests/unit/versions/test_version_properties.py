"""Whatever a manifest or lock holds, reading it ends in an answer or in Malformed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_version_locks import SMALL

from migrator.versions import locks, manifests
from migrator.versions.malformed import Malformed
from migrator.versions.manifests import requirements, script_header
from migrator.versions.ranges import parse
from migrator.versions.requirement import CONDA, NPM, PEP440, POETRY, Requirement
from migrator.versions.styles import capped, raised

READERS = {f"lock {k}": r for k, r in locks.READERS.items()} | {
    f"manifest {k}": r for k, r in manifests.READERS.items()
}
READERS["manifest requirements"] = lambda text, path: requirements.read(text, path).requirements  # type: ignore[assignment]
READERS["manifest script"] = script_header.read
PIECES = st.sampled_from(
    [text for text, _ in SMALL.values()]
    + [
        "mcp",
        ">=1.2",
        "\n",
        "- pip:\n",
        "RUN pip install ",
        "\\\n",
        '"',
        "'",
        "{",
        "}",
        "[",
        "]",
        "# /// script\n",
        "# ///\n",
        "=",
        ":",
        " ",
        ",",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join))


@pytest.mark.parametrize("reader", sorted(READERS))
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_reading_never_crashes(reader: str, text: str) -> None:
    try:
        found = READERS[reader](text, "x")
    except Malformed as error:
        assert error.line >= 0
    else:
        for requirement in found if isinstance(found, list) else ():
            if requirement.start >= 0:
                assert text[requirement.start : requirement.end] == requirement.spec


VERSIONS = st.lists(st.integers(0, 40), min_size=1, max_size=3).map(lambda numbers: ".".join(map(str, numbers)))
CLAUSES = {
    PEP440: st.tuples(st.sampled_from([">=", "==", "~=", "<", "<=", "!=", ">", ">= "]), VERSIONS).map("".join),
    POETRY: st.tuples(st.sampled_from(["^", "~", "", ">=", "<", "=="]), VERSIONS).map("".join),
    NPM: st.tuples(st.sampled_from(["^", "~", "", ">=", "<"]), VERSIONS).map("".join),
    CONDA: st.tuples(st.sampled_from(["=", "==", ">=", "<"]), VERSIONS).map("".join),
}


@pytest.mark.parametrize("language", sorted(CLAUSES))
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_raised_requirement_admits_the_floor_and_nothing_below(language: str, data: st.DataObject) -> None:
    separator = " " if language == NPM else ","
    spec = separator.join(data.draw(st.lists(CLAUSES[language], max_size=3)))
    requirement = Requirement("mcp", spec, "x", language)
    new = parse(raised(requirement, "1.28.1", "1.28.1", "2"), language)
    if new.known and parse(spec, language).known and not new.admits("1.28.1"):
        # only an exclusion that the user wrote, or a "~=" that says how far it reaches, keeps the floor out
        assert "!=" in spec or "~=" in spec
    assert not (new.known and new.admits("1.7.1"))
    top = parse(capped(requirement, "2"), language)
    assert not (top.known and top.admits("2.0.0"))
