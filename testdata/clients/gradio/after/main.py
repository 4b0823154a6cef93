from langchain_mcp_adapters.client import MultiServerMCPClient
from smolagents import MCPClient

LETTERS = "http://127.0.0.1:7860/gradio_api/mcp/"

client = MultiServerMCPClient({"letters": {"url": LETTERS, "transport": "streamable_http"}})
space = MCPClient({"url": "https://someone-letters.hf.space/gradio_api/mcp/", "transport": "streamable-http"})
