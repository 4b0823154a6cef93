#!/bin/sh
OPTIONS="--transport streamable-http"
LIST=(--transport streamable-http)
weather $OPTIONS &
weather "${LIST[@]}"
