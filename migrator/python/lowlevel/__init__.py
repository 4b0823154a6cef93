"""Servers that are wired by hand with the SDK's SseServerTransport."""
