from mcp.server.fastmcp import FastMCP

mcp = FastMCP("demo", port=8123, stateless_http=True)


@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b


if __name__ == "__main__":
    mcp.run(transport="streamable-http")
