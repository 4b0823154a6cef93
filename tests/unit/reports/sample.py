"""A plan as a real run makes it: two servers that move, one that stays, their Dockerfile, clients, docs and lock."""

from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Place, Plan, Selector, Severity
from migrator.rulebook import Rule
from migrator.text import TextFile

RULES = {
    "MCP101": Rule(
        "MCP101",
        "Server always runs over SSE",
        Severity.WARNING,
        "sometimes",
        why="SSE was deprecated by revision 2025-03-26.\nIts sessions end with their process.",
        what="Changes the word of `run`.\n\nHost and port stay.",
        before='mcp.run(transport="sse")',
        after='mcp.run(transport="streamable-http")',
        safety="The receiver must resolve to a server.",
    ),
    "MCP110": Rule("MCP110", "A transport that can't be followed", Severity.WARNING, "never", why="Why.", what="What."),
}

BEFORE = {
    "server.py": b'''import argparse

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather", host="0.0.0.0", port=8000)


@mcp.tool()
def forecast(city: str) -> str:
    """Tomorrow's weather."""
    return f"sunny in {city}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", choices=["stdio", "sse"], default="sse")
    args = parser.parse_args()
    mcp.run(transport=args.transport)


if __name__ == "__main__":
    main()
''',
    "notify/server.py": b"""from fastmcp import Context, FastMCP

hub = FastMCP("notify")


@hub.tool
async def book(ctx: Context) -> str:
    answer = await ctx.elicit("Window or aisle?", response_type=str)
    return str(answer)


if __name__ == "__main__":
    hub.run(transport="sse", port=9100)
""",
    "admin/server.py": b"""from mcp.server.fastmcp import FastMCP

from admin.plugins import load

admin = FastMCP("admin")
admin.run(**load("transport"))
""",
    "Dockerfile": b"""FROM python:3.12-slim
COPY . /app
RUN pip install mcp
CMD ["python", "server.py", "--transport", "sse"]
""",
    ".mcp.json": b"""{
  "mcpServers": {
    "weather": {"type": "sse", "url": "http://localhost:8000/sse"},
    "tickets": {"type": "sse", "url": "https://tickets.example.com/sse"}
  }
}""",
    "pyproject.toml": b'[project]\r\nname = "weather"\r\nversion = "2.4.0"\r\ndependencies = ["mcp>=1.2"]\r\n',
    "README.md": b"""# Weather

Start it:

```sh
python server.py --transport sse
```

Then open <http://localhost:8000/sse> & enjoy.
""",
}

AFTER = {
    "server.py": BEFORE["server.py"]
    .replace(
        b"port=8000)\n",
        b"port=8000, stateless_http=True)\n",
    )
    .replace(
        b'choices=["stdio", "sse"], default="sse")\n    args = parser.parse_args()\n    mcp.run(transport=args.transport)\n',
        b"""choices=["stdio", "streamable-http", "sse"], default="streamable-http")
    args = parser.parse_args()
    transport = args.transport
    if transport == "sse":
        print("--transport sse is now streamable-http", file=sys.stderr)
        transport = "streamable-http"
    mcp.run(transport=transport)
""",
    )
    .replace(b"import argparse\n", b"import argparse\nimport sys\n"),
    "notify/server.py": BEFORE["notify/server.py"].replace(b'transport="sse"', b'transport="http"'),
    "Dockerfile": BEFORE["Dockerfile"].replace(b'"sse"', b'"streamable-http"'),
    ".mcp.json": BEFORE[".mcp.json"]
    .replace(
        b'"type": "sse", "url": "http://localhost:8000/sse"', b'"type": "http", "url": "http://localhost:8000/mcp"'
    )
    .replace(
        b'"type": "sse", "url": "https://tickets.example.com/sse"',
        b'"type": "http", "url": "https://tickets.example.com/mcp"',
    ),
    "pyproject.toml": BEFORE["pyproject.toml"].replace(b"mcp>=1.2", b"mcp>=1.12,<2"),
    "README.md": BEFORE["README.md"].replace(b"--transport sse", b"--transport streamable-http"),
}


def place(path: str, needle: str, last: bool = False) -> Place:
    """Where `needle` stands in the file as it was before."""
    text = TextFile.decode(path, BEFORE[path])
    start = text.text.rindex(needle) if last else text.text.index(needle)
    return text.place(start, start + len(needle))


def finding(rule, severity, outcome, where, message, **more) -> Finding:
    return Finding(rule, Severity(severity), Outcome(outcome), where, message, **more)


def sample(root: str = "/home/ana/weather") -> Plan:
    """The plan of the project in BEFORE, at `root`."""
    weather, notify, admin = "u1", "u2", "u3"
    blocked = finding(
        "MCP110",
        "warning",
        "by-hand",
        place("admin/server.py", 'admin.run(**load("transport"))'),
        "The transport of `admin` comes from load(...), which can't be followed.",
        instruction="Let admin/plugins.py return the new word, and start it without a session:\n\n"
        'admin = FastMCP("admin", stateless_http=True)\nadmin.run(transport="streamable-http")',
        unit=admin,
    )
    endpoints = (
        Endpoint(
            name="server.py:mcp",
            unit=weather,
            generation="official-1",
            place=place("server.py", 'FastMCP("weather"'),
            old_url="http://0.0.0.0:8000/sse",
            new_url="http://0.0.0.0:8000/mcp",
            old_path="/sse",
            new_path="/mcp",
            port="8000",
            message_path="/messages/",
            selected_by="--transport streamable-http, the default",
            selectors=(
                Selector(
                    "option", ("--transport",), "sse", "streamable-http", True, place("server.py", '"--transport"')
                ),
            ),
            files=("server.py",),
        ),
        Endpoint(
            name="notify/server.py:hub",
            unit=notify,
            generation="fastmcp-2",
            place=place("notify/server.py", 'FastMCP("notify")'),
            old_url="http://127.0.0.1:9100/sse",
            new_url="http://127.0.0.1:9100/mcp",
            old_path="/sse",
            new_path="/mcp",
            port="9100",
            message_path="/messages/",
            selected_by="always",
            stateless=False,
            session_reasons=("notify/server.py:8 ctx.elicit(...) waits for the client's answer",),
            files=("notify/server.py",),
        ),
        Endpoint(
            name="admin/server.py:admin",
            unit=admin,
            generation="official-1",
            place=place("admin/server.py", 'FastMCP("admin")'),
            old_url="http://127.0.0.1:8000/sse",
            new_url="http://127.0.0.1:8000/mcp",
            old_path="/sse",
            new_path="/mcp",
            message_path="/messages/",
            selected_by="load('transport')",
            files=("admin/server.py",),
            moved=False,
        ),
    )
    findings = (
        finding(
            "MCP102",
            "warning",
            "fix",
            place("server.py", 'default="sse"'),
            "`mcp` serves SSE by default.",
            unit=weather,
        ),
        finding(
            "MCP102",
            "warning",
            "fix",
            place("server.py", "mcp.run(transport=args.transport)"),
            "`mcp` can be started with SSE.",
            unit=weather,
        ),
        finding(
            "MCP101", "warning", "fix", place("notify/server.py", 'transport="sse"'), "`hub` serves SSE.", unit=notify
        ),
        blocked,
        finding(
            "MCP501",
            "warning",
            "fix",
            place("Dockerfile", '"--transport", "sse"'),
            "The image starts server.py with the word sse.",
            unit=weather,
        ),
        finding(
            "MCP301",
            "warning",
            "fix",
            place(".mcp.json", '"type": "sse"'),
            "`weather` is reached over SSE.",
            unit=weather,
        ),
        finding(
            "MCP301",
            "warning",
            "fix",
            place(".mcp.json", "https://tickets.example.com/sse"),
            "`tickets` is reached over SSE at a host that isn't in this repository.",
            assumed=True,
            check="curl -sS -X POST https://tickets.example.com/mcp -H 'Accept: application/json, text/event-stream'",
        ),
        finding(
            "MCP401",
            "error",
            "fix",
            place("pyproject.toml", "mcp>=1.2"),
            "mcp 1.2 can't serve Streamable HTTP; 1.12 can.",
            unit=weather,
        ),
        finding(
            "MCP404",
            "warning",
            "by-hand",
            Place("uv.lock"),
            "uv.lock still holds mcp 1.6.0.",
            instruction="uv lock --upgrade-package mcp",
            unit=weather,
        ),
        finding(
            "MCP504",
            "warning",
            "by-hand",
            Place("deploy/nginx.conf", 12, 4, 12, 17),
            "The proxy passes only /sse on.",
            instruction="location /mcp {\n    proxy_pass http://weather:8000;\n    proxy_buffering off;\n}",
            unit=weather,
        ),
        finding(
            "MCP604",
            "note",
            "info",
            place("server.py", 'FastMCP("weather"'),
            "A request that takes long no longer reports its progress: there is no session to send it to.",
            instruction="Start it with stateless_http=False if your clients show progress.",
            unit=weather,
        ),
        finding(
            "MCP502",
            "note",
            "info",
            place("README.md", "<http://localhost:8000/sse>"),
            "Prose names the old address; text outside of code is left to you.",
        ),
        finding(
            "MCP201",
            "warning",
            "by-hand",
            Place("legacy/report.py", 40, 4, 40, 60),
            "`sse_client` is called.",
            accepted="ignored: the vendor has no other endpoint",
        ),
    )
    units = {
        "server.py": (weather,),
        "notify/server.py": (notify,),
        "Dockerfile": (weather,),
        ".mcp.json": (weather,),
        "pyproject.toml": (weather, notify),
        "README.md": (weather,),
    }
    changes = tuple(FileChange(path, BEFORE[path], AFTER[path], units[path]) for path in units)
    return Plan(
        root=root,
        endpoints=endpoints,
        units=(
            MoveUnit(weather, ("server.py:mcp",), True),
            MoveUnit(notify, ("notify/server.py:hub",), True),
            MoveUnit(admin, ("admin/server.py:admin",), False, (blocked,), "decide"),
        ),
        changes=changes,
        findings=findings,
        regenerate=("uv lock --upgrade-package mcp",),
        files_scanned=214,
        settings={},
    )
