@echo off
set WEATHER_TRANSPORT=streamable-http
python server.py --transport streamable-http
