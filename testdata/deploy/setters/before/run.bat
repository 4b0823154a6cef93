set MY_TRANSPORT=sse
if "%MY_TRANSPORT%"=="sse" echo open http://localhost:8765/sse
if /i "%MY_TRANSPORT%" == "sse" (
  echo x
)
IF NOT "%MY_TRANSPORT%"=="stdio" python server.py
