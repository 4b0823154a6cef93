from mcp.server.fastmcp import FastMCP

mcp = FastMCP("gone", port=8000, sse_path="/events", message_path="/posted/")


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


if __name__ == "__main__":
    mcp.run("sse")
