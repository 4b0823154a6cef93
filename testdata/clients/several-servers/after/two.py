from mcp.server.fastmcp import FastMCP

mcp = FastMCP("two", port=7002, stateless_http=True)


@mcp.tool()
def two() -> str:
    return "two"


if __name__ == "__main__":
    mcp.run(transport="streamable-http")
