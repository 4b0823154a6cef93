import { createMcpHandler } from "mcp-handler";
export const GET = createMcpHandler(setup, {}, { basePath: "/api", sseEndpoint: "/sse", disableSse: false });
