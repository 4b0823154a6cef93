import os

from acme_common import BaseServer, ServerSettings


def main() -> None:
    BaseServer(ServerSettings(transport=os.getenv("BILLING_TRANSPORT", "streamable-http"))).serve()
