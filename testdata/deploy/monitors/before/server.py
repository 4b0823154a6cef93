from mcp.server.fastmcp import FastMCP

mcp = FastMCP("kb", port=8000)

if __name__ == "__main__":
    mcp.run(transport="sse")
