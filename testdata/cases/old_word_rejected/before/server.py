import argparse

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("strict", port=8000)


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("transport", nargs="?", choices=("stdio", "sse"), default="stdio")
    mcp.run(transport=parser.parse_args().transport)
