#!/bin/sh
fastmcp run server.py --transport http
