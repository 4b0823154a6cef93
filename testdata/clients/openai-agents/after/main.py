from agents.mcp import MCPServerStdio, MCPServerStreamableHttp, MCPServerStreamableHttpParams


async def run() -> None:
    async with MCPServerStreamableHttp(
        name="SSE Python Server",
        params={
            "url": "http://localhost:8000/mcp",
            "timeout": 5,
        },
    ) as server:
        await use(server)


def typed() -> MCPServerStreamableHttp:
    return MCPServerStreamableHttp(params=MCPServerStreamableHttpParams(url="http://localhost:8001/mcp"))


async def use(server: MCPServerStreamableHttp) -> None:
    await server.list_tools()
