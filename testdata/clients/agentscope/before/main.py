from agentscope.mcp import HttpStatefulClient, HttpStatelessClient

one = HttpStatefulClient(name="a", transport="sse", url="http://localhost:8000/sse")
two = HttpStatelessClient("b", "sse", "http://localhost:8001/sse")
