#!/bin/bash
args=("$@")
for arg in "${args[@]}"; do
  if [[ "$arg" == "--transport=sse" ]]; then
    args+=("--port=8000")
  fi
done
exec "${args[@]}"
