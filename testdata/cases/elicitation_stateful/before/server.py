from fastmcp import Context, FastMCP

mcp = FastMCP("careful")


@mcp.tool
async def delete_file(name: str, ctx: Context) -> str:
    """Delete a file, after asking."""
    answer = await ctx.elicit(f"Really delete {name}?", response_type=str)
    if answer.action != "accept" or answer.data != "yes":
        return f"kept {name}"
    return f"deleted {name}"


if __name__ == "__main__":
    mcp.run(transport="sse", host="127.0.0.1", port=8100)
