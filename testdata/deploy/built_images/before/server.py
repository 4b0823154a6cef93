import os
from fastmcp import FastMCP
mcp = FastMCP("docs")
if __name__ == "__main__":
    mcp.run(transport=os.getenv("MCP_TRANSPORT", "sse"), host="0.0.0.0", port=8000)
