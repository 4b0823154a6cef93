from agents.mcp import MCPServerSse, MCPServerSseParams, MCPServerStdio


async def run() -> None:
    async with MCPServerSse(
        name="SSE Python Server",
        params={
            "url": "http://localhost:8000/sse",
            "timeout": 5,
        },
    ) as server:
        await use(server)


def typed() -> MCPServerSse:
    return MCPServerSse(params=MCPServerSseParams(url="http://localhost:8001/sse"))


async def use(server: MCPServerSse) -> None:
    await server.list_tools()
