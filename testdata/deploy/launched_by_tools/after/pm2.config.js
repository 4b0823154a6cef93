const kind = process.env.KIND;
module.exports = { apps: [{ script: "calc-mcp", args: `--transport ${kind}` + " --transport sse" }] };
