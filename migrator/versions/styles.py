"""The new text of a requirement, in the style of the old one."""

from __future__ import annotations

import re

from migrator.versions.ranges import parse, version
from migrator.versions.requirement import CONDA, NPM, POETRY, Requirement

_CLAUSE = re.compile(r"(?P<op>===|==|~=|!=|<=|>=|<|>|\^|~|=)?(?P<gap>\s*)(?P<version>v?[0-9][^\s,|]*)")
_UPPER = ("<", "<=")


def capped(requirement: Requirement, below: str) -> str:
    """The requirement with a bound that keeps version `below` and newer out; everything else stays.

    One that offers alternatives (`^1.2 || ^2.0`) comes back as it is.
    """
    spec = requirement.spec
    if not spec.strip():
        return f"<{below}"
    if "|" in spec:
        return spec
    for clause in _CLAUSE.finditer(spec):
        if clause["op"] in _UPPER and _admits(clause[0], below):  # a bound that is there, but too high
            return f"{spec[: clause.start()]}<{clause['gap']}{below}{spec[clause.end() :]}"
    gap = next((m["gap"] for m in _CLAUSE.finditer(spec) if m["op"]), "")
    return f"{spec}{_separator(spec, requirement.language)}<{gap}{below}"


def raised(requirement: Requirement, floor: str, pin: str, below: str) -> str:
    """The requirement raised to `floor` (an exact pin to `pin`), below version `below` ("" for no bound)."""
    spec, language = requirement.spec, requirement.language
    clauses = list(_CLAUSE.finditer(spec))
    about = language == CONDA and any(c["op"] in (None, "=") for c in clauses)  # conda's "=1.6" means 1.6.*
    if "|" in spec or not clauses or about or any(_wild(c, language) for c in clauses):
        return _anew(spec, language, floor, below)
    if len(clauses) == 1:
        single = _single(clauses[0], language, floor, pin)
        if single:
            return spec[: clauses[0].start()] + single + spec[clauses[0].end() :]
    leading = next((c for c in clauses if _single(c, language, floor, pin)), None)
    if leading is not None:  # the others stay where they still admit what it becomes
        others = [c[0] for c in clauses if c["op"] in ("!=", *_UPPER) and _admits(c[0], floor)]
        return _separator(spec, language).join([_single(leading, language, floor, pin), *others])
    return _bounds(spec, clauses, language, floor, below)


def _wild(clause: re.Match[str], language: str) -> bool:
    """True for `1.*`, `1.x`, and npm's `1.9`, which mean every version that begins so."""
    bare = language == NPM and clause["op"] in (None, "=") and clause["version"].count(".") < 2
    return bare or re.search(r"(?:^|\.)[xX*]", clause["version"]) is not None


def _single(clause: re.Match[str], language: str, floor: str, pin: str) -> str:
    """One clause that bounds both sides, raised; "" when it is not of that kind."""
    operator, gap, old = clause["op"] or "", clause["gap"], clause["version"]
    if operator in ("==", "===") or (operator in ("", "=") and language in (POETRY, NPM)):
        return f"{operator}{gap}{pin}"
    if operator == "^":
        return f"^{gap}{floor}"
    if operator == "~":
        return f"~{gap}{floor}"
    if operator == "~=":
        compatible = _compatible(old, floor)
        least = "" if version(compatible) == version(floor) else f",{gap}>={gap}{floor}"
        return f"~={gap}{compatible}{least}"
    return ""


def _compatible(old: str, floor: str) -> str:
    """The version behind `~=`: with as many parts as before, for they say how far it reaches."""
    parts = floor.split(".")
    if old.count(".") >= 2 or len(parts) <= 2:
        return floor if floor.count(".") else f"{floor}.0"
    return ".".join(parts[:2])


def _bounds(spec: str, clauses: list[re.Match[str]], language: str, floor: str, below: str) -> str:
    """Separate bounds: the lower one raised, an upper one that is too low replaced, the others as they are."""
    separator = _separator(spec, language)
    gap = clauses[0]["gap"]
    texts: list[str] = []
    lower = upper = False
    for clause in clauses:
        operator, text = clause["op"], clause[0]
        if operator in (">=", ">"):
            text, lower = f">={clause['gap']}{floor}", True
        elif operator in _UPPER:
            if _admits(text, floor):
                upper = True
            elif below:
                text, upper = f"<{clause['gap']}{below}", True
            else:
                continue
        texts.append(text)
    if len(texts) == len(clauses):  # what stands between them stays too
        for clause, text in zip(reversed(clauses), reversed(texts), strict=True):
            spec = spec[: clause.start()] + text + spec[clause.end() :]
    else:
        spec = separator.join(texts)
    if not lower:
        spec = separator.join(filter(None, (f">={gap}{floor}", spec)))
    return spec if upper or not below else f"{spec}{separator}<{gap}{below}"


def _admits(clause: str, floor: str) -> bool:
    return parse(re.sub(r"\s", "", clause)).admits(floor)


def _anew(spec: str, language: str, floor: str, below: str) -> str:
    """A requirement that has no bound to raise, or that is written with wildcards or alternatives."""
    if language in (POETRY, NPM) and spec.strip() and spec.strip() != "*":
        return f"^{floor}"
    return f">={floor}{_separator(spec, language)}<{below}" if below else f">={floor}"


def _separator(spec: str, language: str) -> str:
    """What stands between two clauses."""
    return " " if language == NPM else ", " if re.search(r",\s", spec) else ","
