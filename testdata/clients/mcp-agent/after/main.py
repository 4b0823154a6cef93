from mcp_agent.config import MCPServerSettings, MCPSettings, Settings

settings = Settings(mcp=MCPSettings(servers={"a": MCPServerSettings(transport="streamable_http", url="http://localhost:8000/mcp")}))
