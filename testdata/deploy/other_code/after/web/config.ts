export const MCP_URL = process.env.MCP_URL ?? "http://localhost:8001/sse";
