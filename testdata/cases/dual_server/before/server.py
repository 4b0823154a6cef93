import contextlib
import os

import uvicorn
from mcp.server.fastmcp import FastMCP
from starlette.applications import Starlette

mcp = FastMCP("both")


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


sse_app = mcp.sse_app()
http_app = mcp.streamable_http_app()


@contextlib.asynccontextmanager
async def lifespan(app: Starlette):
    async with mcp.session_manager.run():
        yield


app = Starlette(routes=[*sse_app.routes, *http_app.routes], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
