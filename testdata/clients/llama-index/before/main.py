from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

client = BasicMCPClient("http://127.0.0.1:8000/sse", headers={"A": "b"})
process = BasicMCPClient("python", args=["server.py"])
tools = McpToolSpec(client=client)
