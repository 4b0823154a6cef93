import argparse
import os

from mcp.server.fastmcp import FastMCP

parser = argparse.ArgumentParser()
parser.add_argument("--transport", default=os.getenv("MCP_TRANSPORT", "stdio"))
args = parser.parse_args()
mcp = FastMCP("m", host="0.0.0.0", port=int(os.getenv("PORT", "8050")))
mcp.run(transport=args.transport)
