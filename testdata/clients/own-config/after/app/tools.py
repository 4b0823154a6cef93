from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client


class Connections:
    async def connect(self, server_url: str):
        streams = await self.stack.enter_async_context(sse_client(url=server_url))
        return streams
