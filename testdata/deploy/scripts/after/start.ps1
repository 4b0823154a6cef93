$env:WEATHER_TRANSPORT = "streamable-http"
python .\server.py --transport streamable-http
