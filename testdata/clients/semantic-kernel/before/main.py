from semantic_kernel.connectors.mcp import MCPSsePlugin


async def main():
    async with MCPSsePlugin(name="Github", description="d", url="http://localhost:8000/sse") as plugin:
        print(plugin)
