#!/bin/sh
FASTMCP_STATELESS_HTTP=true exec uv run fastmcp run server.py:mcp -t http --port 9000
