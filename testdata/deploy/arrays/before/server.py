import argparse
import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather", port=8000)


@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-t", "--transport", choices=["stdio", "sse"], default=os.getenv("WEATHER_TRANSPORT", "sse"))
    mcp.run(transport=parser.parse_args().transport)


if __name__ == "__main__":
    main()
