class SSETransport:
    def __init__(self, url):
        self.url = url


class MCPServerSse:
    def __init__(self, params):
        self.params = params


def sse_client(url):
    return SSETransport(url)
