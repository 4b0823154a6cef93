import anthropic

client = anthropic.Anthropic()


def ask(question: str):
    return client.beta.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=1000,
        messages=[{"role": "user", "content": question}],
        mcp_servers=[{"type": "url", "url": "https://tools.example.com/sse", "name": "tools", "authorization_token": "t"}],
        betas=["mcp-client-2025-04-04"],
    )


def image(question: str):
    return client.beta.messages.create(
        model="m", max_tokens=9, messages=[{"role": "user", "content": [{"type": "url", "url": "https://x.com/sse"}]}]
    )
