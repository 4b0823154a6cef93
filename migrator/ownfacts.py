"""Checks the user's own rules files: what is shipped in rules/ says which form a table has.

    check(folder, table, "facts.toml")

A table is compared with the shipped one of its name; a new client or framework with all that are shipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from migrator.rulebook import RulebookError, nearest, read_toml

_KINDS = {dict: "a table", list: "a list", str: "a string", bool: "true or false", int: "a number", float: "a number"}

_ENOUGH = 6  # rows; of fewer, what all happen to have could still be left out


def check(folder: Path, table: dict[str, Any], name: str) -> None:
    """Raises RulebookError, naming the file `name` and the key, for what the rules in `folder` have otherwise."""
    folders = {p.name for p in folder.iterdir() if p.is_dir()}
    known = folders | {p.stem for p in folder.glob("*.toml")}
    for key, value in table.items():
        if key not in known:
            raise RulebookError(
                f'{name}: unknown table "{key}"{nearest(key, sorted(known))}\n'
                f"  known are {', '.join(sorted(known))}; a client goes into [clients.NAME], a framework into [frameworks.NAME]"
            )
        if key not in folders:
            _compare(value, [read_toml(folder / f"{key}.toml", f"rules/{key}.toml")], f'{name}: "{key}"')
            continue
        if not isinstance(value, dict):
            raise RulebookError(f'{name}: "{key}" must be a table')
        for sub, row in value.items():
            own = folder / key / f"{sub}.toml"
            files = [own] if own.is_file() else sorted((folder / key).glob("*.toml"))
            _compare(row, [read_toml(file, file.name) for file in files], f'{name}: "{key}.{sub}"')


def _compare(value: Any, models: list[Any], where: str) -> None:
    """Raises RulebookError where `value` is of a kind that none of `models` is of. No models: anything will do."""
    kinds = {type(model) for model in models}
    if kinds and type(value) not in kinds:
        raise RulebookError(
            f"{where} must be {' or '.join(sorted({_KINDS[kind] for kind in kinds if kind in _KINDS}))}"
        )
    if isinstance(value, dict):
        tables = [m for m in models if isinstance(m, dict)]
        for key, inner in value.items():
            # a name of the user's own among names (packages, clients) has the form of the others
            alike = [m[key] for m in tables if key in m] or [v for m in tables for k, v in m.items() if k != "source"]
            _compare(inner, alike, f'{where}: "{key}"')
    elif isinstance(value, list):
        items = [item for m in models if isinstance(m, list) for item in m]
        rows = [item for item in items if isinstance(item, dict)]
        always = set.intersection(*map(set, rows)) if len(rows) >= _ENOUGH else set()
        for number, item in enumerate(value, 1):
            at = f"{where}, entry {number}"
            missing = sorted(always.difference(item)) if isinstance(item, dict) else []
            if missing:
                raise RulebookError(f'{at}: "{missing[0]}" is missing')
            _compare(item, items, at)
