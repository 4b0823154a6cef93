from camel.toolkits import MCPToolkit
from camel.utils.mcp_client import MCPClient, ServerConfig

client = MCPClient(ServerConfig(url="http://localhost:8000/sse", type="sse"))
toolkit = MCPToolkit(
    config_dict={
        "mcpServers": {
            "said": {"url": "http://localhost:8001/sse", "type": "sse"},
            "silent": {"url": "http://localhost:8002/sse"},
            "local": {"command": "python", "args": ["server.py"]},
        }
    }
)
preferred = ServerConfig(url="http://localhost:8003/sse", prefer_sse=True)
