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


mcp = FastMCP("weather", port=8000, stateless_http=True)


@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-t", "--transport", choices=["stdio", "streamable-http"], default=os.getenv("WEATHER_TRANSPORT", "streamable-http"), type=_current_transport)
    mcp.run(transport=parser.parse_args().transport)


if __name__ == "__main__":
    main()
