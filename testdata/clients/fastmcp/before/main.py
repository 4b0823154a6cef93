from fastmcp import Client
from fastmcp.client import transports
from fastmcp.client.transports import SSETransport, StreamableHttpTransport

BASE = "http://127.0.0.1:8931"

url_only = Client(f"{BASE}/sse?key=1")
classes = Client(SSETransport(f"{BASE}/sse", headers={"A": "b"}, sse_read_timeout=30))
lonely = SSETransport("http://127.0.0.1:8933/sse", sse_read_timeout=30)
attribute = Client(transports.SSETransport("http://127.0.0.1:8934/sse"))
config = Client({"mcpServers": {"demo": {"url": "http://127.0.0.1:8931/sse", "transport": "sse"}}})
kept = StreamableHttpTransport("http://127.0.0.1:8935/sse")


def either(url: str, sse: bool):
    return SSETransport(url) if sse else StreamableHttpTransport(url)
