from fastapi import FastAPI
from fastapi_mcp import FastApiMCP, add_mcp_server

mcp = FastApiMCP(FastAPI())
mcp.mount_http()

add_mcp_server(FastAPI(), mount_path="/mcp")
