import os
import sys
from mcp.server.fastmcp import FastMCP


def _current_transport(name):
    """The retired transport name "sse" now means Streamable HTTP."""
    if isinstance(name, str) and name.lower() == "sse":
        print('transport "sse" is retired: serving Streamable HTTP, say "streamable-http"', file=sys.stderr)
        return "streamable-http"
    return name


mcp = FastMCP("a", port=int(os.getenv("PORT", "8000")), stateless_http=True)
mcp.run(transport=_current_transport(os.environ["MCP_TRANSPORT"]))
