from fastapi import FastAPI
from fastapi_mcp import FastApiMCP

app = FastAPI()
mcp = FastApiMCP(app, name="Items")
mcp.mount()

other = FastAPI()
FastApiMCP(other).mount(mount_path="/tools/mcp", transport="sse")

third = FastApiMCP(FastAPI())
third.mount_sse(mount_path="/sse")

both = FastApiMCP(FastAPI())
both.mount_http()
