import os

import mcp.types as types
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.sse import SseServerTransport
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

server = Server("calculator")


@server.list_tools()
async def list_tools() -> list[types.Tool]:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
    return [types.Tool(name="add", description="Add two numbers", inputSchema=schema)]


@server.call_tool()
async def call_tool(name: str, arguments: dict) -> list[types.TextContent]:
    return [types.TextContent(type="text", text=str(arguments["a"] + arguments["b"]))]

sse = SseServerTransport("/messages/")


def allowed(request) -> bool:
    return request.headers.get("authorization") == "Bearer sekret"


async def handle_sse(request: Request):
    if not allowed(request):
        return JSONResponse({"error": "unauthorized"}, status_code=401)
    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
        await server.run(streams[0], streams[1], server.create_initialization_options())
    return Response()


async def handle_messages(scope, receive, send):
    request = Request(scope, receive)
    if not allowed(request):
        await JSONResponse({"error": "unauthorized"}, status_code=401)(scope, receive, send)
        return
    await sse.handle_post_message(scope, receive, send)


app = Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=handle_messages)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
