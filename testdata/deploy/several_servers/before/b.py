from fastmcp import FastMCP
mcp = FastMCP("b")
if __name__ == "__main__":
    mcp.run(transport="sse", port=8000)
