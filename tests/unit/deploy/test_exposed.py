"""The ports that containers hand on to a server: what the people who connect to it type."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.reports import ReportOptions
from migrator.reports.reading import read
from migrator.reports.sentences import connections
from migrator.settings import Settings

SERVER = (
    "import os\n\nfrom mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('a', host='0.0.0.0', port={port})\n"
    "mcp.run(transport='sse')\n"
)
IMAGE = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install mcp\nCMD ["python", "server.py"]\n'


def ports(root: Path, compose: str, port: str = "8000", **files: str) -> list[tuple[str, str]]:
    written = {"server.py": SERVER.format(port=port), "Dockerfile": IMAGE, "docker-compose.yml": compose}
    for name, text in {**written, **{n.replace("_", "."): t for n, t in files.items()}}.items():
        (root / name).write_text(text)
    (endpoint,) = make_plan(root, Settings()).endpoints
    return [(p.port, str(p.place)) for p in endpoint.published]


@pytest.mark.parametrize(
    "service",
    [
        "build: .\n    ports:\n      - '9123:8000'\n",
        "build: .\n    ports:\n      - 127.0.0.1:9123:8000\n",
        "build:\n      context: .\n    ports:\n      - target: 8000\n        published: 9123\n",
        "build: .\n    command: python server.py\n    ports: ['9123:8000', '9999:9999']\n",
        "image: python:3.12\n    command: python server.py\n    volumes: ['.:/app']\n    ports: ['9123:8000']\n",
    ],
)
def test_a_compose_file_publishes_a_server(tmp_path: Path, service: str) -> None:
    assert [port for port, _ in ports(tmp_path, f"services:\n  tools:\n    {service}")] == ["9123"]


def test_the_place_is_that_of_the_ports(tmp_path: Path) -> None:
    found = ports(tmp_path, "services:\n  tools:\n    build: .\n    ports:\n      - '9123:8000'\n")
    assert found == [("9123", "docker-compose.yml:4")]


def test_the_only_port_is_that_of_a_server_whose_port_is_chosen_outside(tmp_path: Path) -> None:
    compose = "services:\n  tools:\n    build: .\n    environment: {PORT: 7000}\n    ports: ['9123:7000']\n"
    assert [port for port, _ in ports(tmp_path, compose, "int(os.environ['PORT'])")] == ["9123"]


@pytest.mark.parametrize(
    "service",
    [
        "image: postgres\n    ports: ['9123:8000']\n",
        "build: ./web\n    ports: ['9123:8000']\n",
        "build: .\n    command: python api.py\n    ports: ['9123:8000']\n",
        "build: .\n    command: celery worker\n    ports: ['9123:8000']\n",
        "build: .\n    ports: ['9123:80', '9124:443']\n",
        "build: .\n    ports: ['8000']\n",
    ],
)
def test_other_containers_do_not(tmp_path: Path, service: str) -> None:
    assert not ports(tmp_path, f"services:\n  other:\n    {service}", api_py="print('hello')\n")


def test_those_who_connect_are_told(tmp_path: Path) -> None:
    ports(tmp_path, "services:\n  tools:\n    build: .\n    ports:\n      - '9123:8000'\n")
    plan = make_plan(tmp_path, Settings())
    ((_, said),) = connections(read(plan, ReportOptions()))
    assert "docker-compose.yml publishes it on port 9123: http://127.0.0.1:9123/mcp" in said


def test_a_port_that_is_the_same_is_not_said_twice(tmp_path: Path) -> None:
    ports(tmp_path, "services:\n  tools:\n    build: .\n    ports:\n      - '8000:8000'\n")
    plan = make_plan(tmp_path, Settings())
    ((_, said),) = connections(read(plan, ReportOptions()))
    assert not any("publishes" in sentence for sentence in said)
