from mcp.server.fastmcp import FastMCP
mcp = FastMCP("e", host="0.0.0.0", port=8000, stateless_http=True)
mcp.run(transport="streamable-http")
