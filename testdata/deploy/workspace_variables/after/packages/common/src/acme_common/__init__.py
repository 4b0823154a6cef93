from typing import Literal

from mcp.server.fastmcp import FastMCP
from pydantic_settings import BaseSettings, SettingsConfigDict
import sys


def _current_transport(name):
    """The retired transport name "sse" now means Streamable HTTP."""
    if isinstance(name, str) and name.lower() == "sse":
        print('transport "sse" is retired: serving Streamable HTTP, say "streamable-http"', file=sys.stderr)
        return "streamable-http"
    return name


class ServerSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ACME_", env_file=".env")

    port: int = 8080
    transport: Literal["stdio", "streamable-http", "sse"] = "streamable-http"


class BaseServer:
    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.mcp = FastMCP("acme", port=settings.port, stateless_http=True)

    def serve(self) -> None:
        self.mcp.run(transport=_current_transport(self.settings.transport))
