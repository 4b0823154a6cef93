from mcp.server.fastmcp import FastMCP

mcp = FastMCP("kb", port=8000, stateless_http=True)

if __name__ == "__main__":
    mcp.run(transport="streamable-http")
