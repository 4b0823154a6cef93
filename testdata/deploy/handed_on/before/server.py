import os
from mcp.server.fastmcp import FastMCP
mcp = FastMCP("a", port=int(os.getenv("PORT", "8000")))
mcp.run(transport=os.environ["MCP_TRANSPORT"])
