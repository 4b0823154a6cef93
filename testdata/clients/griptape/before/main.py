from griptape.tools import MCPTool

tool = MCPTool(connection={"transport": "sse", "url": "http://localhost:8000/sse", "headers": {}})
