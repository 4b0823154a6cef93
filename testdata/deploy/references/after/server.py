import argparse
import os
import sys
from mcp.server.fastmcp import FastMCP


def _current_transport(name):
    """The retired transport name "sse" now means Streamable HTTP."""
    if isinstance(name, str) and name.lower() == "sse":
        print('transport "sse" is retired: serving Streamable HTTP, say "streamable-http"', file=sys.stderr)
        return "streamable-http"
    return name


parser = argparse.ArgumentParser()
parser.add_argument("--transport", default=os.getenv("W_TRANSPORT", "stdio"), choices=["stdio", "streamable-http"], type=_current_transport)
args = parser.parse_args()
mcp = FastMCP("w", port=8000, stateless_http=True)
mcp.run(transport=args.transport)
