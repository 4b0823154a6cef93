import argparse
from mcp.server.fastmcp import FastMCP


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--transport", choices=["stdio", "sse"], default="stdio")
    a = p.parse_args()
    mcp = FastMCP("calc", port=8080)
    mcp.run(transport=a.transport)


if __name__ == "__main__":
    main()
