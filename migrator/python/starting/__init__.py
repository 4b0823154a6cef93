"""Calls that start a server: `mcp.run(...)` and its relatives."""
