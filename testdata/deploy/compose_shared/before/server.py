import os

from fastmcp import FastMCP

mcp = FastMCP("notes")

if __name__ == "__main__":
    mcp.run(transport=os.environ.get("MCP_TRANSPORT", "stdio"), port=8000)
