import { McpAgent } from "agents/mcp";
export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext) {
    return MyMCP.serveSSE("/sse").fetch(request, env, ctx);
  },
};
export const provider = new OAuthProvider({ apiRoute: "/sse", apiHandler: MyMCP.mount("/sse") });
