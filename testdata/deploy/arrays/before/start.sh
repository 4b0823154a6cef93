#!/bin/sh
OPTIONS="--transport sse"
LIST=(--transport sse)
weather $OPTIONS &
weather "${LIST[@]}"
