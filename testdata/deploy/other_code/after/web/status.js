// Is the MCP server up?
const es = new EventSource("/sse");
const news = new EventSource("/news/sse");
