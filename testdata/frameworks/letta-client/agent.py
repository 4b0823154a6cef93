import sys

import httpx
from letta_client import Letta
from letta_client.types import CreateSseMcpServerParam


def sent(request: httpx.Request) -> httpx.Response:
    print(request.read().decode(), flush=True)  # letta's server would connect to the server
    sys.exit()


client = Letta(base_url="http://127.0.0.1:9", http_client=httpx.Client(transport=httpx.MockTransport(sent)))
config = CreateSseMcpServerParam(server_url="http://127.0.0.1:8000/sse", mcp_server_type="sse")
client.mcp_servers.create(server_name="demo", config=config)
