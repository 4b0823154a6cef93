from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    mcp_server_url: str = "http://localhost:8000/sse"
    other_url: str = "http://localhost:9000/events"
settings = Settings()
