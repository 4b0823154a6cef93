import os
import sys
from fastmcp import FastMCP


def _current_transport(name):
    """The retired transport name "sse" now means Streamable HTTP."""
    if isinstance(name, str) and name.lower() == "sse":
        print('transport "sse" is retired: serving Streamable HTTP, say "http"', file=sys.stderr)
        return "http"
    return name


mcp = FastMCP("docs")
if __name__ == "__main__":
    mcp.run(transport=_current_transport(os.getenv("MCP_TRANSPORT", "http")), host="0.0.0.0", port=8000, stateless_http=True)
