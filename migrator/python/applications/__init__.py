"""ASGI applications that servers make: served, mounted in others, and the lifespans that must run them."""
