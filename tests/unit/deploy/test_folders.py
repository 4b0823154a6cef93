"""Rules for all that is below the new path: the old path was there, the new one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Finding, Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
import uvicorn
from fastapi import FastAPI
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("catalog")
app = FastAPI()
app.mount("{mount}", mcp.sse_app())
uvicorn.run(app, port=8010)
"""
NGINX = "server {{\n  location {path} {{\n    {more}proxy_pass http://127.0.0.1:8010;\n  }}\n}}\n"
CADDY = "example.org {\n  basic_auth /mcp/* {\n    a b\n  }\n  reverse_proxy 127.0.0.1:8010\n}\n"
BASIC = 'auth_basic "catalog";\n    '


def planned(folder: Path, files: dict[str, str], mount: str = "/mcp") -> tuple[Plan, list[Finding]]:
    server = SERVER.format(mount=mount)
    for name, text in {"server.py": server, "requirements.txt": "mcp>=1.28.1,<2\n", **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    plan = make_plan(folder, Settings())
    return plan, [f for f in plan.findings if f.place.path in files and f.rule == "MCP504"]


def test_a_folder_that_nobody_guards_is_told(tmp_path: Path) -> None:
    plan, (one,) = planned(tmp_path, {"nginx.conf": NGINX.format(path="/mcp/", more="")})
    assert all(e.moved for e in plan.endpoints)
    assert (str(one.place), one.message) == (
        "nginx.conf:2",
        "nginx: the rule names /mcp/; requests for /mcp are not covered by it",
    )


@pytest.mark.parametrize("files", [{"nginx.conf": NGINX.format(path="/mcp/", more=BASIC)}, {"Caddyfile": CADDY}])
def test_nothing_opens_outside_a_guarded_folder(tmp_path: Path, files: dict[str, str]) -> None:
    plan, (one,) = planned(tmp_path, files)
    assert not plan.changes and not any(e.moved for e in plan.endpoints)
    assert "/mcp needs the same rule, or it is open" in one.message


@pytest.mark.parametrize("path", ["/mcp", "^~ /mcp", "~ ^/mcp(/|$)"])
def test_a_rule_for_the_new_path_itself_is_enough(tmp_path: Path, path: str) -> None:
    plan, found = planned(tmp_path, {"nginx.conf": NGINX.format(path=path, more=BASIC)})
    assert all(e.moved for e in plan.endpoints) and not found


def test_a_folder_that_holds_both_paths_is_enough(tmp_path: Path) -> None:
    plan, found = planned(tmp_path, {"nginx.conf": NGINX.format(path="/api/", more=BASIC)}, mount="/api")
    assert all(e.moved for e in plan.endpoints) and not found


def test_an_ingress_compares_part_by_part(tmp_path: Path) -> None:
    rule = "- path: /mcp/\n            pathType: Prefix\n            backend: {service: {name: app, port: {number: 8010}}}\n"
    text = f"kind: Ingress\nspec:\n  rules:\n    - http:\n        paths:\n          {rule}"
    plan, found = planned(tmp_path, {"ingress.yaml": text})
    assert all(e.moved for e in plan.endpoints) and not found
    (tmp_path / "ingress.yaml").unlink()
    assert planned(tmp_path, {"ingress.yaml": text.replace("Prefix", "ImplementationSpecific")})[1]
