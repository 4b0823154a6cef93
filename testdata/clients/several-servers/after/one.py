from mcp.server.fastmcp import FastMCP

mcp = FastMCP("one", port=7001, stateless_http=True)


@mcp.tool()
def one() -> str:
    return "one"


if __name__ == "__main__":
    mcp.run(transport="streamable-http")
