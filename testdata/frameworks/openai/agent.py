import sys

import httpx2
from openai import OpenAI


def sent(request: httpx2.Request) -> httpx2.Response:
    print(request.read().decode(), flush=True)  # the service would connect to the server
    sys.exit()


client = OpenAI(api_key="none", http_client=httpx2.Client(transport=httpx2.MockTransport(sent)))
tool = {"type": "mcp", "server_label": "demo", "server_url": "http://127.0.0.1:8000/sse", "require_approval": "never"}
client.responses.create(model="gpt-5", input="add 1 and 2", tools=[tool])
