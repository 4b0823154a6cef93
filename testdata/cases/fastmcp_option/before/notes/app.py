from fastmcp import FastMCP

mcp = FastMCP("notes")


@mcp.tool
def word_count(text: str) -> int:
    """Count the words of a note."""
    return len(text.split())
