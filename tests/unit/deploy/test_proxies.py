"""Rules of proxies about the old path: those that lead to the moved server get the new one."""

from pathlib import Path

import pytest

from migrator.model import Outcome, Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
from fastmcp import FastMCP

mcp = FastMCP("gate")

if __name__ == "__main__":
    mcp.run(transport="sse", host="0.0.0.0", port=8811)
"""
COMPOSE = """\
services:
  gate:
    build: .
  news:
    image: acme/news
  web:
    build: ./web
  other:
    build: {context: ., dockerfile: other.Dockerfile}
"""


def plan_of(root: Path, settings: Settings | None = None, **files: str) -> Plan:
    for name, text in {"server.py": SERVER, "requirements.txt": "fastmcp>=2.14.2,<3\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return make_plan(root, settings or Settings())


def after(root: Path, name: str, text: str, settings: Settings | None = None, **files: str) -> str:
    plan = plan_of(root, settings, **{name: text}, **files)
    return next((c.after.decode() for c in plan.changes if c.path == name), text)


@pytest.mark.parametrize(
    ("name", "rule", "new"),
    [
        ("nginx.conf", "location /sse { auth_basic x; proxy_pass http://127.0.0.1:8811; }", "location /mcp {"),
        ("nginx.conf", "location ~ ^/(sse|messages)(/|$) {\n  proxy_pass http://h:8811;\n}", "~ ^/(mcp|messages)(/|$) {"),
        ("nginx.conf", "location ~ ^/(?:messages|sse)/ {\n  proxy_pass http://h:8811;\n}", "^/(?:messages|mcp)/ {"),
        ("nginx.conf", "location = /sse/ { proxy_pass http://h:8811/sse; }", "= /mcp { proxy_pass http://h:8811/mcp; }"),
        ("nginx.conf", "location /sse { proxy_set_header Accept text/event-stream; proxy_pass http://h:8811; }", '{ proxy_set_header Accept "application/json, text/event-stream";'),
        ("Caddyfile", "handle /sse {\n\treverse_proxy h:8811 {\n\t\theader_up Accept text/event-stream\n\t}\n}", 'Accept "application/json, text/event-stream"\n'),
        ("nginx.conf", "location ~ ^/sse/?$ { proxy_pass http://h:8811; }", "^/mcp/?$ {"),
        ("nginx.conf", "upstream u { server h:8811; }\nlocation /sse { proxy_pass http://u; }", "location /mcp {"),
        ("nginx.conf", "if ($request_uri ~ ^/sse) { set $ask 1; }\nlocation / { proxy_pass http://h:8811; }", "~ ^/mcp)"),
        ("nginx.conf", "location / { x; } location /sse { proxy_pass http://h:8811; }", "location /mcp {"),
        ("Caddyfile", "@in path /messages/* /sse*\nbasic_auth @in { a b }\nreverse_proxy h:8811", "/messages/* /mcp*\n"),
        ("Caddyfile", "handle /sse/* {\n\treverse_proxy h:8811\n}", "handle /mcp* {"),
        ("haproxy.cfg", "frontend f\n acl a path_beg /sse /messages\nbackend b\n server s h:8811\n", "path_beg /mcp /messages"),
        ("site.conf", '<Location "/sse">\n  ProxyPass http://h:8811/sse\n</Location>\n', 'n "/mcp">\n  ProxyPass http://h:8811/mcp\n'),
        ("dyn.yml", "http:\n  routers:\n    a:\n      rule: PathPrefix(`/sse`)\n  m:\n    forwardAuth: {address: http://auth:91}\n  s:\n    - url: http://h:8811\n", "`/mcp`"),
        ("dyn.yml", "http:\n  routers:\n    a:\n      rule: PathPrefix(`/sse`)\n  s:\n    - url: http://h:8811\n", "`/mcp`"),
    ],
)  # fmt: skip
def test_a_rule_that_leads_to_the_server_gets_the_new_path(tmp_path: Path, name: str, rule: str, new: str) -> None:
    text = after(tmp_path, name, rule)
    assert new in text and "/sse" not in text and "(sse" not in text


@pytest.mark.parametrize(
    "rule",
    [
        "location /sse { proxy_pass http://news:3000; }",  # another container of the project
        "location /sse { proxy_pass http://web:8811; }",
        "location /sse { proxy_pass http://news:8811; }",
        "location /sse { proxy_pass http://other:3000; }",  # built from the same folder
        "location /sse { proxy_pass http://$backend; }",
        "location /sse { proxy_pass http://h:3000; }",
        "if ($uri ~ ^/sse) { set $a 1; }\nlocation /a { proxy_pass http://h:3000; }\nlocation / { proxy_pass http://h:8811; }",
        "location /sse-stats { proxy_pass http://h:8811; }",
        "# location /sse { proxy_pass http://h:8811; }",
        "location /mcp { proxy_pass http://h:8811; }\nlocation /sse { proxy_pass http://h:8811; }",
    ],
)
def test_other_rules_stay(tmp_path: Path, rule: str) -> None:
    text = f"{rule}\nlocation /x {{ proxy_pass http://h:8811; }}\n"
    assert after(tmp_path, "nginx.conf", text, **{"compose.yaml": COMPOSE}) == text


def test_of_a_rule_for_another_service_nothing_is_said(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        **{
            "nginx.conf": "location /sse { proxy_pass http://web:3000; }\nlocation / { proxy_pass http://gate:8811; }\n",
            "compose.yaml": COMPOSE.removesuffix("  other:\n    build: {context: ., dockerfile: other.Dockerfile}\n")
            + "    labels:\n      - traefik.http.routers.w.rule=PathPrefix(`/sse`)\n"
            + "  other:\n    image: acme/events\n    labels:\n      - traefik.http.routers.e.rule=PathPrefix(`/sse`)\n",
        },
    )
    assert not [f for f in plan.findings if f.rule == "MCP504"]


@pytest.mark.parametrize(("to", "assumed"), [("127.0.0.1:8811", False), ("gate:8811", False), ("somewhere:8811", True)])
def test_a_name_that_nobody_knows_is_an_assumption(tmp_path: Path, to: str, assumed: bool) -> None:
    files = {"nginx.conf": f"location /sse {{ proxy_pass http://{to}; }}\n", "compose.yaml": COMPOSE}
    (finding,) = [f for f in plan_of(tmp_path, **files).findings if f.rule == "MCP504"]
    assert (finding.outcome, finding.assumed) == (Outcome.FIX, assumed)


def test_each_of_two_servers_gets_its_own_rule(tmp_path: Path) -> None:
    conf = "location /b/sse { proxy_pass http://b:9002/sse; }\nlocation /a/sse { proxy_pass http://a:9001/sse; }\n"
    files = {f"{n}/server.py": SERVER.replace("8811", port) for n, port in (("a", "9001"), ("b", "9002"))}
    plan = plan_of(
        tmp_path, **files, **{"compose.yaml": "services:\n  a: {build: a}\n  b: {build: b}\n", "nginx.conf": conf}
    )
    units = {f.place.line: f.unit for f in plan.findings if f.rule == "MCP504" and f.outcome is Outcome.FIX}
    assert sorted(units) == [1, 2] and "b/server.py" in units[1] and "a/server.py" in units[2]
    changed = next(c.after for c in plan.changes if c.path == "nginx.conf").decode()
    assert changed == conf.replace("/sse", "/mcp")


def test_where_the_old_path_stays_the_new_one_gets_the_same_rule(tmp_path: Path) -> None:
    block = "\tlocation /sse {\r\n\t\tauth_basic x;\r\n\t\tproxy_pass http://h:8811;\r\n\t}"
    text = f"server {{\r\n{block}\r\n}}\r\n"
    new = after(tmp_path, "nginx.conf", text, Settings(legacy_sse="keep"))
    assert new == text.replace(block, f"{block}\r\n{block.replace('/sse', '/mcp')}")


def test_where_a_rule_leads_is_left_open_when_it_is_not_known(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, **{"nginx.conf": "location /sse { proxy_pass http://news:3000; }\n"})
    finding = next(f for f in plan.findings if f.rule == "MCP504")
    assert finding.outcome is Outcome.BY_HAND and "can't be told" in finding.instruction


def test_rules_of_an_ingress_are_shown_however_they_are_written(tmp_path: Path) -> None:
    text = (
        "kind: Ingress\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/configuration-snippet: |\n"
        "      if ($request_uri ~ ^/sse) { return 401; }\nspec:\n  paths:\n    - {path: /sse, pathType: Prefix}\n"
        "    - {pathType: Prefix, path: /sse}\n    - path: /sse\n      pathType: Prefix\n"
        '  to: [{operation: {paths: ["/sse", "/messages/*"]}}]\n'
    )
    plan = plan_of(tmp_path, **{"ingress.yaml": text})
    found = [f for f in plan.findings if f.rule == "MCP504"]
    assert sorted(f.place.line for f in found) == [5, 8, 9, 10, 12]
    assert {f.outcome for f in found} == {Outcome.BY_HAND}


@pytest.mark.parametrize("legacy", ["keep", "gone"])
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("nginx.conf", "map $uri $ask { default 0; ~^/sse 1; }\nlocation / { proxy_pass http://h:8811; }\n"),
        ("nginx.conf", "location /x { proxy_pass http://h:8811; } location /sse { proxy_pass http://h:8811; }\n"),
        ("Caddyfile", "basic_auth /sse* {\n\ta b\n}\nreverse_proxy h:8811\n"),
        ("Caddyfile", "@in path /sse*\nreverse_proxy @in h:8811\n"),
    ],
)
def test_what_can_stand_once_only_is_left_to_the_user(tmp_path: Path, legacy: str, name: str, rule: str) -> None:
    plan = plan_of(tmp_path, Settings(legacy_sse=legacy), **{name: rule})
    assert name not in {c.path for c in plan.changes}
    assert {f.outcome for f in plan.findings if f.rule == "MCP504"} == {Outcome.BY_HAND}


def test_a_rule_for_the_old_path_that_stays_leads_there_still(tmp_path: Path) -> None:
    block = "location /sse {\n  proxy_pass http://127.0.0.1:8811/sse;\n}"
    new = after(tmp_path, "up.sh", f"cat > a <<EOF\n{block}\nEOF\n", Settings(legacy_sse="keep"))
    assert new == f"cat > a <<EOF\n{block}\n{block.replace('/sse', '/mcp')}\nEOF\n"


GUARDED = "location /sse {\n    auth_basic x;\n    proxy_pass http://backend;\n}\nlocation / {\n    proxy_pass http://backend;\n}\n# mcp\n"


def test_a_server_stays_whose_guard_can_not_be_moved(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, **{"nginx.conf": GUARDED})
    assert [(u.moved, u.step) for u in plan.units] == [(False, "needed")]
    assert not plan.changes
    told = next(f for f in plan.findings if f.rule == "MCP504")
    assert "location /mcp {" in told.instruction
    assert "auth_basic x;" in told.instruction


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nginx.conf", GUARDED.replace("    auth_basic x;\n", "")),
        ("nginx.conf", GUARDED.replace("auth_basic x", "auth_basic off")),
        ("nginx.conf", GUARDED + GUARDED.replace("/sse", "/mcp")),
        ("nginx.conf", GUARDED.replace("backend", "127.0.0.1:8811")),
        ("README.md", "```nginx\n" + GUARDED + "```\n"),
    ],
)
def test_it_moves_where_nothing_opens(tmp_path: Path, name: str, text: str) -> None:
    assert [u.moved for u in plan_of(tmp_path, **{name: text}).units] == [True]


@pytest.mark.parametrize("legacy", ["keep", "gone"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("haproxy.cfg", "frontend f\n http-request deny if { path_beg /sse } !ok\nbackend b\n server s h:8811\n"),
        (
            "Caddyfile",
            "@in path /sse /messages/*\nhandle @in {\n\tbasic_auth {\n\t\ta b\n\t}\n\treverse_proxy h:8811\n}\n",
        ),
        ("Caddyfile", "@in {\n\tpath /sse\n}\nhandle @in {\n\tbasic_auth {\n\t\ta b\n\t}\n\treverse_proxy h:8811\n}\n"),
    ],
)
def test_a_guard_that_can_stand_once_only_keeps_the_server(tmp_path: Path, legacy: str, name: str, text: str) -> None:
    assert [u.moved for u in plan_of(tmp_path, Settings(legacy_sse=legacy), **{name: text}).units] == [False]


HALF = "location /sse {\n    proxy_pass http://h:8811;\n}\nlocation /messages/ {\n    auth_basic x;\n    proxy_pass http://h:8811;\n}\n"
INGRESS = "kind: Ingress\nmetadata:\n  annotations:\n    {mark}: https://auth\nspec:\n  - path: /sse\n    port: 8811\n"
ROUTERS = "services:\n  gate:\n    build: .\n    labels:\n      - traefik.http.routers.s.rule=PathPrefix(`/sse`)\n      - traefik.http.routers.m.rule=PathPrefix(`/messages`)\n      - traefik.http.routers.{name}.middlewares=auth\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nginx.conf", HALF),
        ("Caddyfile", "handle /sse* {\n\treverse_proxy h:8811\n}\nhandle /messages/* {\n\tbasic_auth {\n\t\ta b\n\t}\n\treverse_proxy h:8811\n}\n"),
        ("haproxy.cfg", "frontend f\n acl s path_beg /sse\n acl m path_beg /messages\n http-request auth if m\nbackend b\n server s h:8811\n"),
        ("site.conf", '<Location "/messages">\n  AuthType Basic\n</Location>\n<Location "/sse">\n  ProxyPass http://h:8811/sse\n</Location>\n'),
        ("docker-compose.yml", ROUTERS.format(name="m")),
        ("ingress.yaml", INGRESS.format(mark="x").replace("    x: https://auth\n", "") + "---\n" + INGRESS.format(mark="nginx.ingress.kubernetes.io/auth-url").replace("/sse", "/messages")),
        # files that never say sse
        ("nginx.conf", HALF.replace("/sse", "/")),
        ("conf.d/gate.conf", HALF.replace("/sse", "/")),
        ("Caddyfile", "handle /messages/* {\n\tbasic_auth {\n\t\ta b\n\t}\n\treverse_proxy h:8811\n}\nhandle {\n\treverse_proxy h:8811\n}\n"),
        ("opa/mcp.rego", 'package mcp\n\ndeny if {\n\tstartswith(input.path, "/messages")\n\tnot input.token\n}\n'),
    ],
)  # fmt: skip
def test_calls_do_not_come_where_only_streams_came_without_a_credential(tmp_path: Path, name: str, text: str) -> None:
    plan = plan_of(tmp_path, **{name: text})
    assert [u.moved for u in plan.units] == [False] and not plan.changes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nginx.conf", "auth_basic all;\n" + HALF.replace("auth_basic x;", "")),
        ("nginx.conf", f"server {{\nauth_basic all;\n{HALF}}}\n"),
        ("docker-compose.yml", ROUTERS.format(name="s")),
        ("ingress.yaml", INGRESS.format(mark="note")),
        ("nginx.conf", HALF.replace("/sse", "/").replace("auth_basic x;", "")),
        ("nginx.conf", HALF.replace("/sse", "/").replace("{\n", "{\n    auth_basic x;\n", 1)),
        ("nginx.conf", HALF.replace("/sse", "/").replace("8811", "9999")),
        ("oauth2-proxy.cfg", 'skip_auth_routes = ["^/health"]\nupstreams = ["http://gate:8811/sse"]\n'),
        ("buckets.rego", 'package mcp\n\ndeny if input.bucket.sse == "aws:kms"\n'),
    ],
)
def test_it_moves_where_the_stream_needed_the_credential_or_nobody_did(tmp_path: Path, name: str, text: str) -> None:
    assert [u.moved for u in plan_of(tmp_path, **{name: text}).units] == [True]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ingress.yaml", INGRESS.format(mark="nginx.ingress.kubernetes.io/auth-url")),
        ("ingress.yaml", "kind: AuthorizationPolicy\nspec:\n  - to:\n    - operation:\n        paths: [/sse, /messages/*]\n"),
        ("oauth2-proxy.cfg", 'skip_auth_routes = ["GET=^/(?!sse|messages)"]\n'),
        ("docker-compose.yml", "services:\n  gate:\n    build: .\n  p:\n    image: oauth2-proxy\n    command: --skip-auth-route=!=^/(sse|messages)\n"),
        ("authelia.yml", "access_control:\n  rules:\n    - resources: ['^/sse', '^/messages']\n"),
        ("main.tf", 'resource "cloudflare_zero_trust_access_application" "a" {\n  domain = "x.org/sse"\n}\n# mcp\n'),
        ("alb.tf", 'resource "aws_lb_listener_rule" "m" {\n  action { type = "authenticate-oidc" }\n  condition {\n    path_pattern { values = ["/sse", "/messages/*"] }\n  }\n}\n'),
        ("nginx.conf", "map $uri $ask {\n    default off;\n    ~^/sse x;\n    ~^/messages x;\n}\nlocation / {\n    auth_basic $ask;\n    proxy_pass http://h:8811;\n}\n"),
        ("opa/mcp.rego", 'package mcp\n\ndefault allow := true\n\nallow := false if {\n\tstartswith(input.path, "/sse")\n\tnot input.token\n}\n'),
        ("opa/mcp.rego", 'package mcp\n\ndeny if {\n\tinput.path == ["sse"]\n\tnot input.token\n}\n'),
        ("opa/mcp.rego", 'package mcp\n\ndeny if {\n\tinput.parsed_path[0] in {"messages", "sse"}\n\tnot input.token\n}\n'),
        ("rules.json", '[{"match": {"url": "http://<[^/]+>/<(sse|messages).*>"}, "authenticators": [{"handler": "jwt"}]}]\n'),
        ("access-rules.yml", "- match:\n    url: https://mcp.example.org/sse\n  authenticators: [{handler: jwt}]\n"),
        ("gate/policy.csv", "p, agent, /sse, GET\np, agent, /messages/*, POST\np, *, *, *\n"),
        ("access.json", '{"rules": [{"path": "/sse", "roles": ["agent"]}, {"path": "/messages", "roles": ["agent"]}]}\n'),
        ("apisix.yaml", "routes:\n  - uri: /sse\n    plugins: {key-auth: {}}\n  - uri: /messages/*\n    plugins: {key-auth: {}}\n  - uri: /*\n"),
    ],
)  # fmt: skip
def test_who_may_ask_is_found_beside_the_rule_and_in_programs_of_its_own(tmp_path: Path, name: str, text: str) -> None:
    plan = plan_of(tmp_path, **{name: text})
    assert [(u.moved, u.step) for u in plan.units] == [(False, "needed")]
    assert any("mcp" in f.instruction for f in plan.findings if f.rule == "MCP504")


def test_a_rule_that_lets_nothing_but_a_get_pass_lets_calls_pass(tmp_path: Path) -> None:
    text = "location /sse {\n    limit_except GET { deny all; }\n    proxy_pass http://h:8811;\n}\n"
    assert "limit_except GET POST DELETE {" in after(tmp_path, "nginx.conf", text)


MOUNTED = """\
from starlette.applications import Starlette
from starlette.routing import Mount
from fastmcp import FastMCP
from fastmcp.server.http import create_sse_app
import uvicorn

mcp = FastMCP("gate")
app = Starlette(routes=[Mount("/mcp", create_sse_app(mcp, "/messages/", "/sse"))])

if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8811)
"""


def test_a_rule_for_a_path_below_the_new_one_is_not_about_both(tmp_path: Path) -> None:
    paths = "".join(
        f"          - {{path: {p}, pathType: Prefix, backend: {{x: {{y: z}}}}}}\n"
        for p in ("/mcp/sse", "/mcp/messages")
    )
    plan = plan_of(
        tmp_path,
        **{
            "server.py": MOUNTED,
            "nginx.conf": "location /mcp/sse { proxy_pass http://h:8811; }\nlocation / { proxy_pass http://h:8811; }",
            "ingress.yaml": f"kind: Ingress\nspec:\n  rules:\n    - http:\n        paths:\n{paths}",
        },
    )
    assert plan.endpoints[0].old_path == "/mcp/sse" and plan.endpoints[0].new_path == "/mcp"
    assert next(c.after for c in plan.changes if c.path == "nginx.conf").startswith(b"location /mcp {")
    told = [(f.place.line, f.instruction) for f in plan.findings if f.place.path == "ingress.yaml"]
    assert [line for line, _ in told] == [6, 7]
    assert told[0][1].startswith("- {path: /mcp, pathType: Prefix, backend: {x: {y: z}}}\n")


@pytest.mark.parametrize("path", ["^/(math|text)/(sse|messages)", "^/(?:text|math)/sse$"])
def test_a_rule_for_servers_below_several_prefixes_is_told(tmp_path: Path, path: str) -> None:
    server = "import uvicorn\nfrom fastapi import FastAPI\nfrom fastmcp import FastMCP\n\nmcp = FastMCP('gate')\n"
    server += "app = FastAPI()\napp.mount('/math', mcp.http_app(transport='sse'))\nuvicorn.run(app, port=8811)\n"
    rule = f"location ~ {path} {{\n  proxy_pass http://h:8811;\n}}\n"
    plan = plan_of(tmp_path, **{"server.py": server, "nginx/default.conf": rule})
    assert [e.new_path for e in plan.endpoints if e.moved] == ["/math/mcp"]
    assert not [c for c in plan.changes if c.path.endswith(".conf")]  # text may stay where it is
    (finding,) = [f for f in plan.findings if f.rule == "MCP504"]
    assert finding.outcome is Outcome.BY_HAND
    assert path.replace("sse", "mcp") in finding.instruction
