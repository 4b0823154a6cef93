$env:MY_TRANSPORT = "streamable-http"
if ($env:MY_TRANSPORT -eq "sse") { Write-Host "http://localhost:8765/mcp" }
python server.py
