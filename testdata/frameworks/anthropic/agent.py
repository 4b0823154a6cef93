import sys

import httpx2
from anthropic import Anthropic


def sent(request: httpx2.Request) -> httpx2.Response:
    print(request.read().decode(), flush=True)  # the service would connect to the server
    sys.exit()


client = Anthropic(api_key="none", http_client=httpx2.Client(transport=httpx2.MockTransport(sent)))
client.beta.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=1000,
    messages=[{"role": "user", "content": "add 1 and 2"}],
    mcp_servers=[{"type": "url", "name": "demo", "url": "http://127.0.0.1:8000/sse"}],
    betas=["mcp-client-2025-04-04"],
)
