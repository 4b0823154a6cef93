import os

import mcp.types as types
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.sse import SseServerTransport
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

SCHEMA = {"type": "object", "properties": {"note": {"type": "string"}}, "required": ["note"]}
sse = SseServerTransport("/messages/")


def server_with(notes: list[str]) -> Server:
    server = Server("notes of one stream")

    @server.list_tools()
    async def list_tools() -> list[types.Tool]:
        return [types.Tool(name="remember", description="Remember a note", inputSchema=SCHEMA)]

    @server.call_tool()
    async def call_tool(name: str, arguments: dict) -> list[types.TextContent]:
        notes.append(arguments["note"])
        return [types.TextContent(type="text", text=f"{len(notes)} notes")]

    return server


async def handle_sse(request):
    notes: list[str] = []
    server = server_with(notes)
    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
        await server.run(streams[0], streams[1], server.create_initialization_options())
    print("forgotten:", notes)
    return Response()


app = Starlette(
    routes=[
        Route("/sse", endpoint=handle_sse),
        Mount("/messages/", app=sse.handle_post_message),
    ],
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
