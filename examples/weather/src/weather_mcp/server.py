"""A small MCP server: weather for a few towns."""

import argparse
import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather", host="0.0.0.0", port=int(os.getenv("PORT", "8000")))

TOWNS = {"Bergen": "rain, 9 °C", "Cairo": "sun, 31 °C", "Quito": "clouds, 18 °C"}


@mcp.tool()
def weather(town: str) -> str:
    """The weather in a town."""
    return TOWNS.get(town, "unknown")


@mcp.tool()
def towns() -> list[str]:
    """The towns that have weather."""
    return sorted(TOWNS)


def main() -> None:
    parser = argparse.ArgumentParser(description="Weather MCP server")
    parser.add_argument(
        "--transport",
        choices=["stdio", "sse"],
        default=os.getenv("WEATHER_TRANSPORT", "stdio"),
        help="how clients reach the server: stdio or sse",
    )
    args = parser.parse_args()
    if args.transport == "sse":
        print(f"listening on http://0.0.0.0:{mcp.settings.port}/sse")
        mcp.run(transport="sse")
    else:
        mcp.run()


if __name__ == "__main__":
    main()
