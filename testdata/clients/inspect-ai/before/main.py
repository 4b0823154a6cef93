from inspect_ai.tool import mcp_server_sse, mcp_tools

server = mcp_server_sse(name="a", url="http://localhost:8000/sse")
