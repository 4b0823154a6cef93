from fastmcp import FastMCP
mcp = FastMCP("b")
if __name__ == "__main__":
    mcp.run(transport="http", port=8000, stateless_http=True)
