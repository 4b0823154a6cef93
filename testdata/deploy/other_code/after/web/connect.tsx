// What people copy into their MCP client.
export const config = (base: string) => ({ mcpServers: { search: { type: "sse", url: `${base}/sse` } } });
export const kinds = ["sse", "/sse/", `${process.env.API}/files/sse`];
