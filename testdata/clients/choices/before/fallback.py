from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client


async def connect(stack, base):
    try:
        return await stack.enter_async_context(streamable_http_client(f"{base}/mcp"))
    except Exception:
        return await stack.enter_async_context(sse_client(f"{base}/sse"))
