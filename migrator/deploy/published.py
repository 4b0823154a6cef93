"""The MCP Registry's server.json: how a published package of this project is started, with which variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from migrator.configs.spans import Node
from migrator.deploy.strands import Strand
from migrator.deploy.words import Command, Container, Setting, Sheet

_VALUES = ("value", "default")


def add_package(sheet: Sheet, package: Node, text_of: Callable[[Node | None], Strand | None]) -> None:
    """Add to `sheet` what the map `package` says: its arguments as a command line, those of its runtime as variables."""
    identifier, kind = text_of(package.get("identifier")), package.get("registryType") or package.get("registry_type")
    if identifier is None or not identifier.text:
        return
    image = kind is not None and kind.value == "oci"
    container = Container(image=identifier.text) if image else None
    for argument in _items(package, "runtimeArguments", "runtime_arguments"):
        for value in _values(argument, text_of):
            name, equals, _ = value.text.partition("=")
            if equals:
                sheet.settings.append(Setting(name, value.part(len(name) + 1), container))
    words: list[Strand] = [] if image else [identifier]
    for argument in _items(package, "packageArguments", "package_arguments"):
        name_of = text_of(argument.get("name"))
        for value in _values(argument, text_of):
            words += [value] if name_of is None else [name_of, value]
    if len(words) > (0 if image else 1):
        sheet.commands.append(Command(tuple(words), container=container, bare=image))
    for variable in _items(package, "environmentVariables", "environment_variables"):
        name_node = variable.get("name")
        if name_node is not None and name_node.kind == "string":
            said = [*_values(variable, text_of), *_choices(variable, text_of)]
            sheet.settings += [Setting(name_node.value, value, container) for value in said]


def _items(package: Node, *keys: str) -> Iterator[Node]:
    for key in keys:
        held = package.get(key)
        yield from (i for i in (held.items if held is not None else []) if i.kind == "map")


def _values(argument: Node, text_of: Callable[[Node | None], Strand | None]) -> list[Strand]:
    return [text for key in _VALUES if (text := text_of(argument.get(key))) is not None and text.text]


def _choices(variable: Node, text_of: Callable[[Node | None], Strand | None]) -> list[Strand]:
    """The values that may be chosen; none where Streamable HTTP is among them already."""
    choices = variable.get("choices")
    said = [t for i in (choices.items if choices is not None else []) if (t := text_of(i)) is not None]
    return [] if any("http" in t.text.lower() for t in said) else said
