from camel.toolkits import MCPToolkit
from camel.utils.mcp_client import MCPClient, ServerConfig

client = MCPClient(ServerConfig(url="http://localhost:8000/mcp", type="streamable_http"))
toolkit = MCPToolkit(
    config_dict={
        "mcpServers": {
            "said": {"url": "http://localhost:8001/mcp", "type": "streamable_http"},
            "silent": {"url": "http://localhost:8002/mcp"},
            "local": {"command": "python", "args": ["server.py"]},
        }
    }
)
preferred = ServerConfig(url="http://localhost:8003/sse", prefer_sse=True)
