import os

from agents import Agent, HostedMCPTool
from openai import AsyncOpenAI, OpenAI

client = OpenAI()
SERVER = {"type": "mcp", "server_label": "files", "server_url": "https://files.example.com/sse", "require_approval": "never"}


class Asker:
    def __init__(self) -> None:
        self.client = AsyncOpenAI()

    async def ask(self, question: str):
        return await self.client.responses.create(
            model="gpt-5",
            input=question,
            tools=[
                {"type": "web_search"},
                {"type": "mcp", "server_label": "deepwiki", "server_url": "https://mcp.deepwiki.com/sse"},
                {"type": "mcp", "server_label": "own", "server_url": os.environ["OWN_URL"]},
                {"type": "mcp", "server_label": "new", "server_url": "https://new.example.com/mcp"},
            ],
        )


def ask(question: str):
    return client.responses.create(model="gpt-5", input=question, tools=[SERVER])


agent = Agent(
    name="a",
    tools=[HostedMCPTool(tool_config={"type": "mcp", "server_label": "g", "server_url": "https://gitmcp.io/a/b/sse"})],
)
other = {"type": "mcp", "server_url": "https://nobody.example.com/sse"}
