import argparse
import sys
from mcp.server.fastmcp import FastMCP


def _current_transport(name):
    """The retired transport name "sse" now means Streamable HTTP."""
    if isinstance(name, str) and name.lower() == "sse":
        print('transport "sse" is retired: serving Streamable HTTP, say "streamable-http"', file=sys.stderr)
        return "streamable-http"
    return name


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--transport", choices=["stdio", "streamable-http"], default="stdio", type=_current_transport)
    a = p.parse_args()
    mcp = FastMCP("calc", port=8080, stateless_http=True)
    mcp.run(transport=a.transport)


if __name__ == "__main__":
    main()
