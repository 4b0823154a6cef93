module.exports = {
  apps: [
    { name: "calc", script: "calc-mcp", args: "--transport sse --port 8080", interpreter: "none" },
    { name: "calc2", script: "server.py", interpreter: "python3", args: ["--transport", "sse"], env: { CALC_URL: "http://localhost:8080/sse" } },
    { name: "other", script: "other-mcp", args: "--transport sse" },
  ],
};
