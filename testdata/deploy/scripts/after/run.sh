#!/usr/bin/env bash
# Usage: ./run.sh [sse|stdio]
set -euo pipefail
TRANSPORT="${TRANSPORT:-streamable-http}"
export WEATHER_TRANSPORT=streamable-http
cd "$(dirname "$0")"
if [ "$MODE" = "sse" ]; then
  exec python server.py --transport streamable-http
fi
python3 ./server.py \
  --transport "$TRANSPORT" &
WEATHER_TRANSPORT=streamable-http weather-mcp
uv run --with httpx server.py -t streamable-http > /tmp/log 2>&1
npx -y @modelcontextprotocol/inspector python server.py --transport=streamable-http
uvx other-server --transport sse
docker run --rm -p 8000:8000 -e WEATHER_TRANSPORT=streamable-http weather-mcp --transport streamable-http
docker run --rm -e TRANSPORT=sse example/other --transport sse
echo "listening on http://localhost:8000/mcp"
curl -N http://localhost:8000/sse
