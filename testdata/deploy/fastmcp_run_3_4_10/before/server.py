from fastmcp import FastMCP

mcp = FastMCP("weather")


@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b
