import { FastMCP } from "fastmcp";
server.start({ transportType: "sse", sse: { endpoint: "/sse", port: 8080 } });
