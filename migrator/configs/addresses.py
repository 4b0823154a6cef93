"""URLs as configuration files write them: with templates in any part, and with credentials that nobody should see."""

from __future__ import annotations

import re

from migrator.records import record

HOLE = r"\$\{[^{}]*\}|\$?\{\{[^{}]*\}\}|\{[^{}/?#]*\}|<[^<>/?#]*>|\$\([\w.-]+\)|%\(\w+\)s|\$\w+|%\w+%"  # a place that a template fills
_HOLE = re.compile(HOLE)
_ANY_PORT = re.compile(rf":(?:\d+|{HOLE})$")
_DEFAULT = re.compile(r"\$\{\w+:?-([\w.-]+)\}")
_PORT = re.compile(r":(\d+)$")
_VARIABLE = re.compile(
    r"\$\{(?:(?:env|input|config):(?P<source>[\w.-]+)|(?P<shell>\w+)(?:(?::-|-|:|\|)(?P<default>[^{}]*))?)\}"
    r"|\$(?P<bare>\w+)|\$?\{\{-?\s*(?P<template>[^{}]*?)\s*-?\}\}|%(?P<windows>\w+)%"
)
_SECRET = re.compile(
    r"(?:^|[_-])(?:key|token|secret|password|passwd|auth|sig|signature|code|credential)s?$|api_?key|token$|secret$",
    re.I,
)
LOOPBACK = ("localhost", "127.0.0.1", "0.0.0.0", "[::1]", "[::]", "host.docker.internal", "host.containers.internal")


@record(frozen=True)
class Url:
    """A URL in its parts; templates (`${HOST}`, `{{ host }}`) may stand in any of them."""

    scheme: str
    host: str  # with user and port
    path: str
    tail: str  # query and fragment

    @property
    def name(self) -> str:
        """The host without user and port, in lower case; of `${HOST:-localhost}` the default."""
        return _ANY_PORT.sub("", self._plain().rpartition("@")[2]).lower()

    @property
    def port(self) -> str:
        """The port, the scheme's own where none is written, "" behind a template; of `${PORT:-80}` the default."""
        host = self._plain()
        match = _PORT.search(host)
        if match:
            return match.group(1)
        if _HOLE.search(host):
            return ""
        return {"http": "80", "https": "443"}.get(self.scheme.lower(), "")

    def _plain(self) -> str:
        return _DEFAULT.sub(r"\1", self.host)

    @property
    def last(self) -> str:
        """The last part of the path, in lower case."""
        return self.path.rstrip("/").rpartition("/")[2].lower()

    def text(self) -> str:
        """The whole URL."""
        return (
            f"{self.scheme}://{self.host}{self.path}{self.tail}"
            if self.scheme
            else f"{self.host}{self.path}{self.tail}"
        )


def parse(text: str) -> Url | None:
    """`text` as a URL of HTTP, or None. One that begins with a template counts where a path follows it."""
    text = text.strip()
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", text)
    begin = scheme.end() if scheme else 0
    slash = _until(text, begin, "/?#")
    tail = _until(text, slash, "?#")
    url = Url(scheme.group(1) if scheme else "", text[begin:slash], text[slash:tail], text[tail:])
    if not url.host or re.search(r"\s", _HOLE.sub("", text)):
        return None
    if scheme:
        return url if url.scheme.lower() in ("http", "https") else None
    local = _PORT.sub("", url.host).lower() in LOOPBACK
    return url if url.path and (_HOLE.match(url.host) or local) else None


def _until(text: str, at: int, stops: str) -> int:
    """Where the first of `stops` stands that is not inside a template."""
    while at < len(text) and text[at] not in stops:
        hole = _HOLE.match(text, at)
        at = hole.end() if hole else at + 1
    return at


def is_template(text: str) -> bool:
    """True when a template stands somewhere in `text`."""
    return _HOLE.search(text) is not None


def between_templates(text: str) -> list[str]:
    """What is written around the templates in `text`: one piece more than there are templates."""
    return _HOLE.split(text)


def wholly_template(text: str) -> bool:
    """True when a template stands for all of a host: no domain that somebody owns is left beside it."""
    return is_template(text) and "." not in _HOLE.sub("", text)


def variable(text: str) -> tuple[str, str] | None:
    """(name, default) when a template stands for the whole URL `text`; else None."""
    match = _VARIABLE.fullmatch(text.strip())
    if not match:
        return None
    groups = match.groupdict()
    default = groups.pop("default") or ""
    return next(g for g in groups.values() if g is not None), default


def shown(text: str) -> str:
    """`text` for people: the values of credentials in it are left out."""
    text = re.sub(r"(://)[^/@\s]+@", r"\1...@", text)
    return re.sub(r"([?&])([\w.-]+)=([^&#\s]*)", lambda m: f"{m[1]}{m[2]}=..." if _SECRET.search(m[2]) else m[0], text)


def credentials(text: str) -> list[str]:
    """The names of query parameters of `text` that carry credentials."""
    query = text.partition("?")[2].partition("#")[0]
    return [name for name in re.findall(r"(?:^|&)([\w.-]+)=[^&]", query) if _SECRET.search(name)]


def looks_like_sse(text: str) -> bool:
    """True when the path of the URL `text` ends in /sse."""
    url = parse(text)
    return url is not None and url.last == "sse"
