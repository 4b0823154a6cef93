from mcp.client.sse import sse_client


class Connection:
    def __init__(self, url: str):
        self.url = url

    async def open(self):
        self.context = sse_client(url=self.url)
        return await self.context.__aenter__()
