from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather", stateless_http=True)

if __name__ == "__main__":
    mcp.run(transport="streamable-http")
