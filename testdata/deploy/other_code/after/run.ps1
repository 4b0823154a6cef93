param([string]$Url = "http://localhost:8001/mcp", [int]$Port = 8001)
$Other = "http://localhost:8001/mcp"
npx @modelcontextprotocol/inspector --cli $Url --transport http --method tools/list
npx @modelcontextprotocol/inspector --cli $Other --transport http --method tools/list
