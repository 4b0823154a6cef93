from inspect_ai.tool import mcp_tools, mcp_server_http

server = mcp_server_http(name="a", url="http://localhost:8000/mcp")
