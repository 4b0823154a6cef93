#!/bin/sh
exec uv run fastmcp run server.py:mcp -t sse --port 9000 --path /weather/sse
