import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth import StaticTokenVerifier

auth = StaticTokenVerifier(tokens={"sekret": {"client_id": "ada", "scopes": []}})
mcp = FastMCP("kept", auth=auth)


@mcp.tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


app = mcp.http_app(transport="sse")

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=8200)
