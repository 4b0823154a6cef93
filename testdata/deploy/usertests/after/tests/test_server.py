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
    process = subprocess.Popen([sys.executable, str(SERVER), "--transport", "streamable-http"])
    process.kill()


def test_main(monkeypatch):
    monkeypatch.setenv("WEATHER_TRANSPORT", "streamable-http")
    monkeypatch.setattr(sys, "argv", ["server.py", "--transport=streamable-http"])
    with patch.object(server.mcp, "run") as run:
        server.main()
    run.assert_called_once_with(transport="streamable-http")


def test_argv():
    with patch("sys.argv", ["weather", "-t", 'streamable-http']):
        server.main()


@pytest.mark.parametrize("word", ["sse", "stdio"])
def test_words(word):
    assert word


def test_environment():
    with patch.dict(os.environ, {"WEATHER_TRANSPORT": "streamable-http", "MCP_TRANSPORT": "sse"}):
        assert os.environ["WEATHER_TRANSPORT"] == "streamable-http"
    subprocess.run("python server.py --transport streamable-http", shell=True)
    subprocess.run(f"python server.py --transport streamable-http --port {1}", shell=True)
