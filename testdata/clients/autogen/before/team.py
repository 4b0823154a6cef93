from autogen_ext.tools.mcp import SseMcpToolAdapter, SseServerParams, mcp_server_tools


async def tools():
    params = SseServerParams(url="http://localhost:8000/sse", timeout=5, sse_read_timeout=60)
    return await mcp_server_tools(params)


async def one():
    params = SseServerParams(url="http://localhost:8001/sse")
    return await SseMcpToolAdapter.from_server_params(params, "add")
