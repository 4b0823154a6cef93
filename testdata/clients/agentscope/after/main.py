from agentscope.mcp import HttpStatefulClient, HttpStatelessClient

one = HttpStatefulClient(name="a", transport="streamable_http", url="http://localhost:8000/mcp")
two = HttpStatelessClient("b", "streamable_http", "http://localhost:8001/mcp")
