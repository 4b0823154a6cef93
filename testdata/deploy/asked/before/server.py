from mcp.server.fastmcp import FastMCP
mcp = FastMCP("e", host="0.0.0.0", port=8000)
mcp.run(transport="sse")
