"""The last look at TOML that was edited, with tomlkit: packaging tools read and write it with that library.

Places to edit are found by other readers. What they write must be TOML for this one, too, with everything there that was.
"""

from __future__ import annotations

from typing import Any


class NotKept(ValueError):
    """The edited text is no TOML any more, or has lost something; the message is for people."""


def is_toml(path: str) -> bool:
    """True for a file that is TOML, by its name."""
    return path.endswith((".toml", "Pipfile"))


def check(before: str, after: str) -> None:
    """Raises NotKept unless `after` is TOML with every key of `before`, and no value but a text is another one.

    A text that tomlkit can't read, or can't give back as it is, before anything was edited says nothing: then nothing
    is checked.
    """
    old = _read(before)
    if old is None:
        return
    new = _read(after)
    if new is None:
        raise NotKept("the changed file would be no TOML")
    lost = _lost(old, new, "")
    if lost:
        raise NotKept(f"the changed file would have lost {lost}")


def _read(text: str) -> dict[str, Any] | None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        return document.unwrap() if document.as_string() == text else None
    except (TOMLKitError, ValueError, RecursionError):
        return None


def _lost(old: Any, new: Any, name: str) -> str:
    """The first key of `old` that `new` has not, or has with a value of another kind; "" for none."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            inner = f"{name}.{key}".lstrip(".")
            found = inner if key not in new else _lost(value, new[key], inner)
            if found:
                return found
        return ""
    if isinstance(old, list) and isinstance(new, list):
        return next(filter(None, (_lost(o, n, name) for o, n in zip(old, new, strict=False))), "")
    return "" if old == new or (isinstance(old, str) and isinstance(new, str)) else name
