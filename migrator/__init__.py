"""mcp-migrate: moves an MCP project off the HTTP+SSE transport onto stateless Streamable HTTP."""

__version__ = "0.1.0"
