import { FastMCP } from "fastmcp";

await server.start({ transportType: process.env.TRANSPORT, sse: { endpoint: "/sse", port: 8080 } });
