"""Where the address of an SSE endpoint goes: one decision for each URL, with its reasons.

The order: this repository's own servers (what the server side decided), known vendors (rules/endpoints.toml),
services of a compose file that are not built here, and then every other host, whose `/sse` becomes `/mcp` on the
assumption that it follows the custom.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from migrator.configs.addresses import LOOPBACK, Url, is_template, parse, shown, wholly_template
from migrator.configs.decisions import BY_HAND, Action, Decision, how_to_check
from migrator.configs.services import Service, inside, is_plain
from migrator.configs.vendors import Vendors
from migrator.model import Endpoint


class Urls:
    """Decides about URLs. `remote` is the setting of that name: "assume" swaps hosts that nobody knows, "report" leaves
    them to the user, "probe" asks them over the network.

    evidence: what makes a loopback address that of an own server, apart from its port and path: "" for a path that
    ends like the server's, "path" for the same path (with another port only in a folder above the server), "port" for
    nothing less.
    """

    evidence = ""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        vendors: Sequence[Mapping[str, Any]],
        services: Callable[[], Sequence[Service]],
        remote: str,
        elsewhere: Callable[[str], str] = lambda port: "",
        fronts: Collection[str] = (),
        at_home: Callable[[str, str], bool] = lambda server, path: True,
    ) -> None:
        self.endpoints = endpoints
        self.services = services  # asked for only when an address needs them
        self.remote = remote
        self.elsewhere = elsewhere  # the file of a server in another language at this port, "" for none
        self.fronts = fronts  # images that hand requests on to other services
        self.at_home = at_home  # whether a file lies among what belongs to the server in another one
        self.vendors = Vendors(vendors)

    def decide(self, text: str, path: str = "", streamable: bool = False) -> Decision:
        """What becomes of the URL `text` in the file `path`; `streamable` when it runs as Streamable HTTP already."""
        url = parse(text)
        if url is None:
            return Decision(Action.HAND, reason="its address is not a URL", instruction=BY_HAND)
        own = self._own(url, path)
        if own and not (streamable and own.action is not Action.MOVE):
            return own
        known = self.vendors.decide(url, streamable)
        if known:
            return known
        if streamable:
            return Decision(Action.LEFT, reason="it runs as Streamable HTTP, whatever its path says")
        foreign = self._foreign(url)
        perhaps = self._pathless({url.port}) if url.name in LOOPBACK and url.last == "sse" else []
        # should a server that it may reach stay after all, it stays as well
        return replace(foreign, unit=perhaps[0].unit) if len(perhaps) == 1 and not foreign.unit else foreign

    def mentioned(self, text: str) -> bool:
        """False when no SSE endpoint can be in `text`: neither the word nor a path of this repository's. Cheap."""
        text = text.lower()
        if any(p in text for e in self.endpoints if (p := e.old_path.strip("/").lower())):
            return True
        # begins with the literal: a look-behind first is 20 times slower
        return any(not text[m.start() - 1 : m.start()].isalpha() for m in re.finditer(r"sse(?![a-z])", text))

    def reaches_sse(self, text: str, path: str = "") -> bool:
        """True when the URL `text` by itself is that of an SSE endpoint: by its path, or as one that is known."""
        url = parse(text)
        if url is None:
            return False
        if "sse" in url.path.lower().split("/"):
            return True
        own = self._own(url, path)
        return own is not None and own.action is Action.MOVE

    def _own(self, url: Url, path: str) -> Decision | None:
        """What becomes of an address of this repository's own servers; None where it is somebody else's."""
        services, ports = self._reached(url, path)
        if not services and url.name not in LOOPBACK:
            return self._named(url, path)
        if services and all(s.context is None for s in services):
            if any(is_plain(s.image, self.fronts) for s in services):
                return self._behind(url, services[0], path)
            if not self._may_be_own(url, ports, services[0]):
                return self._image(url, services[0])
            services = []
        return self._built(url, path, ports, services) if services else self._local(url, path, ports)

    def _reached(self, url: Url, path: str) -> tuple[list[Service], set[str]]:
        """The services of compose files that the address reaches, and the ports by which it may reach a server."""
        if url.name not in LOOPBACK:
            return self._near([s for s in self.services() if s.name == url.name], path), {url.port}
        behind = self._near([s for s in self.services() if any(o == url.port for o, _ in s.ports)], path)
        services = [s for s in behind if s.context is not None] or behind
        return services, {url.port} | {inner for s in services for outer, inner in s.ports if outer == url.port}

    def _named(self, url: Url, path: str) -> Decision | None:
        """By the host's name: a server that says its own, or what a container, a service or a variable stands for."""
        named = [
            e for e in self.endpoints if (old := parse(e.old_url)) and old.name == url.name and "{" not in url.name
        ]
        if not named and ("." not in url.name or wholly_template(url.name)):
            named = [e for e in self.endpoints if _listens(e, {url.port})]
        named = [e for e in named if _same_path(url.path, e)]
        sure = "." in url.name and not is_template(url.name)
        return self._at(url, _beside(named, path), certain=sure) if named else None

    def _may_be_own(self, url: Url, ports: set[str], image: Service) -> bool:
        """True when the image behind a published port may well be a server of this repository: port and path say so."""
        may = [e for e in self.endpoints if not self._built_beside(e, image)]
        return url.name in LOOPBACK and any(_listens(e, ports) and _same_path(url.path, e) for e in may)

    def _built(self, url: Url, path: str, ports: set[str], services: Sequence[Service]) -> Decision | None:
        """By the services that are built here: the servers in them."""
        near = [e for e in self.endpoints if any(inside(e, s) for s in services)]
        if not near:
            return self._unseen(services[0]) if url.last == "sse" else None
        near = [e for e in near if _same_path(url.path, e)]
        fitting = [e for e in near if _listens(e, ports)] or near
        return self._at(url, _beside(fitting, path), certain=True) if fitting else None

    def _local(self, url: Url, path: str, ports: set[str]) -> Decision | None:
        """By port and path alone. Nothing stands before a server: another path at its port is another page of it."""
        near = [
            e
            for e in self.endpoints
            if _same_path(url.path, e) and (not (e.listens and e.listens in ports) or _equal_path(url.path, e))
        ]
        exact = [e for e in near if _listens(e, ports)]
        if exact:
            return self._at(url, _beside(exact, path), certain=True)
        if self.vendors.decide(url, False) or self._other_server(url):
            return None
        likely = [e for e in near if self._likely(url, e, path)]
        if not likely and url.last == "sse":  # that of one that stays
            likely = [e for e in self._pathless(ports) if not e.moved]
        return self._at(url, _beside(likely, path), certain=False) if likely else None

    def _pathless(self, ports: set[str]) -> list[Endpoint]:
        """The servers whose path can't be told, and that may listen at one of the ports."""
        return [e for e in self.endpoints if not e.old_path and (not e.listens or e.listens in ports)]

    def _likely(self, url: Url, e: Endpoint, path: str) -> bool:
        """True when an address that only has the path of an endpoint is taken for its address: see `evidence`."""
        other_port = e.moved and e.port and url.port and url.port != e.port  # published there, if it is at all
        if self.evidence == "port" or (other_port and not self.at_home(e.place.path, path)):
            return False
        if self.evidence == "":
            return True
        folder = posixpath.dirname(path)
        above = not folder or e.place.path.startswith(f"{folder}/")
        return _equal_path(url.path, e) and (above or not e.port)

    def _near(self, services: list[Service], path: str) -> list[Service]:
        """Those of the nearest folder above the file `path`; all of them where there is none above."""

        def depth(s: Service) -> int:
            folder = posixpath.dirname(s.path)
            return len(folder) if not folder or path.startswith(f"{folder}/") else -1

        best = max(map(depth, services), default=-1)
        return [s for s in services if depth(s) == best] if best >= 0 else services

    def _behind(self, url: Url, front: Service, path: str) -> Decision | None:
        """What becomes of an address that a proxy answers, by the services that its path names: `/search/sse`."""
        near = [e for e in self.endpoints if _same_path(url.path, e)]
        steps = url.path.strip("/").split("/")
        named = self._near([s for s in self.services() if s.name in steps and s.name != front.name], path)
        if named:
            near = [e for e in near if all(s.context is not None and inside(e, s) for s in named)]
        elif any(s.path == front.path and s.context is None and s.name != front.name for s in self.services()):
            near = []  # or of another image that stands behind it
        else:  # a path that ends so may be another program's
            near = [e for e in near if _equal_path(url.path, e) or e.old_path.strip("/").count("/")]
        return self._at(url, _beside(near, path), certain=bool(named)) if near else self._image(url, front)

    def _built_beside(self, e: Endpoint, image: Service) -> bool:
        """True when the compose file of the service `image` builds the server itself, as another image."""
        beside = [s for s in self.services() if s.path == image.path and s.context is not None and inside(e, s)]
        return bool(beside) and not any(s.image == image.image for s in beside)

    def _at(self, url: Url, endpoints: list[Endpoint], certain: bool) -> Decision:
        endpoints = _closest(endpoints)
        stays = [e for e in endpoints if not e.moved]
        e = (stays or endpoints)[0]
        units = tuple(dict.fromkeys(x.unit for x in endpoints))
        several = len(units) > 1
        where = "a server of this repository" if several else f"the server at {e.place}"
        whose = where if certain else f"it may be {where}, which"
        if stays or len({x.new_path for x in endpoints}) > 1:
            why = f"{whose} stays on SSE in this run" if stays else "several servers of this repository fit the address"
            return Decision(
                Action.HAND, reason=why, instruction="change this entry together with its server", unit=e.unit
            )
        if any(part in e.new_path for part in UNKNOWN):
            why = f"{whose} moves, and its code computes the path of Streamable HTTP"
            todo = "write the address where it answers over Streamable HTTP, and the word for it"
            return Decision(Action.HAND, reason=why, instruction=todo, unit=e.unit)
        suffix = url.path.rstrip("/")
        old = e.old_path.rstrip("/")
        if suffix.endswith(e.new_path.rstrip("/")) and not (old and suffix.endswith(old)):
            new = url
        else:
            kept = suffix[: len(suffix) - len(old)]
            slash = "/" if url.path.endswith("/") and not e.new_path.endswith("/") else ""
            new = replace(url, path=kept + e.new_path + slash)
        check = "" if certain else f"see that this address is {where}: host and port don't say so"
        reason = f"{'every server here that it fits' if several else whose} moves to {e.new_path}"
        return Decision(
            Action.STAY if new == url else Action.MOVE,
            new.text(),
            reason,
            unit="" if several else e.unit,
            assumed=not certain,
            check=check,
            also=units if several else (),
        )

    def _image(self, url: Url, service: Service) -> Decision | None:
        if url.last != "sse":
            return None
        return Decision(
            Action.HAND,
            reason=f"the compose service {service.name!r} ({service.path}) is an image that is not built here",
            instruction="see which transport that image serves; " + BY_HAND,
            elsewhere=any(self._built_beside(e, service) for e in self.endpoints),
        )

    def _unseen(self, service: Service) -> Decision:
        return Decision(
            Action.HAND,
            reason=f"the compose service {service.name!r} ({service.path}) is built here, but no server that this run moves is in it",
            instruction="move that server first, if it still speaks SSE; then " + BY_HAND,
            elsewhere=True,
        )

    def _other_server(self, url: Url) -> str:
        return self.elsewhere(url.port) if url.name in LOOPBACK and url.last == "sse" else ""

    def _foreign(self, url: Url) -> Decision:
        other = self._other_server(url)
        if other:
            why = f"the server in {other}, which this run does not rewrite, may be at this address"
            todo = "change this entry together with that server"
            return Decision(Action.HAND, reason=why, instruction=todo, elsewhere=True)
        if url.last == "mcp":
            decision = Decision(Action.STAY, url.text(), "the address already looks like Streamable HTTP")
        elif url.last == "sse":
            slash = "/" if url.path.endswith("/") else ""
            kept = url.path.rstrip("/")[: -len("/sse")]
            joined = kept if kept.lower().endswith("/mcp") else f"{kept}/mcp"
            new = replace(url, path=joined + slash)
            decision = Decision(Action.MOVE, new.text(), f"nothing is known about {url.host}; /mcp is the custom")
        else:
            return Decision(Action.HAND, reason="no rule tells its new address", instruction=BY_HAND)
        if self.remote == "probe" and not is_template(decision.url):
            return _asked(decision, url.host)
        if self.remote != "assume":
            return Decision(
                Action.HAND,
                reason=f"nothing is known about {url.host}, and --remote is {self.remote!r}",
                instruction=f"{how_to_check(decision.url)}; then {BY_HAND}",
            )
        return replace(decision, assumed=True, check=how_to_check(decision.url))


def _asked(decision: Decision, host: str) -> Decision:
    """The decision as the host confirms it, or by hand."""
    from migrator.configs.probing import ask  # which imports what speaks HTTP

    answer = ask(decision.url)
    if answer.speaks:
        return replace(decision, reason=f"{host} answers there over Streamable HTTP")
    if answer.login:
        reason = f"{host} wants a login there ({answer.said})"
        return replace(decision, reason=reason, assumed=True, check=how_to_check(decision.url))
    return Decision(
        Action.HAND,
        reason=f"asked for Streamable HTTP at {shown(decision.url)}: {answer.said}",
        instruction=f"find its address and {BY_HAND}",
    )


UNKNOWN = ("{path}", "{prefix}")  # in an endpoint's new path: what can't be told


def _equal_path(path: str, e: Endpoint) -> bool:
    return path.rstrip("/") in (e.old_path.rstrip("/"), e.new_path.rstrip("/"))


def _same_path(path: str, e: Endpoint) -> bool:
    path = path.rstrip("/")
    return any(p and p.rstrip("/") and path.endswith(p.rstrip("/")) for p in (e.old_path, e.new_path))


def _closest(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Of those whose path an address ends with, those with most of it: `/shop/sse` is not that of one at `/sse`."""
    most = max((len(e.old_path.strip("/")) for e in endpoints), default=0)
    return [e for e in endpoints if len(e.old_path.strip("/")) == most]


def _listens(e: Endpoint, ports: set[str]) -> bool:
    """True when the server is at one of these ports; "" is one that neither the address nor the code tells."""
    return not ports.isdisjoint((e.port, e.listens))


def _beside(endpoints: list[Endpoint], path: str) -> list[Endpoint]:
    """Those whose code shares most folders with the file `path`: examples that all use one port are told apart so."""

    def shared(e: Endpoint) -> int:
        return len(posixpath.commonprefix([e.place.path.split("/")[:-1], path.split("/")[:-1]]))

    most = max(map(shared, endpoints), default=0)
    return [e for e in endpoints if shared(e) == most]
