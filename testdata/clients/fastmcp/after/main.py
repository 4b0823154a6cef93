from fastmcp import Client
from fastmcp.client.transports import SSETransport, StreamableHttpTransport

BASE = "http://127.0.0.1:8931"

url_only = Client(f"{BASE}/mcp?key=1")
classes = Client(StreamableHttpTransport(f"{BASE}/mcp", headers={"A": "b"}), timeout=30)
lonely = SSETransport("http://127.0.0.1:8933/sse", sse_read_timeout=30)
attribute = Client(StreamableHttpTransport("http://127.0.0.1:8934/mcp"))
config = Client({"mcpServers": {"demo": {"url": "http://127.0.0.1:8931/mcp", "transport": "http"}}})
kept = StreamableHttpTransport("http://127.0.0.1:8935/sse")


def either(url: str, sse: bool):
    return SSETransport(url) if sse else StreamableHttpTransport(url)
