from atomic_agents.connectors.mcp import fetch_mcp_tools

tools = fetch_mcp_tools("http://localhost:8000", transport_type="sse")
