#!/bin/bash
if [ "$KIND" = "sse" ]; then
    echo "streaming"
fi
exec weather --transport "$KIND"
