"""Requirements in pyproject.toml, Pipfile, pixi.toml and in the script header of a Python file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from migrator.versions.malformed import Malformed, conflict_line
from migrator.versions.names import normalise
from migrator.versions.requirement import CONDA, PEP440, POETRY, SOURCED, Requirement, split

Keys = tuple[str | int, ...]
_ELSEWHERE = ("git", "path", "url", "file", "workspace", "editable", "develop", "hg", "svn")


def load(text: str) -> dict[str, Any]:
    """The parsed TOML. Raises Malformed with the line."""
    import re
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        line = conflict_line(text) or (int(found[1]) if found else 0)
        what = "an unresolved merge conflict" if conflict_line(text) else f"not valid TOML: {error}"
        raise Malformed(what, line) from None


def pyproject(text: str, path: str) -> list[Requirement]:
    """PEP 621 and 735, Poetry, PDM, Hatch, uv and pixi tables of a pyproject.toml."""
    data = load(text)
    found: list[Requirement] = []
    project = _table(data, "project")
    found += strings(project.get("dependencies"), ("project", "dependencies"), path, "")
    for name, items in _table(project, "optional-dependencies").items():
        found += strings(items, ("project", "optional-dependencies", name), path, name)
    for name, items in _table(data, "dependency-groups").items():
        found += strings(items, ("dependency-groups", name), path, name)
    tools = _table(data, "tool")
    found += _poetry(_table(tools, "poetry"), path)
    found += _uv(_table(tools, "uv"), path)
    for name, items in _table(_table(tools, "pdm"), "dev-dependencies").items():
        found += strings(items, ("tool", "pdm", "dev-dependencies", name), path, name)
    hatch = _table(tools, "hatch")
    for name, environment in _table(hatch, "envs").items():
        for key in ("dependencies", "extra-dependencies"):
            items = environment.get(key) if isinstance(environment, dict) else None
            found += strings(items, ("tool", "hatch", "envs", name, key), path, name)
    for name, hook in _table(_table(hatch, "metadata"), "hooks").items():
        keys = ("tool", "hatch", "metadata", "hooks", name, "dependencies")
        found += strings(_table({name: hook}, name).get("dependencies"), keys, path, "")
    found += _pixi(_table(tools, "pixi"), ("tool", "pixi"), path)
    return _pinned_elsewhere(found, _table(_table(tools, "uv"), "sources"))


def script(text: str, path: str) -> list[Requirement]:
    """The requirements of a PEP 723 header, already cut out of its comment: `text` is its TOML."""
    data = load(text)
    found = list(strings(data.get("dependencies"), ("dependencies",), path, ""))
    return _pinned_elsewhere(found, _table(_table(_table(data, "tool"), "uv"), "sources"))


def pipfile(text: str, path: str) -> list[Requirement]:
    """Every category of a Pipfile."""
    found: list[Requirement] = []
    for category, table in load(text).items():
        if category in ("source", "requires", "scripts", "pipenv") or not isinstance(table, dict):
            continue
        group = "" if category == "packages" else category.removesuffix("-packages")
        found += tables(table, (category,), path, group, PEP440)
    return found


def pixi(text: str, path: str) -> list[Requirement]:
    """pixi.toml: conda and PyPI dependencies, of features and targets too."""
    return list(_pixi(load(text), (), path))


def dynamic_files(text: str) -> list[str]:
    """Files that setuptools reads the dependencies of this pyproject.toml from."""
    tools = _table(load(text), "tool")
    dynamic = _table(_table(tools, "setuptools"), "dynamic")
    out: list[str] = []
    for entry in [dynamic.get("dependencies"), *_table(dynamic, "optional-dependencies").values()]:
        files = entry.get("file", []) if isinstance(entry, dict) else []
        out += [files] if isinstance(files, str) else [f for f in files if isinstance(f, str)]
    return out


def strings(items: Any, keys: Keys, path: str, group: str, limits: str = "") -> Iterator[Requirement]:
    """The requirements of a list of PEP 508 strings; `limits` says what they are when they only limit versions."""
    for index, item in enumerate(items if isinstance(items, list) else ()):
        parts = split(item) if isinstance(item, str) else None
        if parts is not None:
            yield Requirement(
                parts.name,
                parts.spec,
                path,
                keys=(*keys, index),
                value=item,
                inner=(parts.start, parts.end),
                extras=parts.extras,
                marker=parts.marker,
                group=group,
                fixed=SOURCED if parts.url else limits,
                limits=bool(limits),
            )


def tables(table: dict[str, Any], keys: Keys, path: str, group: str, language: str) -> Iterator[Requirement]:
    """The requirements of a `name = "versions"` or `name = {version = "versions"}` table."""
    for name, entry in table.items():
        if name == "python":
            continue
        for value, where in _versions(entry, (*keys, name)):
            here = _at(entry, where[len(keys) + 1 :])
            fixed = SOURCED if isinstance(here, dict) and any(k in here for k in _ELSEWHERE) else ""
            extras = here.get("extras") if isinstance(here, dict) else None
            spec = "" if value.strip() == "*" else value
            yield Requirement(
                normalise(name),
                spec,
                path,
                language,
                keys=where,
                value=value,
                inner=(0, len(value)),
                extras="[" + ",".join(map(str, extras)) + "]" if isinstance(extras, list) and extras else "",
                marker=str(here.get("markers", "")) if isinstance(here, dict) else "",
                group=group,
                fixed=fixed,
            )


def _versions(entry: Any, keys: Keys) -> Iterator[tuple[str, Keys]]:
    if isinstance(entry, str):
        yield entry, keys
    elif isinstance(entry, list):  # Poetry: several constraints with markers
        for index, item in enumerate(entry):
            yield from _versions(item, (*keys, index))
    elif isinstance(entry, dict):
        value = entry.get("version", "*")
        yield (value if isinstance(value, str) else "*"), (*keys, "version")


def _at(entry: Any, keys: Keys) -> Any:
    """The table that holds the versions: `entry` or one of its items."""
    for key in keys:
        if isinstance(entry, list) and isinstance(key, int):
            entry = entry[key]
    return entry


def _poetry(table: dict[str, Any], path: str) -> Iterator[Requirement]:
    base: Keys = ("tool", "poetry")
    for key, group in (("dependencies", ""), ("dev-dependencies", "dev")):
        yield from tables(_table(table, key), (*base, key), path, group, POETRY)
    for name, content in _table(table, "group").items():
        if isinstance(content, dict):
            keys = (*base, "group", name, "dependencies")
            yield from tables(_table(content, "dependencies"), keys, path, name, POETRY)


def _uv(table: dict[str, Any], path: str) -> Iterator[Requirement]:
    base: Keys = ("tool", "uv")
    yield from strings(table.get("dev-dependencies"), (*base, "dev-dependencies"), path, "dev")
    for key, word in (("constraint-dependencies", "a constraint"), ("override-dependencies", "an override")):
        yield from strings(table.get(key), (*base, key), path, "", limits=word)


def _pixi(table: dict[str, Any], keys: Keys, path: str, group: str = "") -> Iterator[Requirement]:
    yield from tables(_table(table, "dependencies"), (*keys, "dependencies"), path, group, CONDA)
    yield from tables(_table(table, "pypi-dependencies"), (*keys, "pypi-dependencies"), path, group, PEP440)
    for kind in ("feature", "target"):
        for name, content in _table(table, kind).items():
            if isinstance(content, dict):
                yield from _pixi(content, (*keys, kind, name), path, name if kind == "feature" else group)


def _pinned_elsewhere(found: list[Requirement], sources: dict[str, Any]) -> list[Requirement]:
    """uv takes the packages of [tool.uv.sources] from there, whatever their versions say (an index apart)."""
    from dataclasses import replace

    taken = set()
    for name, source in sources.items():
        entries = source if isinstance(source, list) else [source]
        if any(isinstance(e, dict) and "index" not in e for e in entries):
            taken.add(normalise(name))
    return [replace(r, fixed=SOURCED) if r.name in taken and not r.fixed else r for r in found]


def _table(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}
