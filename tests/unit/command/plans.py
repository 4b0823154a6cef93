"""Plans that the pipeline could have made, and the command line to run on them."""

from pathlib import Path

from migrator import main
from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Place, Plan, Severity

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x")\nmcp.run(transport="sse")\n'
MOVED = SERVER.replace('"sse"', '"streamable-http"')


def plan_for(root: Path, *findings: Finding, change: bool = True) -> Plan:
    changes = (FileChange("server.py", SERVER.encode(), MOVED.encode(), ("u",)),) if change else ()
    endpoint = Endpoint(
        "server.py:mcp", "u", "official-1", Place("server.py", 3), "http://h/sse", "http://h/mcp", "/sse", "/mcp"
    )
    return Plan(
        str(root),
        changes=changes,
        findings=findings,
        endpoints=(endpoint,),
        units=(MoveUnit("u", ("server.py:mcp",), change),),
        files_scanned=2,
    )


FIX = Finding("MCP101", Severity.WARNING, Outcome.FIX, Place("server.py", 4), "runs over SSE", unit="u")
HAND = Finding("MCP110", Severity.WARNING, Outcome.BY_HAND, Place("server.py", 4), "can't be followed", "Write this.")
NOTE = Finding("MCP203", Severity.NOTE, Outcome.INFO, Place("server.py", 4), "offers SSE")
HAZARD = Finding("MCP603", Severity.WARNING, Outcome.BY_HAND, Place("server.py", 4), "421")


def run(*words: str) -> int:
    return main.main(list(words))
