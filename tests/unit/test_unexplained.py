"""Lines that name the old word and that no room could follow are listed, once, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Finding, Outcome, Severity
from migrator.pipeline import make_plan
from migrator.settings import Settings

CHOSEN = """\
import argparse

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes", port=8000)
parser = argparse.ArgumentParser()
parser.add_argument("--transport", choices=["stdio", "sse"], default="stdio")
mcp.run(transport=parser.parse_args().transport)
"""
FIXED = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("notes", port=8000)\nmcp.run(transport="sse")\n'
WORKFLOW = """\
on:
  workflow_dispatch:
    inputs:
      transport:
        options: [stdio, sse]
        default: sse
jobs:
  run:
    strategy:
      matrix:
        transport: [stdio, sse]
    steps:
      - run: helm upgrade notes ./chart --set mcp.transport=sse
      # the transport is sse
      - run: pip install httpx-sse && curl http://example.com/sse
"""


def listed(folder: Path, server: str = CHOSEN, at: str = "server.py", **files: str) -> list[Finding]:
    for name, text in {at: server, "requirements.txt": "mcp>=1.20,<2\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    plan = make_plan(folder, Settings())
    assert plan.changes
    return [f for f in plan.findings if "can't be told here" in f.message]


def test_every_line_is_named_once(tmp_path: Path) -> None:
    (one,) = listed(tmp_path, **{".github/workflows/run.yml": WORKFLOW})
    assert (str(one.place), one.rule) == (".github/workflows/run.yml:5", "MCP501")
    assert one.message.startswith("lines 5, 6, 11, 13 name sse beside a transport;")
    assert one.instruction == "where it is for server.py:mcp: its word is streamable-http now (sse still works)"
    assert (one.severity, one.outcome) == (Severity.NOTE, Outcome.BY_HAND)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("start.ps1", 'Start-Process -FilePath python -ArgumentList "server.py", "--transport", "sse"\n'),
        ("notes.env", "TRANSPORTS=stdio,sse\n"),
        ("conf/notes.yaml", "transports:\n  - stdio\n  - sse\n"),
        ("justfile", "transports := 'stdio SSE'\n"),
    ],
)
def test_what_no_room_reads(tmp_path: Path, path: str, text: str) -> None:
    (one,) = listed(tmp_path, **{path: text})
    assert one.place.path == path


def test_what_documents_say_is_told_as_prose(tmp_path: Path) -> None:
    table = ".. list-table::\n\n   * - ``--transport``\n     - ``stdio``\n     - Transport: ``stdio`` or ``sse``\n"
    assert not listed(tmp_path, **{"docs/options.rst": table})
    (one,) = [f for f in make_plan(tmp_path, Settings()).findings if f.place.path == "docs/options.rst"]
    assert (one.rule, one.place.line) == ("MCP502", 5)


def test_documents_with_requirements_of_their_own_speak_of_what_they_start(tmp_path: Path) -> None:
    text = "Transports: ``stdio`` or ``sse``\n\n.. code-block:: bash\n\n    {} --transport sse\n"
    docs = {
        "docs/requirements.txt": "sphinx\n",
        "docs/a.rst": text.format("python server.py"),
        "docs/b.rst": text.format("other"),
    }
    listed(tmp_path, **docs)
    told = [f.place for f in make_plan(tmp_path, Settings()).findings if "a sentence says" in f.message]
    assert [(p.path, p.line) for p in told] == [("docs/a.rst", 1)]


def test_a_server_in_the_root_is_not_told_of_another_projects_file(tmp_path: Path) -> None:
    other = {"b/requirements.txt": "mcp>=1.20,<2\n", "b/values.yaml": "transports: [stdio, sse]\n"}
    assert not listed(tmp_path, **other)


def test_a_file_in_the_root_speaks_of_the_projects_below(tmp_path: Path) -> None:
    (one,) = listed(
        tmp_path,
        at="a/server.py",
        **{"a/requirements.txt": "mcp>=1.20,<2\n", "values.yaml": "transports: [stdio, sse]\n"},
    )
    assert one.place.path == "values.yaml"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", 'FROM python:3.12\nCMD ["python", "server.py", "--transport", "sse"]\n'),  # changed
        ("notes.env", "# the transport was sse\nTRANSPORT=stdio\n"),
        ("notes.env", "OTHER_TRANSPORT=sse\n"),  # a variable that no server of the project reads
        ("notes.yaml", "encryption: sse\n"),
        ("notes.yaml", "transport: stdio\ndescription: served over sse\n"),
        ("glossary.yaml", "transport: the word for stdio and SSE and others\n"),
    ],
)
def test_what_is_told_elsewhere_or_means_something_else(tmp_path: Path, path: str, text: str) -> None:
    assert not listed(tmp_path, **{path: text})


def test_a_server_that_nobody_chooses_gets_no_word(tmp_path: Path) -> None:
    assert not listed(tmp_path, FIXED, **{".github/workflows/run.yml": WORKFLOW})


def test_another_project_is_not_asked(tmp_path: Path) -> None:
    other = {"b/requirements.txt": "mcp>=1.20,<2\n", "b/values.yaml": "transports: [stdio, sse]\n"}
    assert not listed(tmp_path, at="a/server.py", **{"a/requirements.txt": "mcp>=1.20,<2\n", **other})


def test_nothing_is_listed_after_the_move(tmp_path: Path) -> None:
    assert listed(tmp_path, **{"notes.env": "TRANSPORTS=stdio,sse\n"})
    for change in make_plan(tmp_path, Settings()).changes:
        (tmp_path / change.path).write_bytes(change.after)
    again = make_plan(tmp_path, Settings())
    assert not again.changes
    assert not [f for f in again.findings if "can't be told here" in f.message]


SETTING = """\
import os

import attrs
from mcp.server.fastmcp import FastMCP


@attrs.define
class Config:
    transport: str = "sse"


given = {f.name: os.environ[f"NOTES_{f.name.upper()}"] for f in attrs.fields(Config)}
mcp = FastMCP("notes", port=8000)
mcp.run(transport=Config(**given).transport)
"""


def test_a_variable_that_may_fill_a_setting_is_listed(tmp_path: Path) -> None:
    (one,) = listed(tmp_path, SETTING, **{"notes.env": "NOTES_TRANSPORT=sse\nNOTES_PORT=8000\nKIND=sse\n"})
    assert str(one.place) == "notes.env:1" and one.message.startswith("this line names sse")


BY_VARIABLE = """\
import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes", port=8000)
mcp.run(transport=os.environ.get("MCP_TRANSPORT", "stdio"))
"""
KNATIVE = """\
apiVersion: serving.knative.dev/v1
kind: Service
spec:
  template:
    spec:
      containers:
        - image: gcr.io/acme/work
          env:
            - name: MCP_TRANSPORT
              value: sse
            - name: TRANSPORT
              value: sse
"""
TERRAFORM = """\
resource "google_cloud_run_v2_service" "work" {
  image = "gcr.io/acme/work"
  env {
    name  = "MCP_TRANSPORT"
    value = "sse"
  }
}
"""


@pytest.mark.parametrize(("path", "text", "line"), [("service.yaml", KNATIVE, 10), ("main.tf", TERRAFORM, 5)])
def test_the_servers_variable_in_an_image_of_another_name_is_listed(
    tmp_path: Path, path: str, text: str, line: int
) -> None:
    (one,) = listed(tmp_path, BY_VARIABLE, **{path: text})
    assert str(one.place) == f"{path}:{line}"
    assert one.message.startswith("this line names sse")


BY_FILE = """\
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes", port=8000)
with open("conf/mode.txt") as file:
    mode = file.read().strip()
if mode == "sse":
    mcp.run(transport="sse")
else:
    mcp.run()
"""
BY_ARGUMENT = """\
import sys

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes", port=8000)
if sys.argv[1:] == ["sse"] or sys.argv[1] == "sse":
    mcp.run(transport="sse")
else:
    mcp.run()
"""


def test_a_file_that_holds_the_word_alone_is_listed(tmp_path: Path) -> None:
    (one,) = listed(tmp_path, BY_FILE, **{"conf/mode.txt": "\nsse\n", "conf/note.txt": "sse and others\n"})
    assert str(one.place) == "conf/mode.txt:2" and one.message.startswith("this line names sse and nothing else;")


def test_arguments_beside_the_file_that_is_started_are_listed(tmp_path: Path) -> None:
    programs = (
        '[[program]]\nfile = "server.py"\nargs = ["sse"]\n\n[[program]]\nfile = "feed.py"\n\n\n\nargs = ["sse"]\n'
    )
    one, comparing = listed(tmp_path, BY_ARGUMENT, **{"programs.toml": programs})
    assert str(comparing.place) == "server.py:6"  # what it compares all arguments with
    assert str(one.place) == "programs.toml:3" and one.message.startswith("this line names sse")


def test_a_variable_whose_name_the_code_puts_together(tmp_path: Path) -> None:
    code = 'default=os.environ.get(f"{NAME}_TRANSPORT", "stdio")'
    server = CHOSEN.replace('default="stdio"', code).replace(
        "import argparse", "import argparse\nimport os\n\nNAME = input()"
    )
    compose = "services:\n  notes:\n    build: .\n    environment:\n      NOTES_TRANSPORT: sse\n      NOTES_KIND: sse\n"
    (one,) = listed(tmp_path, server, **{"compose.yaml": compose})
    assert (str(one.place), one.message.partition(";")[0]) == (
        "compose.yaml:5",
        "this line names sse beside a transport",
    )
