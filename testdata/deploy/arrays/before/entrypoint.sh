#!/bin/bash
set -e

MODE=${MODE:-"stdio"}
ARGS=(
  # nothing yet: sse is not a word here
)
if [ "$MODE" != "stdio" ]; then
    echo "serving"
fi
ARGS+=("--transport" "$MODE")
exec weather "${ARGS[@]}"
