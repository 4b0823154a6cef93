set MY_TRANSPORT=streamable-http
if "%MY_TRANSPORT%"=="sse" echo open http://localhost:8765/mcp
if /i "%MY_TRANSPORT%" == "sse" (
  echo x
)
IF NOT "%MY_TRANSPORT%"=="stdio" python server.py
