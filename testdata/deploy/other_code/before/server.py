from mcp.server.fastmcp import FastMCP
mcp = FastMCP("search", host="0.0.0.0", port=8001)
if __name__ == "__main__":
    mcp.run(transport="sse")
