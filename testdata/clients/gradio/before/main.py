from langchain_mcp_adapters.client import MultiServerMCPClient
from smolagents import MCPClient

LETTERS = "http://127.0.0.1:7860/gradio_api/mcp/sse"

client = MultiServerMCPClient({"letters": {"url": LETTERS, "transport": "sse"}})
space = MCPClient({"url": "https://someone-letters.hf.space/gradio_api/mcp/sse", "transport": "sse"})
