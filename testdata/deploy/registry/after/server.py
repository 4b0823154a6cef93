import argparse
import os
import sys

from fastmcp import FastMCP


def _current_transport(name):
    """The retired transport name "sse" now means Streamable HTTP."""
    if isinstance(name, str) and name.lower() == "sse":
        print('transport "sse" is retired: serving Streamable HTTP, say "http"', file=sys.stderr)
        return "http"
    return name


mcp = FastMCP("pay")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", default=os.getenv("PAY_TRANSPORT", "stdio"), choices=["stdio", "http"], type=_current_transport)
    mcp.run(transport=(transport := parser.parse_args().transport), **({"stateless_http": True} if transport != "stdio" else {}))
