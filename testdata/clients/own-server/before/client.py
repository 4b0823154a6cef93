import argparse
import asyncio
import sys

from mcp import ClientSession
from mcp.client.sse import sse_client


async def main(url):
    async with sse_client(url) as (read, write), ClientSession(read, write) as session:
        await session.initialize()


async def given():
    async with sse_client(sys.argv[1]) as (read, write):
        print(read, write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://localhost:8123/sse")
    asyncio.run(main(parser.parse_args().url))
