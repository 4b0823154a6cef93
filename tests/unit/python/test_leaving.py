"""What goes with a branch that goes: functions that only it reaches, and nothing that somebody else knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
import os

import uvicorn
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("adder")


def say(text):
    print(text)


def serve_sse():
    say("serving")
    uvicorn.run(mcp.sse_app(), port=8000)


def serve_http():
    uvicorn.run(mcp.streamable_http_app(), port=8000)


def main():
    transport = os.getenv("MCP_TRANSPORT", "stdio")
    if transport == "sse":
        serve_sse()
    elif transport == "http":
        serve_http()
    else:
        mcp.run()
"""
METHOD = """\
import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("adder")


class Runner:
    def serve_sse(self):
        mcp.run(transport="sse")

    def main(self):
        transport = os.getenv("MCP_TRANSPORT", "stdio")
        if transport == "sse":
            self.serve_sse()
        elif transport == "http":
            mcp.run(transport="streamable-http")
        else:
            mcp.run()
"""


def moved(folder: Path, files: dict[str, str], **settings: str) -> dict[str, str]:
    """The Python files after the move; a unit that stays is an error here."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    plan = make_plan(folder, Settings(**settings))  # type: ignore[arg-type]
    assert plan.endpoints and all(e.moved for e in plan.endpoints)
    changed = {c.path: c.after.decode() for c in plan.changes}
    after = {name: changed.get(name, text) for name, text in files.items() if name.endswith(".py")}
    for name, text in after.items():
        compile(text, name, "exec")
    return after


def test_a_function_and_what_only_it_calls(tmp_path: Path) -> None:
    after = moved(tmp_path, {"server.py": SERVER})["server.py"]
    assert "serve_sse" not in after and "def say" not in after and "sse_app" not in after
    assert 'FastMCP("adder", stateless_http=True)' in after


def test_a_helper_that_is_used_elsewhere_too_stays(tmp_path: Path) -> None:
    server = SERVER.replace("def serve_http():\n", 'def serve_http():\n    say("serving")\n')
    after = moved(tmp_path, {"server.py": server})["server.py"]
    assert "serve_sse" not in after and "def say" in after


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("server.py", SERVER + '\n__all__ = ["main", "serve_sse"]\n'),
        ("server.py", SERVER + '\nTARGET = "server:serve_sse"\n'),
        ("server.py", SERVER.replace("        mcp.run()", "        serve_sse()")),
        ("server.py", SERVER.replace("def serve_sse", "@print\ndef serve_sse")),
        ("other.py", "from server import serve_sse\n\nserve_sse()\n"),
        ("pkg/__init__.py", "from server import serve_sse\n"),
        ("tests/test_server.py", 'def test_it(mocker):\n    mocker.patch("server.serve_sse")\n'),
        ("pyproject.toml", '[project]\nname = "adder"\n\n[project.scripts]\nadder = "server:serve_sse"\n'),
    ],
)
def test_what_somebody_else_knows_stays_and_is_moved(tmp_path: Path, name: str, text: str) -> None:
    after = moved(tmp_path, {"server.py": SERVER, name: text})["server.py"]
    assert "def serve_sse():" in after and "uvicorn.run(mcp.streamable_http_app(), port=8000)" in after
    assert "sse_app" not in after


def test_the_same_name_in_a_file_that_doesnt_know_this_one(tmp_path: Path) -> None:
    after = moved(tmp_path, {"server.py": SERVER, "other.py": "def serve_sse():\n    pass\n"})
    assert "serve_sse" not in after["server.py"] and "serve_sse" in after["other.py"]


def test_a_function_of_another_file(tmp_path: Path) -> None:
    head, main = SERVER.split("def main")
    files = {
        "serving.py": head,
        "server.py": "import os\n\nfrom serving import mcp, serve_http, serve_sse\n\n\ndef main" + main,
    }
    after = moved(tmp_path, files)
    assert "serve_sse" not in after["serving.py"] + after["server.py"]
    assert "from serving import mcp, serve_http\n" in after["server.py"]


def test_a_function_that_another_file_imports_for_others(tmp_path: Path) -> None:
    head, main = SERVER.split("def main")
    files = {
        "serving.py": head,
        "server.py": "import os\n\nfrom serving import mcp, serve_http, serve_sse\n\n\ndef main" + main,
        "api.py": "from serving import serve_sse\n",
    }
    after = moved(tmp_path, files)
    assert "def serve_sse():" in after["serving.py"] and "sse_app" not in after["serving.py"]


def test_a_method(tmp_path: Path) -> None:
    after = moved(tmp_path, {"server.py": METHOD})["server.py"]
    assert "serve_sse" not in after and '"sse")' not in after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class Runner:", "class Runner(Base):"),
        ("    def main(self):", "    again = serve_sse\n\n    def main(self):"),
        ("            mcp.run()", "            self.serve_sse()"),
        ("class Runner:", "class Other:\n    def serve_sse(self):\n        pass\n\n\nclass Runner:"),
    ],
)
def test_a_method_that_can_be_called_otherwise(tmp_path: Path, old: str, new: str) -> None:
    after = moved(tmp_path, {"server.py": METHOD.replace(old, new, 1)})["server.py"]
    assert 'def serve_sse(self):\n        mcp.run(transport="streamable-http")' in after


def test_410_for_what_left(tmp_path: Path) -> None:
    after = moved(tmp_path, {"server.py": SERVER}, legacy_sse="gone")["server.py"]
    assert 'mcp.custom_route("/sse", methods=["GET"])(_sse_gone("/mcp"))' in after


def test_a_class_of_which_everything_leaves(tmp_path: Path) -> None:
    split = METHOD.replace("class Runner:\n", 'class Sse:\n    """Serves."""\n\n').replace(
        "    def main(self):\n",
        "    def run_it(self):\n        self.serve_sse()\n\n\nclass Runner:\n    def main(self):\n",
    )
    after = moved(tmp_path, {"server.py": split.replace("            self.serve_sse()", "            Sse().run_it()")})
    assert "serve_sse" not in after["server.py"] and "run_it" not in after["server.py"]


def test_an_import_in_the_branch_itself(tmp_path: Path) -> None:
    head, main = SERVER.split("def main")
    call = "        from serving import serve_sse\n\n        serve_sse()\n"
    main = main.replace("        serve_sse()\n", call)
    files = {
        "serving.py": head,
        "server.py": "import os\n\nimport serving\nfrom serving import mcp, serve_http\n\n\ndef main" + main,
    }
    after = moved(tmp_path, files)
    assert "serve_sse" not in after["serving.py"] + after["server.py"]
