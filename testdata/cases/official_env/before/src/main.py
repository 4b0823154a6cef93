import sys

from mcp.server.fastmcp import FastMCP

import config

mcp = FastMCP("adder", port=config.PORT)


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def main() -> int:
    if config.MODE == "sse":
        mcp.run(transport="sse")
    elif config.MODE == "stdio":
        mcp.run(transport="stdio")
    else:
        print(f"unknown SERVER_MODE {config.MODE}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
