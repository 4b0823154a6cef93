import argparse
import asyncio
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


async def main(url):
    async with streamable_http_client(url) as (read, write, *_), ClientSession(read, write) as session:
        await session.initialize()


async def given():
    async with streamable_http_client(sys.argv[1]) as (read, write, *_):
        print(read, write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://localhost:8123/mcp")
    asyncio.run(main(parser.parse_args().url))
