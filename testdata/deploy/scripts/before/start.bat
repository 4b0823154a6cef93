@echo off
set WEATHER_TRANSPORT=sse
python server.py --transport sse
