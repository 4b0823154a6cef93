import httpx
from httpx_sse import aconnect_sse
from mcp import ClientSession
from openai import OpenAI
from sseclient import SSEClient
from sse_starlette.sse import EventSourceResponse

from mine import MCPServerSse, SSETransport, sse_client

URL = "http://localhost:8000/sse"


async def main():
    async with httpx.AsyncClient() as client, aconnect_sse(client, "GET", URL) as source:
        async for event in source.aiter_sse():
            print(event)
    for event in SSEClient(URL):
        print(event)
    OpenAI().chat.completions.create(model="m", messages=[], stream=True)
    async with sse_client(URL) as (read, write):
        print(ClientSession, read, write, SSETransport(URL), MCPServerSse(params={"url": URL}))
    return EventSourceResponse(iter(()))
