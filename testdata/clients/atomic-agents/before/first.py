from atomic_agents.lib.factories.mcp_tool_factory import fetch_mcp_tools

tools = fetch_mcp_tools(mcp_endpoint="http://localhost:8000")
local = fetch_mcp_tools(mcp_endpoint="python server.py", use_stdio=True)
