#!/bin/sh
fastmcp run server.py --transport sse
