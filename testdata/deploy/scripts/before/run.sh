#!/usr/bin/env bash
# Usage: ./run.sh [sse|stdio]
set -euo pipefail
TRANSPORT="${TRANSPORT:-sse}"
export WEATHER_TRANSPORT=sse
cd "$(dirname "$0")"
if [ "$MODE" = "sse" ]; then
  exec python server.py --transport sse
fi
python3 ./server.py \
  --transport "$TRANSPORT" &
WEATHER_TRANSPORT=sse weather-mcp
uv run --with httpx server.py -t sse > /tmp/log 2>&1
npx -y @modelcontextprotocol/inspector python server.py --transport=sse
uvx other-server --transport sse
docker run --rm -p 8000:8000 -e WEATHER_TRANSPORT=sse weather-mcp --transport sse
docker run --rm -e TRANSPORT=sse example/other --transport sse
echo "listening on http://localhost:8000/sse"
curl -N http://localhost:8000/sse
