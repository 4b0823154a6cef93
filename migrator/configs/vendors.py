"""Hosted servers whose SSE endpoint moved, ended, or stays: the rows of rules/endpoints.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from migrator.configs.addresses import LOOPBACK, Url, parse, shown
from migrator.configs.decisions import BY_HAND, Action, Decision, how_to_check


class Vendors:
    """Decides about URLs that a row speaks about."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = [(_pattern(row), row) for row in rows]

    def decide(self, url: Url, streamable: bool) -> Decision | None:
        """What becomes of `url`; None where no row speaks about it, or it runs as Streamable HTTP already."""
        plain = f"{'127.0.0.1' + (':' + url.port if url.port else '') if url.name in LOOPBACK else url.host}{url.path}"
        for pattern, row in self.rows:
            match = pattern.fullmatch(plain.rstrip("/"))
            if not match:
                continue
            new = row.get("new", "")
            if not row.get("old"):
                return None if streamable else _known(url, url, row, assumed=True)
            gone = row.get("state") == "shut-down"
            if streamable and not gone:
                return None
            if row.get("by-hand") or not new or row.get("evidence") not in ("confirmed", "partly"):
                why = f"{row['vendor']}: " + (
                    "its SSE endpoint is shut down" if gone else "no address for Streamable HTTP is known"
                )
                if row.get("by-hand") and new and not gone:
                    why = f"{row['vendor']}: more than the address changes"
                todo = row.get("by-hand") or f"ask {row['vendor']} for its Streamable HTTP address; " + BY_HAND
                return Decision(Action.HAND, reason=why, instruction=todo, shut_down=gone, vendor=row["vendor"])
            return _known(url, _filled(url, new, match), row, assumed=row["evidence"] == "partly")
        return None


def _known(url: Url, new: Url, row: Mapping[str, Any], assumed: bool) -> Decision:
    reason = f"{row['vendor']} serves Streamable HTTP at {shown(new.text())}"
    if row.get("deadline"):
        reason += f" and ended SSE on {row['deadline']}"
    elif row.get("state") == "shut-down":
        reason += " and has ended SSE"
    if row.get("note"):
        reason += f" ({row['note']})"
    return Decision(
        Action.STAY if new == url else Action.MOVE,
        new.text(),
        reason,
        assumed=assumed,
        check=how_to_check(new.text()) if assumed else "",
        shut_down=row.get("state") == "shut-down",
        vendor=row["vendor"],
    )


def _pattern(row: Mapping[str, Any]) -> re.Pattern[str]:
    """What an address without its scheme and query must be for the row to speak about it."""
    old = re.sub(r"^https?://", "", row.get("old") or row.get("new", ""))
    host, slash, path = old.rstrip("/").partition("/")
    parts = [re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(host))]
    parts += [re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(p)) for p in path.split("/") if slash]
    return re.compile("/".join(parts) + (r"(?P<rest>/.*)?" if row.get("scoped") else ""), re.I)


def _filled(url: Url, new: str, match: re.Match[str]) -> Url:
    """The row's new address with the parts of `url` that the row keeps."""
    groups = match.groupdict()
    rest = groups.pop("rest", None) or ""
    filled = re.sub(r"\{(\w+)\}", lambda m: groups.get(m[1]) or m[0], new)
    target = parse(filled if "://" in filled else f"http://{filled}") or url
    host = url.host if url.name in LOOPBACK and target.name in LOOPBACK else target.host
    path = target.path + rest
    if url.path.endswith("/") and not path.endswith("/"):
        path += "/"
    if url.tail and not path:
        path = "/"
    return Url(url.scheme, host, path, url.tail)
