"""Code in documents that reaches a moved server over SSE is told: cells run, blocks are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrator.model import Finding
from migrator.pipeline import make_plan
from migrator.settings import Settings

CLIENT = 'from mcp.client.sse import sse_client\n\nasync with sse_client("http://localhost:8000/sse") as (r, w):\n    print(r, w)\n'


def told(root: Path, path: str, text: str) -> list[Finding]:
    (root / "s.py").write_text(
        'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s", port=8000)\nmcp.run("sse")\n'
    )
    (root / "requirements.txt").write_text("mcp==1.28.1\n")
    (root / path).write_text(text)
    plan = make_plan(root, Settings())
    assert path not in {c.path for c in plan.changes}
    return [f for f in plan.findings if f.place.path == path]


def test_a_cell_is_by_hand_and_counts(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": CLIENT.splitlines(keepends=True), "outputs": [], "metadata": {}}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (finding,) = told(tmp_path, "demo.ipynb", json.dumps(notebook, indent=1))
    assert finding.counts
    assert finding.instruction.startswith("write http://localhost:8000/mcp")


@pytest.mark.parametrize("word", ["python", "py"])
def test_a_block_is_worth_a_note(tmp_path: Path, word: str) -> None:
    (finding,) = told(tmp_path, "README.md", f"# S\n\n```{word}\n{CLIENT}```\n")
    assert not finding.counts
    assert finding.place.line == 6


def test_an_address_with_a_name_is_of_the_cell_that_reaches_it(tmp_path: Path) -> None:
    first, second = 'URL = "http://localhost:8000/sse"\n', CLIENT.replace('"http://localhost:8000/sse"', "URL")
    cells = [{"cell_type": "code", "source": [code], "outputs": [], "metadata": {}} for code in (first, second)]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (finding,) = told(tmp_path, "demo.ipynb", json.dumps(notebook, indent=1))
    assert finding.counts and "is reached by code over SSE" in finding.message
