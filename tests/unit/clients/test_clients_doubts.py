"""A client whose address fits a server that moves, where the code around it tells of another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = 'from fastmcp import FastMCP\nmcp = FastMCP("a")\nmcp.run(transport="sse", port=8001)\n'
UNSTARTED = 'from fastmcp import FastMCP\nmcp = FastMCP("b")\n'
CLIENT = 'from fastmcp import Client\nclient = Client("http://localhost:{}/sse")\n'
STARTS = (
    'import subprocess\nfrom pathlib import Path\nHERE = Path(__file__).parent\n'
    'subprocess.Popen(["uv", "run", str(HERE / "{}"), "--transport", "{}", "--port", "8002"])\n'
)  # fmt: skip


def moved(folder: Path, files: dict[str, str], client: str) -> bool:
    for name, text in {"requirements.txt": "fastmcp==3.1.0\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return client in {c.path for c in make_plan(folder, Settings()).changes}


@pytest.mark.parametrize(
    ("program", "word", "moves"),
    [("other.py", "sse", False), ("server.py", "sse", True), ("other.py", "http", True), ("gone.py", "sse", True)],
)
def test_a_file_that_starts_another_server_over_sse(program: str, word: str, moves: bool, tmp_path: Path) -> None:
    files = {"server.py": SERVER, "other.py": UNSTARTED, "use.py": STARTS.format(program, word) + CLIENT.format(8002)}
    assert moved(tmp_path, files, "use.py") is moves


def test_the_port_of_the_server_that_moves_leaves_no_doubt(tmp_path: Path) -> None:
    files = {"server.py": SERVER, "other.py": UNSTARTED, "use.py": STARTS.format("other.py", "sse")}
    assert moved(tmp_path, files | {"use.py": files["use.py"] + CLIENT.format(8001)}, "use.py")


@pytest.mark.parametrize(
    ("files", "moves"),
    [
        ({"examples/one.py": SERVER, "examples/two/server.py": UNSTARTED}, False),
        ({"examples/one.py": SERVER.replace("sse", "http"), "examples/two/server.py": UNSTARTED}, False),
        ({"examples/one/server.py": SERVER, "examples/two/server.py": UNSTARTED}, False),
        ({"examples/one/server.py": SERVER, "examples/two/server.py": UNSTARTED + "mcp.run()\n"}, True),
        ({"examples/one/server.py": SERVER, "examples/two/more.py": "x = 1\n"}, True),
        ({"src/server.py": SERVER, "examples/two/server.py": UNSTARTED}, True),
        ({"examples/two/main.py": SERVER, "examples/two/server.py": UNSTARTED}, True),
    ],
)
def test_an_example_with_a_server_of_its_own(files: dict[str, str], moves: bool, tmp_path: Path) -> None:
    client = "examples/two/client.py"
    assert moved(tmp_path, files | {client: CLIENT.format(8001)}, client) is moves
