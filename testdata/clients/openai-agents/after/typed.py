from agents.mcp import MCPServerStreamableHttp, MCPServerStreamableHttpParams


async def main() -> None:
    params: MCPServerStreamableHttpParams = {"url": "http://localhost:8491/mcp", "timeout": 5}
    async with MCPServerStreamableHttp(name="recipes", params=params) as server:
        print(await server.list_tools())
