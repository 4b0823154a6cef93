module.exports = {
  apps: [
    { name: "calc", script: "calc-mcp", args: "--transport streamable-http --port 8080", interpreter: "none" },
    { name: "calc2", script: "server.py", interpreter: "python3", args: ["--transport", "streamable-http"], env: { CALC_URL: "http://localhost:8080/mcp" } },
    { name: "other", script: "other-mcp", args: "--transport sse" },
  ],
};
