"""A path behind a variable may be a moved server's: told, not changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s", port=8123)\nmcp.run("sse")\n'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('URL="$BASE/sse"', True),
        ('URL="${BASE}/sse"', True),
        ('URL="$BASE/events/sse"', False),
        ('URL="$BASE/$PREFIX/sse"', False),
        ('URL="$BASE/mcp"  # no sse', False),
    ],
)
def test_a_script_with_a_base_of_its_own(tmp_path: Path, line: str, told: bool) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / "smoke.sh").write_text(f'#!/bin/sh\n{line}\ncheck "$URL"\n')
    plan = make_plan(tmp_path, Settings())
    assert "smoke.sh" not in {c.path for c in plan.changes}
    assert bool([f for f in plan.findings if f.place.path == "smoke.sh"]) is told


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://localhost:8000/$name/sse", True),
        ("$BASE/${name}/sse", True),
        ("http://localhost:8000/$name/events", False),
        ("http://localhost:8000/feeds/$name/sse", False),
    ],
)
def test_a_path_that_holds_a_variable(tmp_path: Path, url: str, told: bool) -> None:
    mounted = "from starlette.applications import Starlette\nfrom starlette.routing import Mount\n\n"
    mounted += 'app = Starlette(routes=[Mount("/math", app=mcp.sse_app())])\n'
    (tmp_path / "s.py").write_text(SERVER.replace('mcp.run("sse")\n', "") + mounted)
    (tmp_path / "smoke.sh").write_text(f'#!/bin/sh\nfor name in math; do\n  curl -N "{url}"  # sse\ndone\n')
    plan = make_plan(tmp_path, Settings())
    assert plan.changes
    assert bool([f for f in plan.findings if f.place.path == "smoke.sh" and f.rule == "MCP501"]) is told


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            "Makefile",
            "URL ?= http://localhost:8123/sse\na:\n\tnpx @modelcontextprotocol/inspector --cli $(URL) --transport sse\n",
            "URL ?= http://localhost:8123/mcp\na:\n\tnpx @modelcontextprotocol/inspector --cli $(URL) --transport http\n",
        ),
        (
            "add.sh",
            'U="http://localhost:8123/sse"\nclaude mcp add -t sse a "$U"\nclaude mcp add --transport sse b ${U}\n',
            'U="http://localhost:8123/mcp"\nclaude mcp add -t http a "$U"\nclaude mcp add --transport http b ${U}\n',
        ),
        (
            "justfile",
            'url := "http://localhost:8123/sse"\nadd:\n    claude mcp add --transport sse a {{url}}\n',
            'url := "http://localhost:8123/mcp"\nadd:\n    claude mcp add --transport http a {{url}}\n',
        ),
        ("wait.sh", "url=${1:-http://localhost:8123/sse}\nuntil curl -sf $url; do sleep 1; done\n", ""),
        ("both.sh", "U=http://localhost:8123/sse\ncurl -N $U\nclaude mcp add --transport sse a $U\n", ""),
    ],
)
def test_what_a_variable_holds_moves_with_the_commands_that_get_it(
    tmp_path: Path, path: str, before: str, after: str
) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / path).write_text(before)
    plan = make_plan(tmp_path, Settings())
    assert next((c.after.decode() for c in plan.changes if c.path == path), "") == after
    by_hand = [f for f in plan.findings if f.place.path == path and f.outcome == "by-hand"]
    assert bool(by_hand) is (not after)


def test_a_container_of_a_known_program_is_a_command_line_of_it(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    text = 'services:\n  b:\n    image: ghcr.io/open-webui/mcpo:main\n    command: ["--server-type", "sse", "--", "http://localhost:8123/sse"]\n'
    (tmp_path / "docker-compose.yml").write_text(text)
    (change,) = [c for c in make_plan(tmp_path, Settings()).changes if c.path == "docker-compose.yml"]
    assert b'"--server-type", "streamable-http", "--", "http://localhost:8123/mcp"' in change.after


def test_a_command_with_a_word_that_stays_keeps_its_address(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / "run.sh").write_text("their-client --transport sse --url http://localhost:8123/sse\n")
    plan = make_plan(tmp_path, Settings())
    assert "run.sh" not in {c.path for c in plan.changes}
    assert any("beside it says SSE" in f.message for f in plan.findings if f.place.path == "run.sh")


def test_a_check_of_a_path_that_is_kept_still_works(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / "wait.sh").write_text("curl -sf http://localhost:8123/sse\n")
    for legacy, counts in (("remove", True), ("keep", False)):
        plan = make_plan(tmp_path, Settings(legacy_sse=legacy))
        (finding,) = [f for f in plan.findings if f.place.path == "wait.sh"]
        assert finding.counts is counts
        assert ("is gone" in finding.message) is counts


def test_a_check_behind_a_variable_is_told_once_with_the_port_it_asks_for(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s")\n')
    (tmp_path / "cli.py").write_text(
        "import os\n\nfrom app import mcp\n\nmcp.settings.port = int(os.environ['PORT'])\nmcp.run('sse')\n"
    )
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / "Makefile").write_text("PORT ?= 9000\ncheck:\n\tcurl -sN http://localhost:$(PORT)/sse | head -1\n")
    (tmp_path / "ci.sh").write_text("#!/bin/sh\ncurl -sf http://127.0.0.1:9000/sse\n")
    (tmp_path / "wait.sh").write_text('#!/bin/sh\ncurl -sf "http://127.0.0.1:$PORT/sse"\n')
    found = {f.place.path: f for f in make_plan(tmp_path, Settings()).findings if f.rule.startswith("MCP5")}
    assert sorted(found) == ["Makefile", "ci.sh", "wait.sh"]
    assert {f.rule for f in found.values()} == {"MCP503"}
    assert "in app.py" in found["ci.sh"].instruction and "'127.0.0.1', 9000)" in found["ci.sh"].instruction


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://weather.example.com/sse", True),
        ("https://weather.example.com/v2/sse", False),
        ("https://mcp.linear.app/sse", False),  # somebody else's, that is known
    ],
)
def test_a_public_address_with_the_servers_path_may_be_its_own(tmp_path: Path, address: str, told: bool) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / "README.md").write_text(f'# W\n\n```json\n{{"mcpServers": {{"w": {{"url": "{address}"}}}}}}\n```\n')
    found = [
        f for f in make_plan(tmp_path, Settings()).findings if f.place.path == "README.md" and "may be" in f.message
    ]
    assert bool(found) is told and all(address in f.message for f in found)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("up.sh", 'docker run --health-cmd="curl -f http://localhost:8123/sse || exit 1" s\n', None),
        ("up.sh", "docker run --health-cmd 'wget -qO- http://localhost:8123/sse' s\n", None),
        ("up.sh", "kubectl exec deploy/s -- curl -sN http://localhost:8123/sse\n", None),
        ("up.sh", "npx -y wait-on http://localhost:8123/sse && pytest\n", None),
        (".github/workflows/a.yml", 'jobs:\n  a:\n    services:\n      s:\n        options: >-\n          --health-cmd "curl -s http://localhost:8123/sse"\n', None),
        ("a.tf", 'x = jsonencode([{ command = ["CMD-SHELL", "curl -f http://localhost:8123/sse"] }])\n', None),
        ("a.tf", 'x = ["curl -f http://h/x", "http://localhost:8123/sse"]\n', 'x = ["curl -f http://h/x", "http://localhost:8123/mcp"]\n'),
        ("Dockerfile", "FROM x\nHEALTHCHECK CMD python -c \"import urllib.request as u; u.urlopen('http://localhost:8123/sse')\"\n", None),
        ("up.sh", "python -c 'import httpx; httpx.get(\"http://localhost:8123/sse\")'\n", None),
        ("compose.yaml", "services:\n  s:\n    build: .\n    healthcheck:\n      test: [\"CMD\", \"node\", \"-e\", \"fetch('http://localhost:8123/sse')\"]\n", None),
        ("compose.yaml", 'services:\n  c:\n    image: curlimages/curl\n    command: ["-N", "http://localhost:8123/sse"]\n', None),
        ("a.hcl", 'service {\n  check {\n    type = "http"\n    path = "/sse"\n  }\n}\n', None),
        ("a.tf", 'startup_probe {\n  http_get {\n    path = "/sse"\n  }\n}\n', None),
        ("up.sh", 'echo "http on http://localhost:8123/sse"\n', 'echo "http on http://localhost:8123/mcp"\n'),
        ("up.sh", "claude mcp add --transport http curly http://localhost:8123/sse\n", "claude mcp add --transport http curly http://localhost:8123/mcp\n"),
    ],
)  # fmt: skip
def test_a_page_that_is_asked_for_inside_another_text_is_a_check(
    tmp_path: Path, path: str, before: str, after: str | None
) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(before)
    plan = make_plan(tmp_path, Settings())
    assert next((c.after.decode() for c in plan.changes if c.path == path), None) == after
    assert bool([f for f in plan.findings if f.rule == "MCP503"]) is (after is None)


def test_an_address_that_a_container_gets_may_be_the_servers(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / "compose.yaml").write_text(
        "services:\n  agent:\n    image: acme/agent\n    environment:\n      A: http://s.prod.svc.cluster.local/sse\n"
        "      B: http://other:9000/sse\n      C: https://mcp.linear.app/sse\n      D: http://s/events\n  other:\n    image: acme/other\n"
    )
    found = [f for f in make_plan(tmp_path, Settings()).findings if "may be" in f.message]
    assert [f.place.line for f in found] == [5] and "svc.cluster.local" in found[0].message


def test_a_chart_names_the_image_of_a_service_that_is_built_here(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "chart").mkdir(parents=True)
    (root / "cli.py").write_text(
        "import argparse\n\nfrom mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('s')\np = argparse.ArgumentParser()\n"
        "p.add_argument('--transport', default='stdio')\na = p.parse_args()\nif a.transport == 'sse':\n    mcp.run('sse')\n"
    )
    (root / "Dockerfile").write_text('FROM python:3.12\nCOPY . .\nENTRYPOINT ["python", "cli.py"]\n')
    (root / "compose.yaml").write_text("services:\n  tickets:\n    build: .\n")
    values = 'image: {{repository: acme/{}}}\nargs: ["--transport", "sse"]\ningress:\n  paths:\n    - path: /sse\n'
    (root / "chart" / "values.yaml").write_text(values.format("tickets"))
    (root / "chart" / "other.yaml").write_text(values.format("news"))
    plan = make_plan(root, Settings())
    changed = {c.path: c.after.decode() for c in plan.changes}
    assert '"streamable-http"' in changed["chart/values.yaml"] and "chart/other.yaml" not in changed
    assert {f.place.line for f in plan.findings if f.rule == "MCP504"} == {5}


@pytest.mark.parametrize(
    ("line", "moves"),
    [
        ('gcloud run deploy s --image gcr.io/x/bot --set-env-vars "A=b,KIND=sse,C=d"', True),
        ("gcloud run deploy s --image=gcr.io/x/bot --set-env-vars=KIND=sse", True),
        ("az containerapp create --image reg.example/bot:1 --env-vars A=b KIND=sse --cpu 1", True),
        ("gcloud run deploy s --image gcr.io/x/bot --labels KIND=sse", False),
    ],
)
def test_variables_that_a_platform_is_told(tmp_path: Path, line: str, moves: bool) -> None:
    root = tmp_path / "bot"
    root.mkdir()
    (root / "s.py").write_text(
        "import os\n\nfrom mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('s')\nmcp.run(os.getenv('KIND', 'stdio'))\n"
    )
    (root / "requirements.txt").write_text("mcp==1.28.1\n")
    (root / "deploy.sh").write_text(f"#!/bin/sh\n{line}\n")
    changed = {c.path: c.after.decode() for c in make_plan(root, Settings()).changes}
    assert changed.get("deploy.sh") == (f"#!/bin/sh\n{line.replace('sse', 'streamable-http')}\n" if moves else None)
