#!/bin/sh
exec python /app/server.py --transport "${WEATHER_MODE:-sse}" "$@"
