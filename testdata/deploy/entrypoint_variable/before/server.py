import argparse
import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather", host="0.0.0.0", port=8000)


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--transport", "-t", choices=["stdio", "sse"], default=os.getenv("WEATHER_TRANSPORT", "stdio")
    )
    args = parser.parse_args()
    mcp.run(transport=args.transport)


if __name__ == "__main__":
    main()
