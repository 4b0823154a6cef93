import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
export const t = new SSEClientTransport(new URL("http://localhost:8001/sse"));
