"""Fields of settings classes: the environment variables that fill them (pydantic-settings)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.code import dotted
from migrator.python.values import Cls, Values


def variables_of(values: Values, cls: Cls, name: str) -> tuple[str, ...]:
    """The variables, as people write them, that fill a field of a settings class; () when none does."""
    if not any(e.name.rpartition(".")[2] == "BaseSettings" for e in values.external_bases(cls)):
        return ()
    named = tuple(_aliases(cls, name))
    return named or (f"{_prefix(values, cls)}{name}".upper(),)


def _aliases(cls: Cls, name: str) -> Iterator[str]:
    """The names of `Field(alias="X")`, `validation_alias=AliasChoices("X", "Y")` and pydantic 1's `env="X"`."""
    for statement in cls.node.body:  # type: ignore[attr-defined]
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        if statement.target.id != name:
            continue
        for call in ast.walk(statement):
            if isinstance(call, ast.Call) and dotted(call.func).rpartition(".")[2] == "Field":
                for keyword in call.keywords:
                    if keyword.arg in ("alias", "validation_alias", "env"):
                        yield from _texts(keyword.value)


def _texts(node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _prefix(values: Values, cls: Cls, seen: frozenset[ast.AST] = frozenset()) -> str:
    """The class's env_prefix, its own or inherited."""
    if cls.node in seen:
        return ""
    for statement in cls.node.body:  # type: ignore[attr-defined]
        for node in ast.walk(statement):
            if isinstance(node, ast.keyword) and node.arg == "env_prefix" and isinstance(node.value, ast.Constant):
                return str(node.value.value)
            if isinstance(node, ast.Dict):
                for k, v in zip(node.keys, node.values, strict=True):
                    if isinstance(k, ast.Constant) and k.value == "env_prefix" and isinstance(v, ast.Constant):
                        return str(v.value)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                if any(isinstance(t, ast.Name) and t.id == "env_prefix" for t in node.targets):
                    return str(node.value.value)
    for base in values.bases(cls):
        if isinstance(base, Cls):
            return _prefix(values, base, seen | {cls.node})
    return ""


__all__ = ["variables_of"]
