"""Reads the user's settings: the command line over the settings table over the defaults.

The table is `[tool.mcp-transport-migrate]` in pyproject.toml, or the whole of .mcp-transport-migrate.toml; where both
exist, the second one is read.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from dataclasses import field
from pathlib import Path
from typing import Any

from migrator.records import record
from migrator.rulebook import nearest
from migrator.settings import Settings, SettingsError

OWN_FILE = ".mcp-transport-migrate.toml"
TABLE = "mcp-transport-migrate"
ALMOST = (b"mcp-transport", b"mcp_transport")  # how tables begin that were meant to be ours
COMMAND_LINE = "command line"
DEFAULT = "default"

CHOICES: dict[str, tuple[str, ...]] = {
    "mode": ("auto", "stateless", "stateful"),
    "legacy-sse": ("remove", "gone", "keep"),
    "old-word": ("alias", "reject"),
    "remote": ("assume", "report", "probe"),
    "floor": ("keep", "recommended"),
}
OPTIONS = {"allowed-hosts": "allowed-host"}  # options that are not spelled like their setting
TABLES = {"clients", "per-path-ignores"}  # from a glob to what holds there
NOT_IN_A_FILE = {"endpoint", "allow-dirty"}  # only asked on a command line: wrong for every later run


@record(frozen=True)
class Loaded:
    """Settings, where each one comes from (by its name in a settings file), and the file read ("" for none)."""

    settings: Settings
    origins: dict[str, str] = field(default_factory=dict)
    file: str = ""

    def spelled(self, key: str) -> str:
        """The setting as messages name it: as the option, or with its file."""
        return spelled(key, self.origins.get(key, DEFAULT))


def key_of(field_name: str) -> str:
    """A field's name as a settings file spells it."""
    return field_name.replace("_", "-")


KEYS = tuple(key_of(f.name) for f in dataclasses.fields(Settings))


def load(root: Path, given: dict[str, Any] | None = None) -> Loaded:
    """The settings for the project at `root`; `given` (by field name, None for not given) wins.

    Raises SettingsError.
    """
    table, where = find(root)
    values = {key: _value(key, raw, where) for key, raw in table.items()}
    origins = dict.fromkeys(KEYS, DEFAULT) | dict.fromkeys(values, where)
    for name, value in (given or {}).items():
        if value is not None:
            key = key_of(name)
            values[key] = _value(key, value, COMMAND_LINE)
            origins[key] = COMMAND_LINE
    fields = {key.replace("-", "_"): value for key, value in values.items()}
    return Loaded(Settings(**fields), origins, where)


def find(root: Path) -> tuple[dict[str, Any], str]:
    """The settings table of the project and the name of its file; an empty one where there is none."""
    own = root / OWN_FILE
    if own.is_file():
        return _read(own, OWN_FILE), OWN_FILE
    manifest = root / "pyproject.toml"
    try:
        data = manifest.read_bytes()
    except OSError:
        return {}, ""
    if TABLE.encode() not in data and not any(b"tool." + name in data for name in ALMOST):
        return {}, ""  # whatever else is wrong with it is not about our settings
    tools = _read(manifest, "pyproject.toml").get("tool", {})
    table = tools.get(TABLE) if isinstance(tools, dict) else None
    if table is None:
        for name in tools if isinstance(tools, dict) else ():
            if name.encode().startswith(ALMOST):
                raise SettingsError(f'pyproject.toml: unknown table "tool.{name}"; did you mean "tool.{TABLE}"?')
        return {}, ""
    if not isinstance(table, dict):
        raise SettingsError(f"pyproject.toml: tool.{TABLE} must be a table")
    return table, "pyproject.toml"


def _read(path: Path, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{shown}: can't be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{shown}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{shown}: not valid TOML: {error}") from None


def spelled(key: str, where: str) -> str:
    """A setting as messages name it, so that the user finds it; where: its origin, as in `Loaded.origins`."""
    return f"--{OPTIONS.get(key, key)}" if where == COMMAND_LINE else f"{where}: {key}"


def _value(key: str, raw: Any, where: str) -> Any:
    """`raw` as the field of Settings wants it. Raises SettingsError, naming `where` and the key."""
    shown, on_command_line = spelled(key, where), where == COMMAND_LINE
    if on_command_line and (raw == "" or (isinstance(raw, list) and not all(raw or [""]))):
        raise SettingsError(f"{shown} is empty: leave it out, or say what it shall be")
    if key not in KEYS:
        raise SettingsError(f'{where}: unknown setting "{key}"{nearest(key.replace("_", "-").lower(), KEYS)}')
    if key in NOT_IN_A_FILE and not on_command_line:
        raise SettingsError(f"{where}: {key} can only be given on the command line (--{key})")
    default = getattr(Settings, key.replace("-", "_"))
    if key in TABLES:
        return _pairs(key, raw, shown)
    if isinstance(default, bool):
        if not isinstance(raw, bool):
            raise SettingsError(f"{shown} must be true or false")
        return raw
    if isinstance(default, tuple):
        items = list(raw) if isinstance(raw, list | tuple) else None
        if items is None or not all(isinstance(item, str) and item for item in items):
            raise SettingsError(f"{shown} must be a list of strings")
        return tuple(_rule_id(item, shown) if key in ("select", "ignore") else item for item in items)
    if not isinstance(raw, str):
        raise SettingsError(f"{shown} must be a string")
    if key in CHOICES and raw not in CHOICES[key]:
        raise SettingsError(
            f'{shown} must be one of {", ".join(CHOICES[key])}, not "{raw}"{nearest(raw, CHOICES[key])}'
        )
    if key == "path":
        return _url_path(raw, shown)
    return raw


def _pairs(key: str, raw: Any, shown: str) -> tuple[tuple[str, Any], ...]:
    """A table from glob to client, or from glob to rule ids."""
    if not isinstance(raw, dict):
        raise SettingsError(f'{shown} must be a table: "glob" = ...')
    pairs: list[tuple[str, Any]] = []
    for glob, value in raw.items():
        if key == "clients":
            if not isinstance(value, str):
                raise SettingsError(f'{shown}: "{glob}" must be the name of a client')
            pairs.append((glob, value))
        else:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise SettingsError(f'{shown}: "{glob}" must be a list of rule ids')
            pairs.append((glob, tuple(_rule_id(item, shown) for item in value)))
    return tuple(pairs)


def _rule_id(text: str, shown: str) -> str:
    """A rule's id or the beginning of one ("MCP1"), checked against the catalogue."""
    from migrator import rulebook

    known = rulebook.load().rules()
    wanted = text.upper()
    if not wanted.startswith("MCP") or not any(rule_id.startswith(wanted) for rule_id in known):
        raise SettingsError(f'{shown}: there is no rule "{text}"{nearest(wanted, list(known))}')
    return wanted


def _url_path(raw: str, shown: str) -> str:
    if not raw.startswith("/") or any(c.isspace() or c in "?#{}\"'\\" for c in raw):
        raise SettingsError(f'{shown} must be the path of a URL that begins with "/", not "{raw}"')
    return raw.rstrip("/") or "/"


def changed(settings: Settings, root: Path) -> dict[str, Any]:
    """Those that differ from the defaults, by field name; files relative to the project at `root`."""
    default = Settings()
    found = {
        f.name: getattr(settings, f.name)
        for f in dataclasses.fields(Settings)
        if getattr(settings, f.name) != getattr(default, f.name)
    }
    if "baseline" in found:
        found["baseline"] = _from(root, settings.baseline)
    if "extra_rules" in found:
        found["extra_rules"] = tuple(_from(root, name) for name in settings.extra_rules)
    return found


def _from(root: Path, name: str) -> str:
    try:
        return os.path.relpath(root / name, root).replace(os.sep, "/")
    except ValueError:  # another drive
        return name


def shown(loaded: Loaded) -> str:
    """The settings as a settings file would hold them, each with its origin; for --show-settings."""
    lines = [f"# {loaded.file}" if loaded.file else "# no settings file"]
    for f in dataclasses.fields(Settings):
        key = key_of(f.name)
        value = getattr(loaded.settings, f.name)
        text = "{}" if key in TABLES and not value else _toml(value)
        lines.append(f"{key} = {text}  # {loaded.origins.get(key, DEFAULT)}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if value and isinstance(value[0], tuple):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(inner)}" for key, inner in value) + " }"
    return "[" + ", ".join(_toml(item) for item in value) + "]"
