import os

from langchain_mcp_adapters.client import MultiServerMCPClient

client = MultiServerMCPClient(
    {
        "notes": {"url": os.environ["NOTES_URL"], "transport": "streamable_http"},
        "other": {"url": os.environ["OTHER_URL"], "transport": "sse"},
    }
)
