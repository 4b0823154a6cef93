param([string]$Url = "http://localhost:8001/sse", [int]$Port = 8001)
$Other = "http://localhost:8001/sse"
npx @modelcontextprotocol/inspector --cli $Url --transport sse --method tools/list
npx @modelcontextprotocol/inspector --cli $Other --transport sse --method tools/list
