"""What `explain` shows as before and after is what a run makes of it."""

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

from migrator import explaining, main, rulebook
from tests.unit.test_ci_files import options

FAST = "from mcp.server.fastmcp import FastMCP\n\n"
MADE = FAST + 'mcp = FastMCP("w")\n'
SERVER = MADE + '\nif __name__ == "__main__":\n    mcp.run(transport="sse")\n'
CHOOSING = f"""\
import argparse
import sys

{MADE}
parser = argparse.ArgumentParser()
parser.add_argument("--transport", choices=["stdio", "sse"], default="stdio")
mcp.run(transport=parser.parse_args().transport)
"""
STARLETTE = "from starlette.applications import Starlette\nfrom starlette.routing import Mount, Route\n"
LOW = "from mcp.server.lowlevel import Server\nfrom mcp.server.sse import SseServerTransport\n"
NEW_SDK = {"requirements.txt": "mcp>=1.28.1,<2\n"}


class Setting(NamedTuple):
    """Where an example stands. text: the file `path` around {code}, or around {inside} indented once."""

    path: str
    text: str = "{code}\n"
    files: dict[str, str] = NEW_SDK
    options: tuple[str, ...] = ()


SETTINGS = {
    "MCP101": Setting("server.py", FAST + "{code}\n"),
    "MCP102": Setting("server.py", CHOOSING[: CHOOSING.index("parser.add")] + "{code}\n"),
    "MCP103": Setting("server.py", STARLETTE + MADE + "{code}\n"),
    "MCP104": Setting("server.py", LOW + STARLETTE + '\nserver = Server("w")\n{code}\n'),
    "MCP105": Setting("server.py", MADE + "transport = input()\n{code}\n"),
    "MCP201": Setting(
        "client.py",
        "from mcp import ClientSession\nfrom mcp.client.sse import sse_client\n\n\nasync def main():\n{inside}\n",
    ),
    "MCP202": Setting(
        "client.py",
        "from langchain_mcp_adapters.client import MultiServerMCPClient\n\nclient = {code}\n",
        {"requirements.txt": "langchain-mcp-adapters>=0.2\n"},
    ),
    "MCP204": Setting(
        "client.py", "from fastmcp import Client\n\n{code}\n", {"requirements.txt": "fastmcp>=2.14,<3\n"}
    ),
    "MCP301": Setting(".mcp.json", files={}),
    "MCP302": Setting(".mcp.json", files={}),
    "MCP303": Setting(".mcp.json", '{{"mcpServers": {{"w": {code}}}}}\n', {}),
    "MCP304": Setting(".mcp.json", '{{"mcpServers": {{"w": {code}}}}}\n', {}),
    "MCP401": Setting("pyproject.toml", '[project]\nname = "x"\nversion = "1"\n{code}\n', {"server.py": SERVER}),
    "MCP402": Setting("requirements.txt", files={"server.py": SERVER}),
    "MCP403": Setting("requirements.txt", files={"server.py": SERVER.replace("mcp.server.fastmcp", "fastmcp")}),
    "MCP501": Setting("Dockerfile", "FROM python:3.12\nCOPY server.py .\n{code}\n", NEW_SDK | {"server.py": CHOOSING}),
    "MCP502": Setting("README.md", "```sh\n{code}\n```\n", NEW_SDK | {"server.py": SERVER}),
    "MCP505": Setting(
        "start.sh",
        files={"server.py": MADE.replace("mcp.server.fastmcp", "fastmcp"), "requirements.txt": "fastmcp==2.14.7\n"},
    ),
    "MCP506": Setting(
        "tests/test_x.py",
        "from mcp.client.sse import sse_client\n\nbase = 'http://localhost:8000'\n\n\nasync def test():\n"
        "{inside}\n        pass\n",
        NEW_SDK | {"server.py": SERVER},
    ),
    "MCP504": Setting("nginx.conf", "server {{\n{inside}\n}}\n", NEW_SDK | {"server.py": SERVER}),
    "MCP603": Setting(
        "server.py", FAST + "{code}\napp = mcp.sse_app()\n", options=("--allowed-host", "mcp.example.com")
    ),
    "MCP606": Setting(
        "server.py",
        "from starlette.middleware.cors import CORSMiddleware\n" + MADE + "app = mcp.sse_app()\n{code}\n",
    ),
    "MCP610": Setting(
        "server.py",
        'from fastmcp import FastMCP\n\nmaps = FastMCP("maps")\n{code}\nmcp.run("sse")\n',
        {"requirements.txt": "fastmcp==2.8.1\n"},
    ),
}
# Not to be shown by a run of this: TypeScript, Java and by-hand work, and what has no code of its own.
FIXED = {rule.id: rule for rule in rulebook.load().rules().values() if rule.fixable != "never" and rule.after}


def squeezed(code: str) -> str:
    """Code without what a formatter may change."""
    return re.sub(r",(?=[)\]}])", "", re.sub(r"\s+", "", code))


@pytest.mark.parametrize("rule_id", SETTINGS)
def test_the_example_is_what_happens(tmp_path: Path, capsys: pytest.CaptureFixture[str], rule_id: str) -> None:
    rule, setting = FIXED[rule_id], SETTINGS[rule_id]
    text = setting.text.format(code=rule.before, inside=textwrap.indent(rule.before, "    "))
    for name, content in {**setting.files, setting.path: text}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert main.main(["-q", *setting.options, str(tmp_path)]) in (0, 1)
    written = squeezed((tmp_path / setting.path).read_text(encoding="utf-8"))
    for piece in rule.after.split("\n...\n"):
        assert squeezed(piece) in written
    assert written != squeezed(text)


def test_every_example_of_a_fix_is_tried() -> None:
    others = {"MCP109"}  # a condition that stands in a larger server
    assert set(FIXED) - set(SETTINGS) <= others


@pytest.mark.parametrize("rule_id", rulebook.load().rules())
def test_every_page_says_what_people_ask(rule_id: str) -> None:
    page = explaining.explained(rule_id)
    assert all(section in page for section in ("severity: ", "Why:\n", "What is done about it:\n"))
    assert max(len(line) for line in page.splitlines()) <= 120
    for option in re.findall(r"`(--[a-z-]+)", page):
        assert option in options(), option
