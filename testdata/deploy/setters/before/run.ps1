$env:MY_TRANSPORT = "sse"
if ($env:MY_TRANSPORT -eq "sse") { Write-Host "http://localhost:8765/sse" }
python server.py
