"""Fields of settings classes: the environment variables that fill them (pydantic-settings)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.python.flow.value import Cls, Func
from migrator.python.flow.values import Values
from migrator.python.module import Module, dotted


def variables_of(values: Values, cls: Cls, name: str) -> tuple[str, ...]:
    """The variables, as people write them, that fill a field of a settings class; () when none does."""
    if not _is_settings(values, cls):
        return (*_nested(values, cls, name), *_inherited(values, cls, name))
    named = tuple(_aliases(cls, name))
    return named or (f"{_configured(values, cls, 'env_prefix')}{name}".upper(),)


def option_of(values: Values, cls: Cls, name: str) -> str:
    """The option that fills a field of a settings class that reads the command line; "" where it doesn't."""
    if not _is_settings(values, cls):
        return ""
    if _configured(values, cls, "cli_parse_args") in ("", "False") and not _run_as_command(values, cls):
        return ""
    name = next(_aliases(cls, name), name)
    prefix = _configured(values, cls, "cli_prefix")
    spelled = name.replace("_", "-") if _configured(values, cls, "cli_kebab_case") not in ("", "False") else name
    return f"{'-' if len(spelled) == 1 else '--'}{prefix}{'.' if prefix else ''}{spelled}"


def reads_files(values: Values, cls: Cls) -> bool:
    """False for a class that only code, the environment and a command line fill, as far as its code tells."""
    own = values.classes.attribute(cls, "settings_customise_sources")
    if any(isinstance(v, Func) for v in own):
        return True
    if _is_settings(values, cls):
        if any(_configured(values, cls, f"{kind}_file") for kind in ("yaml", "json", "toml")):
            return True
    elif values.classes.external_bases(cls):
        return True  # a model that something else may fill, or make part of what it fills
    return _is_filled(values, cls)


def from_outside(values: Values, cls: Cls, name: str) -> tuple[str, ...] | None:
    """The variables that may fill an instance's field (none where it is a file that does); None where only code does."""
    named = variables_of(values, cls, name)
    return named if named or _is_filled(values, cls) else None


def _is_filled(values: Values, cls: Cls) -> bool:
    """True for a class that somewhere in the project gets values that aren't written there."""
    name = cls.node.name  # type: ignore[attr-defined]
    return any(_filled(m, use) for m in values.code.mentioning(name, tests=False) for use in m.loads.get(name, ()))


def _filled(module: Module, use: ast.AST) -> bool:
    """True where a class gets values that aren't written there: `S(**read(path))`, `from_dict(S, data)`."""
    inner = use
    for outer in module.ancestors(use):
        if isinstance(outer, ast.Call):
            if outer.func is not inner:
                return not dotted(outer.func).endswith("CliApp.run")
            return any(k.arg is None for k in outer.keywords) or any(isinstance(a, ast.Starred) for a in outer.args)
        if isinstance(outer, ast.Attribute):
            parent = module.parents.get(outer)
            return isinstance(parent, ast.Call) and bool(parent.args or parent.keywords)  # S.model_validate(data)
        if isinstance(outer, ast.stmt | ast.arg | ast.Subscript | ast.BinOp):
            return False  # a base class, or an annotation
        inner = outer
    return False


def _run_as_command(values: Values, cls: Cls) -> bool:
    """True for a class that `CliApp.run(...)` is given."""
    for module in values.code.mentioning("CliApp", tests=False):
        for call in module.calls_by_name.get("run", ()):
            if dotted(call.func).endswith("CliApp.run") and call.args and cls in values.of(module, call.args[0]):
                return True
    return False


def _is_settings(values: Values, cls: Cls) -> bool:
    return any(e.name.rpartition(".")[2] == "BaseSettings" for e in values.classes.external_bases(cls))


def _inherited(values: Values, cls: Cls, name: str) -> Iterator[str]:
    """The variables of a field that settings classes take over from `cls`: `class Settings(Paths, BaseSettings)`."""
    for heir in values.classes.derived(cls):
        if _is_settings(values, heir):
            yield from tuple(_aliases(cls, name)) or variables_of(values, heir, name)


def _nested(values: Values, cls: Cls, name: str, depth: int = 0) -> Iterator[str]:
    """The variables of a model's field inside a settings class that names a delimiter: APP_SERVER__TRANSPORT."""
    for module in values.code.mentioning(cls.node.name, tests=False) if depth < 3 else ():  # type: ignore[attr-defined]
        for node in module.scopes:
            for statement in node.body if isinstance(node, ast.ClassDef) else ():
                if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                    continue
                names = [n for n in ast.walk(statement.annotation) if isinstance(n, ast.Name | ast.Attribute)]
                if not any(cls in values.of(module, n) for n in names):
                    continue
                outer, field = Cls(module, node), statement.target.id
                delimiter = _configured(values, outer, "env_nested_delimiter")
                if not _is_settings(values, outer):
                    yield from _nested(values, outer, f"{field}__{name}", depth + 1)
                elif delimiter:
                    inner = name.replace("__", delimiter)
                    yield f"{_configured(values, outer, 'env_prefix')}{field}{delimiter}{inner}".upper()


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


def _configured(values: Values, cls: Cls, option: str, seen: frozenset[ast.AST] = frozenset()) -> str:
    """What the class's configuration says for an option, its own or inherited; "" for nothing."""
    if cls.node in seen:
        return ""
    for statement in (*cls.node.keywords, *cls.node.body):  # type: ignore[attr-defined]
        for node in ast.walk(statement):
            if isinstance(node, ast.keyword) and node.arg == option and isinstance(node.value, ast.Constant):
                return str(node.value.value)
            if isinstance(node, ast.Dict):
                for k, v in zip(node.keys, node.values, strict=True):
                    if isinstance(k, ast.Constant) and k.value == option and isinstance(v, ast.Constant):
                        return str(v.value)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                if any(isinstance(t, ast.Name) and t.id == option for t in node.targets):
                    return str(node.value.value)
    for base in values.classes.bases(cls):
        if isinstance(base, Cls):
            return _configured(values, base, option, seen | {cls.node})
    return ""


def schema_lists(modules: Iterable[Module], name: str) -> Iterator[tuple[Module, ast.expr]]:
    """The words that a schema written as a dict lets a key be: `{"transport": {"enum": ["stdio", "sse"]}}`."""
    for module in modules:
        if '"enum"' not in module.text and "'enum'" not in module.text:
            continue
        for key, held in _entries(module.nodes):
            if key == name:
                for inner, listed in _entries([held]):
                    if inner == "enum" and isinstance(listed, ast.List | ast.Tuple):
                        yield module, listed


def _entries(nodes: Iterable[ast.AST]) -> Iterator[tuple[object, ast.expr]]:
    for node in nodes:
        if isinstance(node, ast.Dict):
            for k, v in zip(node.keys, node.values, strict=True):
                if isinstance(k, ast.Constant):
                    yield k.value, v


__all__ = ["from_outside", "option_of", "reads_files", "schema_lists", "variables_of"]
