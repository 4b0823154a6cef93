import uvicorn
from fastapi import FastAPI
from fastapi_mcp import FastApiMCP

app = FastAPI()


@app.get("/add", operation_id="add")
def add(a: int, b: int) -> int:
    return a + b


@app.get("/greet", operation_id="greet")
def greet(name: str) -> str:
    return f"Hello, {name}"


mcp = FastApiMCP(app)
mcp.mount_sse()

if __name__ == "__main__":
    uvicorn.run(app, port=8000)
