from typing import Literal

from mcp.server.fastmcp import FastMCP
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServerSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ACME_", env_file=".env")

    port: int = 8080
    transport: Literal["stdio", "sse"] = "sse"


class BaseServer:
    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.mcp = FastMCP("acme", port=settings.port)

    def serve(self) -> None:
        self.mcp.run(transport=self.settings.transport)
