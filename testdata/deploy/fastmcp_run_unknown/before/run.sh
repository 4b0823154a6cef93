fastmcp run server.py --transport sse
