from mcp_agent.config import MCPServerSettings, MCPSettings, Settings

settings = Settings(mcp=MCPSettings(servers={"a": MCPServerSettings(transport="sse", url="http://localhost:8000/sse")}))
