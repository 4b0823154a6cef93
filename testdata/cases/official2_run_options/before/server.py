from mcp.server import MCPServer

mcp = MCPServer("second")


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def main() -> None:
    mcp.run("sse", host="127.0.0.1", port=8000)


if __name__ == "__main__":
    main()
