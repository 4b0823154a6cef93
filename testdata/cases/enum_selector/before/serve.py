from mcp.server.fastmcp import FastMCP

from transports import Transport


def build(port: int) -> FastMCP:
    mcp = FastMCP("enumerated", port=port)

    @mcp.tool()
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    return mcp


def serve(transport: Transport, port: int) -> None:
    mcp = build(port)
    match transport:
        case Transport.SSE:
            mcp.run(transport="sse")
        case Transport.STDIO:
            mcp.run(transport="stdio")
