from fastapi import FastAPI
from fastapi_mcp import FastApiMCP

app = FastAPI()
mcp = FastApiMCP(app, name="Items")
mcp.mount_http()

other = FastAPI()
FastApiMCP(other).mount_http(mount_path="/tools/mcp")

third = FastApiMCP(FastAPI())
third.mount_http(mount_path="/mcp")

both = FastApiMCP(FastAPI())
both.mount_http()
