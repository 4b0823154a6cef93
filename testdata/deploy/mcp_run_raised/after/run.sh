#!/bin/sh
exec uv run mcp run server.py -t streamable-http
