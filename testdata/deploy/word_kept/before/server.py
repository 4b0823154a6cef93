import argparse

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("adder")


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", choices=["stdio", "sse", "streamable-http"], default="stdio")
    args = parser.parse_args()
    if args.transport == "sse":
        mcp.settings.port = 8001
        mcp.run(transport="sse")
    elif args.transport == "streamable-http":
        mcp.settings.port = 8002
        mcp.run(transport="streamable-http")
    else:
        mcp.run()


if __name__ == "__main__":
    main()
