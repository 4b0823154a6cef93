from autogen_ext.tools.mcp import mcp_server_tools, StreamableHttpServerParams, StreamableHttpMcpToolAdapter


async def tools():
    params = StreamableHttpServerParams(url="http://localhost:8000/mcp", timeout=5, sse_read_timeout=60)
    return await mcp_server_tools(params)


async def one():
    params = StreamableHttpServerParams(url="http://localhost:8001/mcp")
    return await StreamableHttpMcpToolAdapter.from_server_params(params, "add")
