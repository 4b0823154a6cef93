#!/bin/sh
exec uv run fastmcp run server.py:mcp -t http --port 9000
