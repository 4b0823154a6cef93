from contextlib import asynccontextmanager

from fastapi import FastAPI

from .tools import mcp_server


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.pool = {"connections": 5}
    try:
        yield
    finally:
        app.state.pool = None


app = FastAPI(title="api", lifespan=lifespan)


@app.get("/health")
async def health() -> dict:
    return {"pool": app.state.pool["connections"]}


app.mount("/tools", mcp_server.sse_app())
