"""What is known about the outside world: the TOML files in rules/ and the user's own additions.

    book = rulebook.load(settings)
    book.rule("MCP103").title
    book.table("floors")             # rules/floors.toml
    book.toml("sdks/official.toml")
    book.all_toml("clients")         # {"claude-code": {...}, ...}

Files are read when they are asked for, once. What is returned must not be changed.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Any

from migrator.model import Severity
from migrator.records import record
from migrator.settings import Settings

FIXABLE = ("always", "sometimes", "never")
RULE_TEXTS = ("title", "why", "what", "before", "after", "safety")


class RulebookError(ValueError):
    """A rules file that can't be used. The message names the file and what to do."""


@record(frozen=True)
class Rule:
    """One entry of the catalogue, rules/rules.toml.

    severity: of its findings, unless a finding says otherwise.
    fixable: "always", "sometimes" or "never".
    why, what, safety: prose, what it means, what the tool does, and when its edit could be wrong.
    before, after: an example, with the language of its fence in `language`; empty where there is none.
    """

    id: str
    title: str
    severity: Severity
    fixable: str
    why: str
    what: str
    before: str = ""
    after: str = ""
    language: str = "python"
    safety: str = ""


def rules_folder() -> Path:
    """The folder of the rules that come with this program: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "rules", package.parent / "rules"):
        if (folder / "rules.toml").is_file():
            return folder
    raise RulebookError("the rules that belong to mcp-migrate are missing: install mcp-transport-migrate again")


def read_toml(path: Path, shown: str) -> dict[str, Any]:
    """The TOML file at `path`, which messages call `shown`. Raises RulebookError."""
    try:
        return _parsed(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise RulebookError(f"{shown}: no such file") from None
    except OSError as error:
        raise RulebookError(f"{shown}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RulebookError(f"{shown}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(f"{shown}: not valid TOML: {error}") from None


@lru_cache(maxsize=256)  # more than there are files in rules/: a process that makes many plans parses each file once
def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def nearest(word: str, words: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    """The end of an error message: `; did you mean "legacy-sse"?`, or "" when nothing is near."""
    found = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f'; did you mean "{found[0]}"?' if found else ""


@record
class Rulebook:
    """The rules in `folder`, with the tables of the user's own files (`extra`, by path) laid over them."""

    folder: Path
    extra: dict[str, dict[str, Any]] = field(default_factory=dict)
    _files: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    _rules: dict[str, Rule] = field(default_factory=dict, repr=False)

    def toml(self, name: str) -> dict[str, Any]:
        """The file `name` below rules/ ("floors.toml", "sdks/official.toml"). Raises RulebookError."""
        if name not in self._files:
            content = read_toml(self.folder / name, f"rules/{name}")
            for table in self.extra.values():
                added = table
                for part in name.removesuffix(".toml").split("/"):
                    added = added.get(part, {})
                content = merged(content, added)
            self._files[name] = content
        return self._files[name]

    def table(self, name: str) -> dict[str, Any]:
        """The same for a file at the top: `table("floors")`."""
        return self.toml(f"{name}.toml")

    def all_toml(self, folder: str) -> dict[str, dict[str, Any]]:
        """Every file of a folder below rules/, by its name without ".toml", in the order of their names."""
        names = {path.stem for path in (self.folder / folder).glob("*.toml")}
        added = {name for table in self.extra.values() for name in table.get(folder, {})}
        found = {name: self.toml(f"{folder}/{name}.toml") for name in names}
        for name in added - names:
            found[name] = {}
            for table in self.extra.values():
                found[name] = merged(found[name], table.get(folder, {}).get(name, {}))
        return dict(sorted(found.items()))

    def rule(self, rule_id: str) -> Rule:
        """One rule of the catalogue. Raises RulebookError, naming the nearest id, when there is none."""
        rules = self.rules()
        if rule_id.upper() not in rules:
            raise RulebookError(f'there is no rule "{rule_id}"{nearest(rule_id.upper(), list(rules))}')
        return rules[rule_id.upper()]

    def rules(self) -> dict[str, Rule]:
        """The whole catalogue by id, in the order of the ids. Raises RulebookError when it is malformed."""
        if not self._rules:
            catalogue = self.table("rules")
            self._rules.update((id_, _rule(id_, catalogue[id_])) for id_ in sorted(catalogue) if id_ != "source")
        return self._rules


def load(settings: Settings | None = None, root: Path | None = None) -> Rulebook:
    """The rulebook, with `settings.extra_rules` (paths relative to `root`). Raises RulebookError."""
    book = Rulebook(rules_folder())
    for name in settings.extra_rules if settings else ():
        book.extra[name] = _extra(book.folder, (root or Path()) / name, name)
    return book


def merged(base: Any, added: Any) -> Any:
    """`added` laid over `base`: tables are merged, lists grow at the front (the user's rows win), the rest is replaced."""
    if isinstance(base, dict) and isinstance(added, dict):
        both = dict(base)
        for key, value in added.items():
            both[key] = merged(base[key], value) if key in base else value
        return both
    if isinstance(base, list) and isinstance(added, list):
        return added + base
    return added


def _extra(folder: Path, path: Path, name: str) -> dict[str, Any]:
    """A file of the user's: tables named like the files and folders of rules/, with the same content."""
    from migrator import ownfacts

    table = {key: value for key, value in read_toml(path, name).items() if key != "source"}
    ownfacts.check(folder, table, name)
    return table


def _rule(rule_id: str, row: Any) -> Rule:
    where = f"rules/rules.toml, [{rule_id}]"
    if not isinstance(row, dict):
        raise RulebookError(f"{where}: must be a table")
    row = {key: value for key, value in row.items() if key != "source"}
    unknown = set(row) - {"severity", "fixable", "language", *RULE_TEXTS}
    if unknown:
        raise RulebookError(f"{where}: unknown key {min(unknown)}")
    for key in ("title", "why", "what", "severity", "fixable"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise RulebookError(f"{where}: {key} is missing")
    if row["fixable"] not in FIXABLE:
        raise RulebookError(f"{where}: fixable must be one of {', '.join(FIXABLE)}")
    if row["severity"] not in list(Severity):
        raise RulebookError(f"{where}: severity must be one of {', '.join(Severity)}")
    texts = {key: row.get(key, "").strip("\n") for key in RULE_TEXTS}
    return Rule(
        rule_id,
        severity=Severity(row["severity"]),
        fixable=row["fixable"],
        language=row.get("language", "python"),
        **texts,
    )
