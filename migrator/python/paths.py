"""Where an endpoint moves: old URL path to new URL path."""

from __future__ import annotations


def moved_path(old: str, new: str = "/mcp") -> str:
    """The new path under the same prefix: "/sse" -> "/mcp", "/x/sse/" -> "/x/mcp", "/events" -> "/mcp".

    A path that is the new one already stays.
    """
    bare = old.rstrip("/")
    if bare == new or bare.endswith(new):
        return bare
    head, _, last = bare.rpartition("/")
    if last == "sse":
        return (head + new) if head else new
    if "/sse/" in bare:  # /sse/{token}: what follows the word belongs to the request
        return bare.replace("/sse/", f"{new}/", 1)
    return new


def joined_path(prefix: str, path: str) -> str:
    """A path below a mount prefix."""
    return prefix.rstrip("/") + "/" + path.lstrip("/")
