"""Where the address of an SSE endpoint goes."""

from __future__ import annotations

import pytest
from configs_support import BOOK, server

from migrator.configs.addresses import credentials, looks_like_sse, parse, shown, variable
from migrator.configs.decisions import Action, Decision
from migrator.configs.services import Service
from migrator.configs.urls import Urls
from migrator.model import Endpoint, Place

VENDORS = BOOK.toml("endpoints.toml")["endpoint"]


def decide(
    url: str,
    *endpoints: Endpoint,
    services: tuple[Service, ...] = (),
    remote: str = "assume",
    path: str = "",
    streamable: bool = False,
) -> Decision:
    return Urls(endpoints, VENDORS, lambda: services, remote).decide(url, path, streamable)


@pytest.mark.parametrize(
    ("url", "new"),
    [
        ("https://example.com/sse", "https://example.com/mcp"),
        ("https://example.com/sse/", "https://example.com/mcp/"),
        ("https://example.com/api/v1/sse", "https://example.com/api/v1/mcp"),
        ("https://example.com:8443/a/sse?x=1&y=%20#f", "https://example.com:8443/a/mcp?x=1&y=%20#f"),
        ("https://me:pw@example.com/sse", "https://me:pw@example.com/mcp"),
        ("http://[::1]:8000/sse", "http://[::1]:8000/mcp"),
        ("http://10.0.0.7/sse", "http://10.0.0.7/mcp"),
        ("http://${HOST}:${PORT:-8000}/sse", "http://${HOST}:${PORT:-8000}/mcp"),
        ("https://${input:fqdn}/sse", "https://${input:fqdn}/mcp"),
        ("{{ base_url }}/sse", "{{ base_url }}/mcp"),
        ("${BASE}/team/sse?k={{ key }}", "${BASE}/team/mcp?k={{ key }}"),
        ("https://<YOUR HOST>/sse", "https://<YOUR HOST>/mcp"),
        ("localhost:8000/sse", "localhost:8000/mcp"),
        ("https://example.com/mcp/sse", "https://example.com/mcp"),
        ("HTTPS://Example.com/SSE", "HTTPS://Example.com/mcp"),
    ],
)
def test_other_hosts_are_swapped_and_marked(url: str, new: str) -> None:
    decision = decide(url)
    assert (decision.action, decision.url) == (Action.MOVE, new)
    assert decision.assumed and "curl" in decision.check and "404" in decision.check


def test_the_server_beside_the_file_is_meant_where_several_use_one_port() -> None:
    near = server(unit="near", place=Place("examples/a/server.py", 3))
    far = server(unit="far", place=Place("examples/b/server.py", 3))
    assert decide("http://localhost:8000/sse", far, near, path="examples/a/mcp.json").unit == "near"
    assert decide("http://localhost:8000/sse", far, near, path="examples/b/x/mcp.json").unit == "far"


def test_no_server_is_named_where_any_could_be_meant() -> None:
    servers = (server(unit="one", port="8001"), server(unit="two", port="8002"))
    decision = decide("http://localhost:8765/sse", *servers)
    assert (decision.action, decision.url, decision.unit) == (Action.MOVE, "http://localhost:8765/mcp", "")
    assert decision.assumed and "server.py" not in decision.reason
    assert decision.also == ("one", "two")
    stays = decide("http://localhost:8765/sse", *servers, server(unit="three", port="8003", moved=False))
    assert (stays.action, stays.unit) == (Action.HAND, "three")


def test_an_address_that_names_mcp_already_stays() -> None:
    decision = decide("https://example.com/mcp")
    assert decision.action is Action.STAY and decision.assumed


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/events",
        "https://example.com/sse/key",
        "<your url>",
        "${URL}",
        "sse",
        "stdio://x/sse",
    ],
)
def test_what_no_rule_tells_is_by_hand(url: str) -> None:
    assert decide(url).action is Action.HAND


def test_remote_report_leaves_hosts_that_nobody_knows() -> None:
    decision = decide("http://localhost:8000/sse", remote="report")
    assert decision.action is Action.HAND and "report" in decision.reason and "curl" in decision.instruction
    assert decide("https://mcp.linear.app/sse", remote="report").action is Action.MOVE


@pytest.mark.parametrize(
    ("url", "new"),
    [
        ("https://mcp.linear.app/sse", "https://mcp.linear.app/mcp"),
        ("https://mcp.atlassian.com/v1/sse", "https://mcp.atlassian.com/v1/mcp"),
        ("https://mcp.sentry.dev/sse/my-org/my-project?x=1", "https://mcp.sentry.dev/mcp/my-org/my-project?x=1"),
        ("https://mcp.us-east4.gcp.keboola.com/sse", "https://mcp.us-east4.gcp.keboola.com/mcp"),
        ("https://docs.mcp.cloudflare.com/sse", "https://docs.mcp.cloudflare.com/mcp"),
        ("https://mcp.figma.com/v1/sse", "https://mcp.figma.com/mcp"),
        ("https://mcp.stripe.com/sse", "https://mcp.stripe.com"),
        ("https://mcp.vercel.com/sse/", "https://mcp.vercel.com/"),
        ("https://mcp.notion.so/sse", "https://mcp.notion.com/mcp"),
        ("https://mcp.netlify.com/sse", "https://netlify-mcp.netlify.app/mcp"),
        ("https://MCP.Octagonai.co/sse", "https://mcp.octagonagents.com/mcp"),
        (
            "https://f.azurewebsites.net/runtime/webhooks/mcp/sse?code=x",
            "https://f.azurewebsites.net/runtime/webhooks/mcp?code=x",
        ),
    ],
)
def test_known_vendors(url: str, new: str) -> None:
    decision = decide(url)
    assert (decision.action, decision.url, decision.assumed) == (Action.MOVE, new, False)
    assert decision.vendor


@pytest.mark.parametrize(
    ("url", "new"),
    [
        ("https://api.dashboard.plaid.com/mcp/sse", "https://api.dashboard.plaid.com/mcp/"),
        ("https://mcp.apify.com/sse?token=t&actors=a/b", "https://mcp.apify.com/?token=t&actors=a/b"),
        ("http://localhost:3845/sse", "http://localhost:3845/mcp"),
        ("http://homeassistant.local:8123/mcp_server/sse", "http://homeassistant.local:8123/api/mcp"),
    ],
)
def test_vendors_that_only_third_parties_describe_are_marked(url: str, new: str) -> None:
    decision = decide(url)
    assert (decision.action, decision.url, decision.assumed) == (Action.MOVE, new, True)


@pytest.mark.parametrize(
    ("url", "shut_down"),
    [
        ("https://mcp.asana.com/sse", True),
        ("https://mcp.slack.com/sse", True),
        ("https://mcp.amap.com/sse?key=k", False),
        ("https://graphql.mcp.cloudflare.com/sse", False),
        ("https://mcp.globalping.dev/sse", False),
        ("http://127.0.0.1:64342/sse", False),
        ("https://bgpt.pro/mcp/sse", False),
        ("https://mcp.zapier.com/api/mcp/s/abc/sse", False),
    ],
)
def test_vendors_that_need_more_than_an_address_are_by_hand(url: str, shut_down: bool) -> None:
    decision = decide(url)
    assert (decision.action, decision.shut_down) == (Action.HAND, shut_down)
    assert decision.vendor and decision.instruction


def test_a_server_that_never_had_sse_keeps_its_address() -> None:
    assert decide("https://huggingface.co/mcp").action is Action.STAY


def test_the_query_of_a_vendor_is_kept_and_not_shown() -> None:
    decision = decide("https://mcp.apify.com/sse?token=SECRET")
    assert "SECRET" in decision.url
    assert "SECRET" not in decision.reason + decision.check + decision.instruction


@pytest.mark.parametrize(
    ("url", "action"),
    [
        ("https://example.com/sse", Action.LEFT),
        ("https://docs.mcp.cloudflare.com/sse", Action.LEFT),
        ("https://mcp.linear.app/sse", Action.LEFT),
        ("https://mcp.sentry.dev/sse", Action.MOVE),
        ("https://mcp.asana.com/sse", Action.HAND),
    ],
)
def test_what_runs_as_streamable_http_is_left_unless_it_is_gone(url: str, action: Action) -> None:
    assert decide(url, streamable=True).action is action


def test_the_rows_are_well_formed() -> None:
    for row in VENDORS:
        assert row["vendor"] and row["source"]
        assert row["evidence"] in ("confirmed", "partly", "seen", "") if "evidence" in row else not row.get("new")
        assert row.get("state", "") in ("", "shut-down", "alias", "served")
        if row.get("new") and row.get("evidence") != "seen":
            old = row["old"].replace("{", "").replace("}", "")
            old = old if "://" in old else f"http://{old}"
            assert decide(old).vendor == row["vendor"], row["old"]


# ------------------------------------------------------------------------------------ this repository's own servers


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal", "[::1]"])
def test_an_own_server_is_followed(host: str) -> None:
    decision = decide(f"http://{host}:8000/sse", server())
    assert (decision.action, decision.url) == (Action.MOVE, f"http://{host}:8000/mcp")
    assert (decision.unit, decision.assumed) == ("unit-1", False)


def test_an_own_server_decides_the_path() -> None:
    own = server(old_path="/events", new_path="/api/rpc")
    assert decide("http://localhost:8000/events?a=1", own).url == "http://localhost:8000/api/rpc?a=1"
    assert decide("http://localhost:9000/proxied/events", own).url == "http://localhost:9000/proxied/api/rpc"
    assert not decide("http://localhost:8000/other/events", own).unit  # another page of the same program


def test_an_own_server_behind_its_new_address_stays() -> None:
    decision = decide("http://localhost:8000/mcp", server())
    assert (decision.action, decision.unit) == (Action.STAY, "unit-1")


def test_an_own_server_that_stays_holds_its_clients_back() -> None:
    decision = decide("http://localhost:8000/sse", server(moved=False))
    assert decision.action is Action.HAND and "server.py:3" in decision.reason


def test_a_port_that_does_not_match_is_probably_the_only_server() -> None:
    decision = decide("http://localhost:9999/sse", server())
    assert (decision.unit, decision.assumed) == ("unit-1", True)
    assert decide("http://localhost:9999/sse", server(port="")).unit == "unit-1"
    assert decide("http://localhost:9999/other", server()).action is Action.HAND


def test_one_of_several_servers_is_told_by_its_port() -> None:
    two = (server(), server(name="b", unit="unit-2", port="8001", new_path="/b"))
    assert decide("http://localhost:8001/sse", *two).url == "http://localhost:8001/b"
    assert decide("http://localhost:8000/sse", *two).unit == "unit-1"
    assert decide("http://localhost:7000/sse", *two).action is Action.HAND


def test_a_vendor_on_this_machine_is_not_an_own_server() -> None:
    assert decide("http://localhost:3845/sse", server()).vendor.startswith("Figma")
    assert decide("http://localhost:3845/sse", server(port="3845")).unit == "unit-1"


def test_a_public_name_of_an_own_server() -> None:
    own = server(old_url="https://weather.example.com/sse")
    assert decide("https://weather.example.com/sse", own).unit == "unit-1"
    assert decide("https://weather.example.com/health", own).action is Action.HAND
    assert decide("https://other.example.com/sse", own).unit == ""


@pytest.mark.parametrize(
    ("url", "assumed"),
    [
        ("http://${HOST:-localhost}:${PORT:-8000}/sse", False),
        ("http://localhost:${PORT:-8000}/sse", False),
        ("http://localhost:${PORT}/sse", True),
        ("http://${HOST}:8000/sse", True),
        ("${BASE_URL}/sse", None),
    ],
)
def test_templates_are_matched_by_their_defaults(url: str, assumed: bool | None) -> None:
    decision = decide(url, server())
    assert decision.url == url.replace("/sse", "/mcp")
    assert (decision.unit, decision.assumed) == (("", True) if assumed is None else ("unit-1", assumed))


def test_a_private_name_with_an_own_port_is_probably_an_own_server() -> None:
    decision = decide("http://weather:8000/sse", server())
    assert (decision.unit, decision.assumed) == ("unit-1", True)


def service(**fields: object) -> Service:
    return Service(**{"name": "weather", "path": "compose.yaml", "context": ".", "ports": (), **fields})  # type: ignore[arg-type]


def test_a_service_built_here_is_an_own_server() -> None:
    decision = decide("http://weather:8000/sse", server(), services=(service(),))
    assert (decision.url, decision.unit, decision.assumed) == ("http://weather:8000/mcp", "unit-1", False)


def test_a_published_port_leads_to_the_service_behind_it() -> None:
    mapped = service(ports=(("9001", "8000"),))
    decision = decide("http://localhost:9001/sse", server(), services=(mapped,))
    assert (decision.url, decision.unit, decision.assumed) == ("http://localhost:9001/mcp", "unit-1", False)


def test_a_service_that_is_not_built_here_is_reported() -> None:
    image = service(context=None, ports=(("3001", "3000"),))
    for url in ("http://weather:3000/sse", "http://localhost:3001/sse"):
        decision = decide(url, services=(image,))
        assert decision.action is Action.HAND and "not built here" in decision.reason
    assert (
        decide("http://localhost:8000/sse", server(), services=(service(context=None, ports=(("8000", "8000"),)),)).unit
        == "unit-1"
    )


def test_a_service_built_from_other_code_is_reported() -> None:
    other = service(context="frontend")
    decision = decide("http://weather:8000/sse", server(), services=(other,))
    assert decision.action is Action.HAND and "built here" in decision.reason


def test_services_of_two_projects_are_told_apart_by_folder() -> None:
    first = service(path="one/compose.yaml", context="one")
    second = service(path="two/compose.yaml", context=None)
    own = server(files=("one/server.py",))
    assert decide("http://weather:8000/sse", own, services=(first, second), path="one/app/mcp.json").unit == "unit-1"
    assert decide("http://weather:8000/sse", own, services=(first, second), path="two/mcp.json").action is Action.HAND


# ------------------------------------------------------------------------------------------------------- small parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${MCP_URL}", ("MCP_URL", "")),
        ("${env:MCP_URL}", ("MCP_URL", "")),
        ("${input:server-url}", ("server-url", "")),
        ("$MCP_URL", ("MCP_URL", "")),
        ("%MCP_URL%", ("MCP_URL", "")),
        ("{{ mcp_url }}", ("mcp_url", "")),
        ("${MCP_URL:-http://x/sse}", ("MCP_URL", "http://x/sse")),
        ("${MCP_URL:http://x/sse}", ("MCP_URL", "http://x/sse")),
        ("${MCP_URL-http://x/sse}", ("MCP_URL", "http://x/sse")),
        ("http://${HOST}/sse", None),
        ("${A}${B}", None),
    ],
)
def test_variables(text: str, expected: tuple[str, str] | None) -> None:
    assert variable(text) == expected


def test_credentials_are_named_and_never_shown() -> None:
    url = "https://u:pw@x.com/sse?api_key=K1&exaApiKey=K2&token=${T}&page=2&monkey=b"
    assert credentials(url) == ["api_key", "exaApiKey", "token"]
    assert shown(url) == "https://...@x.com/sse?api_key=...&exaApiKey=...&token=...&page=2&monkey=b"
    assert credentials("https://x.com/sse?page=1") == []


@pytest.mark.parametrize(
    "text", ["/sse", "sse", "https://x/ssex", "https://x/sse/y", "https://sse.x.com", "file:///sse", ""]
)
def test_look_alikes(text: str) -> None:
    assert not looks_like_sse(text)


def test_templates_do_not_make_reading_slow() -> None:
    assert parse("http://" + "{a}" * 5000 + " x") is None
    assert parse("http://" + "${" * 5000) is not None
