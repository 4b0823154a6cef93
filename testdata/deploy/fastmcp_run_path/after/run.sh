#!/bin/sh
exec uv run fastmcp run server.py:mcp -t http --stateless --port 9000 --path /weather/mcp
