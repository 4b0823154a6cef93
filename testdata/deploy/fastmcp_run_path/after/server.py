from fastmcp import FastMCP

mcp = FastMCP("weather")


@mcp.tool
def rain() -> bool:
    return True
