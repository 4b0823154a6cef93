"""Requirements in package.json and deno.json."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from migrator.versions import jsonc
from migrator.versions.requirement import NPM, SOURCED, Requirement

_SECTIONS = {
    "dependencies": "",
    "optionalDependencies": "",
    "peerDependencies": "peer",
    "devDependencies": "dev",
}
_LIMITS = (("overrides",), ("resolutions",), ("pnpm", "overrides"))
_ELSEWHERE = re.compile(r"(?:file|link|portal|git|git\+\w+|https?|github|gitlab|catalog|patch|exec):|[^@\s]+/[^@\s]+$")
_NPM = re.compile(r"npm:/?(?P<name>@?[^@/]+(?:/[^@/]+)?)(?:@(?P<spec>[^/]*))?(?:/.*)?$")


def package_json(text: str, path: str) -> list[Requirement]:
    """The requirements of a package.json. Raises Malformed."""
    data = jsonc.load(text, strict=True)
    found: list[Requirement] = []
    for section, group in _SECTIONS.items():
        found += _entries(data.get(section), (section,), path, group, limits=False)
    for keys in _LIMITS:
        value: Any = data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        found += _entries(value, keys, path, "", limits=True)
    return found


def deno(text: str, path: str) -> list[Requirement]:
    """The npm packages of a deno.json's imports. Raises Malformed."""
    data = jsonc.load(text)
    found: dict[str, Requirement] = {}
    imports = data.get("imports")
    for key, value in (imports if isinstance(imports, dict) else {}).items():
        match = _NPM.match(value) if isinstance(value, str) else None
        if match:
            name, spec = match["name"].lower(), match["spec"] or ""
            inner = match.span("spec") if match["spec"] else (len(value), len(value))
            found.setdefault(name, Requirement(name, spec, path, NPM, keys=("imports", key), value=value, inner=inner))
    return list(found.values())


def _entries(table: Any, keys: tuple[str, ...], path: str, group: str, limits: bool) -> Iterator[Requirement]:
    for name, value in (table if isinstance(table, dict) else {}).items():
        if not isinstance(value, str):
            continue  # nested overrides
        inner = (0, len(value))
        alias = _NPM.match(value)
        if alias and alias["spec"]:
            inner = alias.span("spec")
        yield Requirement(
            (alias["name"] if alias else name.rpartition("@")[0] or name).lower() if limits or alias else name.lower(),
            value[slice(*inner)],
            path,
            NPM,
            keys=(*keys, name),
            value=value,
            inner=inner,
            group=group,
            limits=limits,
            fixed=SOURCED if _ELSEWHERE.match(value) and not alias else "",
        )
