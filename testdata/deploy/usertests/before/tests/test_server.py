import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

import server

SERVER = Path(__file__).parent.parent / "server.py"
UNRELATED = ["uvx", "other-mcp", "--transport", "sse"]


def test_starts():
    process = subprocess.Popen([sys.executable, str(SERVER), "--transport", "sse"])
    process.kill()


def test_main(monkeypatch):
    monkeypatch.setenv("WEATHER_TRANSPORT", "sse")
    monkeypatch.setattr(sys, "argv", ["server.py", "--transport=sse"])
    with patch.object(server.mcp, "run") as run:
        server.main()
    run.assert_called_once_with(transport="sse")


def test_argv():
    with patch("sys.argv", ["weather", "-t", 'sse']):
        server.main()


@pytest.mark.parametrize("word", ["sse", "stdio"])
def test_words(word):
    assert word


def test_environment():
    with patch.dict(os.environ, {"WEATHER_TRANSPORT": "sse", "MCP_TRANSPORT": "sse"}):
        assert os.environ["WEATHER_TRANSPORT"] == "sse"
    subprocess.run("python server.py --transport sse", shell=True)
    subprocess.run(f"python server.py --transport sse --port {1}", shell=True)
