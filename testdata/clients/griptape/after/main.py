from griptape.tools import MCPTool

tool = MCPTool(connection={"transport": "streamable_http", "url": "http://localhost:8000/mcp", "headers": {}})
