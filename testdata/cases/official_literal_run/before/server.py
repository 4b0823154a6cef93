"""Forecasts for people who cannot look out of the window."""

import logging

from mcp.server.fastmcp import FastMCP

from units import to_fahrenheit

logging.basicConfig(level=logging.INFO)
mcp = FastMCP("weather", host="127.0.0.1", port=8000)


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add two readings."""
    return a + b


@mcp.tool()
async def forecast(city: str) -> str:
    """Tomorrow's temperature."""
    return f"{city}: {to_fahrenheit(20)} F"


@mcp.resource("weather://stations")
def stations() -> list[str]:
    # "sse" here is a station code, not a transport
    return ["sse", "lhr"]


if __name__ == "__main__":
    logging.info("serving over SSE")
    mcp.run(transport="sse")
