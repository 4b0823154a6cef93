"""The same files around a server in other words must meet the same fate: all of a start or an address changes, or nothing.

One server, and one way after another to write down how it is started and reached.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.model import Outcome, Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
import argparse
import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather", host="0.0.0.0", port=8000)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", "-t", choices=["stdio", "sse"], default=os.getenv("WEATHER_TRANSPORT", "stdio"))
    mcp.run(transport=parser.parse_args().transport)


if __name__ == "__main__":
    main()
"""
PROJECT = """\
[project]
name = "weather-mcp"
version = "1.0.0"
dependencies = ["mcp>=1.28.1,<2"]

[project.scripts]
weather-mcp = "server:main"
"""
IMAGE = 'FROM python:3.12-slim\nCOPY . .\nENTRYPOINT ["python", "server.py"]\n'
OLD = re.compile(r"(?<![\w])sse(?![\w])", re.I)

# What moves whole: no file says the old word or path afterwards.
MOVED: dict[str, dict[str, str]] = {
    "the program is a variable": {"Makefile": "PY = .venv/bin/python\nrun:\n\t$(PY) server.py --transport sse\n"},
    "program and file are": {"Makefile": "PY = python\nMAIN = server.py\nrun:\n\t$(PY) $(MAIN) --transport sse\n"},
    "the module is": {"Makefile": "MOD = server\nrun:\n\tpython -m $(MOD) --transport sse\n"},
    "the command is": {"run.sh": "SERVER=weather-mcp\n$SERVER --transport sse\n"},
    "the image is": {"run.sh": 'NAME=box\ndocker build -t "$NAME" .\ndocker run --rm "$NAME" --transport sse\n'},
    "an override": {
        "compose.yaml": "services:\n  weather:\n    build: .\n",
        "compose.override.yaml": 'services:\n  weather:\n    command: ["--transport", "sse"]\n',
    },
    "a default that is assigned": {"run.sh": ': "${KIND:=sse}"\nexec python server.py --transport "$KIND"\n'},
    "a default of a default": {"run.sh": 'KIND="${1:-${MCP_KIND:-sse}}"\npython server.py --transport "$KIND"\n'},
    "a value that must be set": {
        "compose.yaml": 'services:\n  weather:\n    build: .\n    command: ["--transport", "${KIND:?set it}"]\n',
        ".env.example": "KIND=sse\n",
    },
    "what a script takes in": {
        "run.sh": '. ./settings.sh\npython server.py --transport "$KIND"\n',
        "settings.sh": "KIND=sse\n",
    },
    "what a Makefile takes in": {
        "Makefile": "include config.mk\n-include .env\nrun:\n\tpython server.py --transport $(KIND)\n",
        "config.mk": "KIND = sse\n",
        ".env.example": "KIND=sse\n",
    },
    "a Makefile that calls itself": {
        "Makefile": "web:\n\t$(MAKE) run KIND=sse\nrun:\n\tpython server.py --transport $(KIND)\n"
    },
    "make with a variable": {
        "Makefile": "run:\n\tpython server.py --transport $(KIND)\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: make run KIND=sse\n",
    },
    "a default of just": {"justfile": 'kind := env("KIND", "sse")\nrun:\n    python server.py --transport {{kind}}\n'},
    "a recipe that goes on": {"justfile": "run:\n    @python server.py \\\n      --transport sse\n"},
    "a prompt": {
        "README.md": "```console\n[me@host weather]$ weather-mcp -t sse\n~/weather$ weather-mcp -t sse\n```\n"
    },
    "a variable of the workflow": {
        ".github/workflows/ci.yml": "on: push\nenv:\n  KIND: sse\njobs:\n  a:\n    steps:\n"
        "      - run: python server.py --transport ${{ env.KIND }}\n"
    },
    "shells of a pipeline": {"azure-pipelines.yml": "steps:\n  - bash: python server.py --transport sse\n"},
    "an App Engine service": {"app.yaml": 'runtime: python312\nenv_variables:\n  WEATHER_TRANSPORT: "sse"\n'},
    "named commands of a workspace": {
        ".devcontainer/devcontainer.json": '{"postCreateCommand": {"a": "python server.py --transport sse"}}\n'
    },
    "a local of Terraform": {
        "main.tf": 'locals {\n  kind = "sse"\n}\nresource "docker_container" "w" {\n  image = "weather-mcp"\n'
        '  command = ["--transport", local.kind]\n}\n'
    },
    "a value before its name": {
        "main.tf": 'resource "x" "w" {\n  env {\n    value = "sse"\n    name  = "WEATHER_TRANSPORT"\n  }\n}\n'
    },
    "settings that are a program": {
        "ecosystem.config.js": "const path = require('path');\nmodule.exports = {\n  apps: [{\n    script: 'server.py', cwd: __dirname,\n"
        "    args: ['--transport', 'sse'],\n    env: { WEATHER_TRANSPORT: 'sse', HOME: process.env.HOME },\n  }],\n};\n"
    },
}

# What is left as it is, and told: half of an entry changed is worse than none.
KEPT: dict[str, dict[str, str]] = {
    "an address in a block": {
        "mcp.yaml": "mcpServers:\n  weather:\n    type: sse\n    url: >-\n      http://localhost:8000/sse\n"
    },
    "a word that others share": {
        "mcp.yaml": "defaults: &d\n  type: sse\nmcpServers:\n"
        "  weather:\n    <<: *d\n    url: http://localhost:8000/sse\n"
        "  news:\n    <<: *d\n    url: https://example.com/stream\n"
    },
    "an address in three quotes": {
        "mcp.toml": '[[servers]]\nname = "w"\ntransport = "sse"\nurl = """http://localhost:8000/sse"""\n'
    },
    "a table that no parser takes": {
        "mcp.toml": 'servers = [\n  { name = "w", transport = "sse",\n    url = "http://localhost:8000/sse" },\n]\n'
    },
}

# What asks who asks at the old path: the rule learns the new one, or the server stays.
GUARDED: dict[str, tuple[str, str]] = {
    "nginx": ("nginx.conf", 'location /sse {{ auth_basic "x"; {to} }}\nlocation / {{ {to} }}\n'),
    "nginx, brace below": (
        "nginx.conf",
        'location /sse # x\n{{\n  auth_basic "x";\n  {to}\n}}\nlocation / {{ {to} }}\n',
    ),
    "nginx, if": ("nginx.conf", "if ($document_uri ~ ^/sse) {{ return 403; }}\nlocation / {{ {to} }}\n"),
    "nginx, map": (
        "nginx.conf",
        "map $uri $no {{\n  ~^/sse 1;\n}}\nif ($no) {{ return 401; }}\nlocation / {{ {to} }}\n",
    ),
    "nginx, Lua": (
        "nginx.conf",
        'access_by_lua_block {{\n  if ngx.var.uri == "/sse" then ngx.exit(401) end\n}}\n{to}\n',
    ),
    "Caddy": ("Caddyfile", "@in path /sse*\nbasic_auth @in {{\n\tu h\n}}\n{to}\n"),
    "Caddy, snippet": (
        "Caddyfile",
        "(own) {{\n\tbasic_auth {{args[0]}} {{\n\t\tu h\n\t}}\n}}\nimport own /sse*\n{to}\n",
    ),
    "Caddy, expression": (
        "Caddyfile",
        "@in expression {{path}}.startsWith('/sse')\nbasic_auth @in {{\n\tu h\n}}\n{to}\n",
    ),
    "Caddy, matcher": (
        "Caddyfile",
        "@in {{\n\tpath_regexp ^/(sse|messages)\n\tnot remote_ip 10.0.0.0/8\n}}\nabort @in\n{to}\n",
    ),
    "Apache, tilde": ("site.conf", '<Location ~ "^/sse">\n  AuthType Basic\n  Require valid-user\n</Location>\n{to}\n'),
    "Apache, condition": ("site.conf", "RewriteCond %{{REQUEST_URI}} ^/sse\nRewriteRule .* - [F]\n{to}\n"),
    "Istio, list": (
        "k8s/istio.yaml",
        "kind: AuthorizationPolicy\nspec:\n  action: DENY\n  rules:\n    - from:\n        - source:\n"
        '            notRequestPrincipals: ["*"]\n      to:\n        - operation:\n            paths:\n'
        "              - /sse\n              - /messages/*\n",
    ),
    "Terraform, list": (
        "main.tf",
        'resource "aws_lb_listener_rule" "w" {{\n  action {{\n    type = "authenticate-oidc"\n  }}\n'
        '  condition {{\n    path_pattern {{\n      values = [\n        "/sse",\n      ]\n    }}\n  }}\n}}\n'
        'resource "aws_lb_target_group" "w" {{\n  port = 8000\n}}\n',
    ),
    "Traefik, TOML": (
        "traefik/dynamic.toml",
        '[http.routers.own]\nrule = "PathPrefix(`/sse`)"\nmiddlewares = ["auth"]\nservice = "w"\n'
        '[[http.services.w.loadBalancer.servers]]\nurl = "http://localhost:8000"\n',
    ),
    "Caddy, labels": (
        "compose.yaml",
        "services:\n  weather:\n    build: .\n    labels:\n      caddy: w.example.com\n      caddy.basic_auth: /sse*\n"
        '      caddy.reverse_proxy: "{{{{upstreams 8000}}}}"\n',
    ),
}
TO = {
    "nginx.conf": "proxy_pass http://localhost:8000;",
    "Caddyfile": "reverse_proxy localhost:8000",
    "site.conf": "ProxyPass / http://localhost:8000/",
}


def planned(files: dict[str, str], root: Path) -> Plan:
    """The plan for the server with `files` around it."""
    for path, text in {"server.py": SERVER, "pyproject.toml": PROJECT, "Dockerfile": IMAGE, **files}.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return make_plan(root, Settings())


@pytest.mark.parametrize("files", MOVED.values(), ids=MOVED)
def test_all_of_it_moves(files: dict[str, str], tmp_path: Path) -> None:
    plan = planned(files, tmp_path)
    assert [e.moved for e in plan.endpoints] == [True]
    for change in plan.changes:
        (tmp_path / change.path).write_bytes(change.after)
    left = {path: line for path in files for line in (tmp_path / path).read_text().splitlines() if OLD.search(line)}
    assert left == {}
    assert make_plan(tmp_path, Settings()).changes == ()


@pytest.mark.parametrize("files", KEPT.values(), ids=KEPT)
def test_none_of_it_moves(files: dict[str, str], tmp_path: Path) -> None:
    plan = planned(files, tmp_path)
    assert [c.path for c in plan.changes if c.path in files] == []
    assert {f.place.path for f in plan.findings if f.outcome is Outcome.BY_HAND and f.counts} >= set(files)


@pytest.mark.parametrize(("name", "text"), GUARDED.values(), ids=GUARDED)
def test_nothing_opens(name: str, text: str, tmp_path: Path) -> None:
    plan = planned({name: text.format(to=TO.get(name, ""))}, tmp_path)
    after = next((c.after.decode() for c in plan.changes if c.path == name), "")
    assert [e.moved for e in plan.endpoints] == [bool(after)]
    assert not OLD.search(after)
    assert [f.place.path for f in plan.findings if f.rule == "MCP504"] != []
