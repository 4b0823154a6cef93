"""Asks a host whether an address speaks Streamable HTTP: what `--remote probe` does, and nothing else in a migration.

The request is what any MCP client sends first. It carries no credentials but those that stand in the address.
"""

from __future__ import annotations

import functools
from urllib.parse import urlsplit

from migrator.records import record

SECONDS = 5.0
LOGIN = (401, 403)


@record(frozen=True)
class Answer:
    """What a host said. speaks: it initialized. login: it wants a login first, so nothing is known. said: for people."""

    speaks: bool
    login: bool = False
    said: str = ""


@functools.cache  # every room asks about the same addresses
def ask(url: str) -> Answer:
    """What the host of `url` says to `initialize` over Streamable HTTP, within SECONDS. Raises nothing."""
    from migrator.verify.talk import StreamableHttpTalk, TalkError
    from migrator.verify.wire import WireError

    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        with StreamableHttpTalk(f"{parts.scheme}://{parts.netloc}", path, timeout=SECONDS) as talk:
            talk.initialize()
    except TalkError as error:
        said = f"status {error.status}" if error.status else str(error)
        return Answer(False, error.status in LOGIN, said)
    except (WireError, ValueError) as error:
        return Answer(False, said=str(error))
    return Answer(True)
