import argparse
import os
from mcp.server.fastmcp import FastMCP
parser = argparse.ArgumentParser()
parser.add_argument("--transport", default=os.getenv("W_TRANSPORT", "stdio"), choices=["stdio", "sse"])
args = parser.parse_args()
mcp = FastMCP("w", port=8000)
mcp.run(transport=args.transport)
