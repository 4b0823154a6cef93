"""Which versions a requirement admits, in the languages of pip, Poetry, npm and conda.

Every language is read into a union of PEP 440 specifier sets; a text that none of them explains
gives a range that is not `known`, which admits everything and promises nothing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from migrator.records import record
from migrator.versions.requirement import CONDA, NPM, PEP440, POETRY

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version


@functools.lru_cache(maxsize=4096)
def version(text: str) -> Version | None:
    """`text` as a version, None when it is none."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text)
    except InvalidVersion:
        return None


@record(frozen=True)
class Range:
    """The versions that a requirement admits."""

    alternatives: tuple[SpecifierSet, ...]
    known: bool = True

    def admits(self, text: str) -> bool:
        """True when the version may be installed; prereleases count when they are asked about."""
        if not self.known:
            return True
        found = version(text)
        return found is not None and any(s.contains(found, prereleases=True) for s in self.alternatives)

    @property
    def lowest(self) -> Version | None:
        """The lower bound, None when there is none or it is unknown."""
        bounds = [_lower(s) for s in self.alternatives]
        if not self.known or not bounds or any(b is None for b in bounds):
            return None
        return min(b for b in bounds if b is not None)

    @property
    def exact(self) -> Version | None:
        """The one version of an exact pin."""
        if not self.known or len(self.alternatives) != 1:
            return None
        for clause in self.alternatives[0]:
            if clause.operator in ("==", "===") and not clause.version.endswith(".*"):
                return version(clause.version)
        return None

    def reaches(self, major: int) -> bool:
        """True when nothing keeps releases of this major version out."""
        ends = [version(f"{major}.{rest}") for rest in ("0.0", "99999.0")]
        return not self.known or any(v is not None and s.contains(v) for s in self.alternatives for v in ends)

    def within(self, *others: Range) -> Range:
        """What this range and all of `others` admit."""
        alternatives, known = self.alternatives, self.known
        for other in others:
            known = known and other.known
            alternatives = tuple(a & b for a in alternatives for b in other.alternatives)
        return Range(alternatives, known)

    def newest(self, releases: Iterable[str]) -> str:
        """The newest of `releases` that is admitted, "" when none is."""
        admitted = [(v, r) for r in releases if (v := version(r)) is not None and self.admits(r)]
        final = [a for a in admitted if not a[0].is_prerelease] or admitted
        return max(final)[1] if final else ""


def _lower(specifiers: SpecifierSet) -> Version | None:
    bounds = []
    for clause in specifiers:
        if clause.operator in (">=", "==", "===", "~=", ">"):
            bounds.append(version(clause.version.removesuffix(".*")))
    found = [b for b in bounds if b is not None]
    return max(found) if found else None


@functools.lru_cache(maxsize=4096)
def parse(spec: str, language: str = PEP440) -> Range:
    """The range that `spec` means in `language`."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    reader = {PEP440: _pep440, POETRY: _poetry, NPM: _npm, CONDA: _conda}[language]
    try:
        return Range(tuple(SpecifierSet(s) for s in reader(spec.strip())))
    except (InvalidSpecifier, ValueError):
        return Range((), known=False)


def _pep440(spec: str) -> list[str]:
    return [spec.strip("()").rstrip(", ")]


_PARTS = re.compile(
    r"v?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:\.(\d+))?([-+.]?[A-Za-z][0-9A-Za-z.+-]*|-[0-9A-Za-z.+-]+)?"
)


def _numbers(text: str) -> tuple[list[int], str]:
    """The numbers of a version of one to four parts, cut at a wildcard, and its prerelease."""
    match = _PARTS.fullmatch(text)
    if match is None:
        raise ValueError(text)
    numbers = []
    for part in match.groups()[:4]:
        if part is None or not part.isdigit():
            break
        numbers.append(int(part))
    return numbers, (match[5] or "").split("+")[0]


def _dotted(numbers: list[int]) -> str:
    return ".".join(map(str, numbers))


def _caret(text: str) -> str:
    numbers, pre = _numbers(text)
    padded = [*numbers, 0, 0, 0][:3]
    at = next((i for i, n in enumerate(padded) if n), min(len(numbers), 3) - 1)
    upper = padded[: at + 1]
    upper[at] += 1
    return f">={_dotted(padded)}{pre},<{_dotted([*upper, 0, 0][:3])}"


def _tilde(text: str) -> str:
    numbers, pre = _numbers(text)
    upper = numbers[:1] if len(numbers) == 1 else numbers[:2]
    upper = [*upper[:-1], upper[-1] + 1]
    return f">={_dotted(numbers)}{pre},<{_dotted(upper)}"


def _partial(text: str, wildcard: bool) -> str:
    """A bare version: exact when it is complete, else every version that begins with it (npm)."""
    if text in ("*", "x", "X", "latest", ""):
        return ""
    numbers, pre = _numbers(text)
    if wildcard and len(numbers) < 3:
        return f"=={_dotted(numbers)}.*"
    return f"=={_dotted(numbers)}{pre}"


def _clauses(spec: str) -> list[str]:
    """`>= 1.2 <2, !=1.5` as single clauses."""
    spec = re.sub(r"(===|==|~=|!=|<=|>=|<|>|\^|~|=)\s+", r"\1", spec)
    return [c for c in re.split(r"[\s,]+", spec) if c]


def _poetry(spec: str) -> list[str]:
    out = []
    for alternative in re.split(r"\s*\|\|?\s*", spec):
        clauses = []
        for clause in _clauses(alternative):
            if clause.startswith("^"):
                clauses.append(_caret(clause[1:]))
            elif clause.startswith("~") and not clause.startswith("~="):
                clauses.append(_tilde(clause[1:]))
            elif clause.startswith(("=", "<", ">", "!", "~=")):
                clauses.append("=" + clause if re.match(r"=[^=]", clause) else clause)
            elif clause.endswith(".*"):
                clauses.append(f"=={clause}")
            else:
                clauses.append(_partial(clause, wildcard=False))
        out.append(",".join(c for c in clauses if c))
    return out


def _npm(spec: str) -> list[str]:
    if spec.startswith("npm:"):
        spec = spec.rpartition("@")[2]
    if spec.startswith("workspace:"):
        spec = spec.removeprefix("workspace:")
        spec = "*" if spec in ("^", "~", "*") else spec
    if spec in ("latest", "next", "*", ""):
        return [""]
    out = []
    for alternative in re.split(r"\s*\|\|\s*", spec):
        between = re.fullmatch(r"\s*(\S+)\s+-\s+(\S+)\s*", alternative)
        if between:
            upper, _ = _numbers(between[2])
            below = f"<={between[2]}" if len(upper) == 3 else f"<{_dotted([*upper[:-1], upper[-1] + 1])}"
            out.append(f">={between[1]},{below}")
            continue
        clauses = []
        for clause in _clauses(alternative):
            if clause.startswith("^"):
                clauses.append(_caret(clause[1:]))
            elif clause.startswith("~"):
                clauses.append(_tilde(clause.lstrip("~>=")))
            elif clause.startswith(("<", ">")):
                clauses.append(_npm_bound(clause))
            else:
                clauses.append(_partial(clause.lstrip("="), wildcard=True))
        out.append(",".join(c for c in clauses if c))
    return out


def _npm_bound(clause: str) -> str:
    operator = clause[: 2 if clause[1:2] == "=" else 1]
    numbers, pre = _numbers(clause[len(operator) :])
    if len(numbers) < 3 and operator in (">", "<="):  # ">1.2" is ">=1.3.0", "<=1.2" is "<1.3.0"
        return {">": ">=", "<=": "<"}[operator] + _dotted([*numbers[:-1], numbers[-1] + 1])
    return f"{operator}{_dotted(numbers)}{pre}"


def _conda(spec: str) -> list[str]:
    spec = spec.split(" ", maxsplit=1)[0] if re.match(r"=?=?[0-9]", spec) else spec  # "1.6.0 py311_0": the build
    out = []
    for alternative in spec.split("|"):
        clauses = []
        for clause in _clauses(alternative):
            if clause.startswith("==") or re.match(r"[<>!~]", clause):
                clauses.append(clause)
            elif clause.endswith("*"):
                clauses.append(f"=={clause.lstrip('=').rstrip('.*')}.*" if clause.strip("=*") else "")
            elif clause.startswith("="):
                clauses.append(f"=={clause[1:]}.*")
            else:
                clauses.append(f"=={clause}")
        out.append(",".join(c for c in clauses if c))
    return out
