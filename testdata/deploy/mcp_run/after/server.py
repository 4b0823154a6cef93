from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather", stateless_http=True)


@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b
