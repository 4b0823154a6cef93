from semantic_kernel.connectors.mcp import MCPStreamableHttpPlugin


async def main():
    async with MCPStreamableHttpPlugin(name="Github", description="d", url="http://localhost:8000/mcp") as plugin:
        print(plugin)
