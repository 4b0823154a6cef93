import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("b", host="0.0.0.0", port=8000)

if __name__ == "__main__":
    mcp.run(transport=os.getenv("MCP_TRANSPORT", "stdio"))
