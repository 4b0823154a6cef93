from fastmcp import Context, FastMCP

mcp = FastMCP("weather")


@mcp.tool()
async def ask(ctx: Context) -> str:
    answer = await ctx.elicit("Which city?", response_type=str)
    return answer.data
