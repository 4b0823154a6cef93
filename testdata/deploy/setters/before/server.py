import os
from mcp.server.fastmcp import FastMCP
mcp = FastMCP("m", port=8765)
if __name__ == "__main__":
    mcp.run(transport=os.getenv("MY_TRANSPORT", "sse"))
