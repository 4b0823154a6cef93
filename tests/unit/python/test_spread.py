"""Options of a start that stand in no dict of the code, and what pydantic hands a value to."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

MADE = 'from fastmcp import FastMCP\n\nmcp = FastMCP("calc")\n'
SPREAD = """
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--transport", default="sse")
options = vars(parser.parse_args())
"""


def moved(folder: Path, code: str) -> str:
    (folder / "server.py").write_text(MADE + code, encoding="utf-8")
    (folder / "requirements.txt").write_text("fastmcp>=3,<4\n", encoding="utf-8")
    plan = make_plan(folder, Settings())
    return "".join(change.after.decode() for change in plan.changes)


@pytest.mark.parametrize(
    "rest",
    [
        "options = {k: v for k, v in options.items() if v is not None}\nmcp.run(**options)\n",
        "mcp.run(**{**options, 'port': 8000})\n",
        "mcp.run(**dict(options, port=8000))\n",
        "mcp.run(**(options | {'port': 8000}))\n",
    ],
)
def test_a_dict_is_followed_to_the_options_that_fill_it(rest: str, tmp_path: Path) -> None:
    text = moved(tmp_path, SPREAD + rest)
    assert 'default="http", type=_current_transport' in text
    assert "stateless_http" in text


def test_what_names_the_transport_itself_is_told_no_other(tmp_path: Path) -> None:
    text = moved(tmp_path, SPREAD + 'options.pop("transport")\nmcp.run(transport="sse", **options)\n')
    assert 'mcp.run(transport="http", stateless_http=True, **options)' in text
    assert "_current_transport" not in text


def test_a_validator_in_a_functions_annotation_is_no_fields(tmp_path: Path) -> None:
    code = (
        "from typing import Annotated\nfrom pydantic import AfterValidator\n\ndef known(name):\n    return name\n\n"
        'async def serve(kind: Annotated[str, AfterValidator(known)] = "sse"):\n    mcp.run(kind)\n'
    )
    assert 'kind: Annotated[str, AfterValidator(known)] = "http"' in moved(tmp_path, code)
