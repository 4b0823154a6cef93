from agents.mcp import MCPServerSse, MCPServerSseParams


async def main() -> None:
    params: MCPServerSseParams = {"url": "http://localhost:8491/sse", "timeout": 5}
    async with MCPServerSse(name="recipes", params=params) as server:
        print(await server.list_tools())
