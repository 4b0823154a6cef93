"""A draft says the same of itself whatever the order in which things were found."""

from __future__ import annotations

import ast
import itertools

from migrator.model import Place, Selector
from migrator.python.module import Module
from migrator.python.serverpaths import selected_by
from migrator.python.unit import Draft

OPTION = Selector("option", ("--transport",), "sse", "http", True, Place("server.py", 30, 4))
VARIABLE = Selector("environment", ("MCP_TRANSPORT",), "sse", "http", True, Place("config.py", 2, 0))
SETTING = Selector("setting", ("transport",), "sse", "http", True, Place("config.py", 2, 0))


def test_selectors_have_one_order() -> None:
    module = Module("server.py", "server", "", ast.parse(""))
    said = set()
    for found in itertools.permutations([OPTION, VARIABLE, SETTING, OPTION]):
        draft = Draft("server.py:mcp", "official-1", Place("server.py", 3), module, "MCP102", "", selectors=list(found))
        said.add((selected_by(draft, False), draft.endpoint("u", True).selectors))
    assert said == {
        ("--transport http, MCP_TRANSPORT=http, transport: http", (OPTION, VARIABLE, SETTING)),
    }
