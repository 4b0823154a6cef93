import argparse
import os

from fastmcp import FastMCP

mcp = FastMCP("pay")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", default=os.getenv("PAY_TRANSPORT", "stdio"), choices=["stdio", "sse"])
    mcp.run(transport=parser.parse_args().transport)
