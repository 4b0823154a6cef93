"""What the room adds to a plan: units, doubts, and what is left to the user."""

from __future__ import annotations

from pathlib import Path

import pytest
from configs_support import Project, server

from migrator.model import Outcome, Severity
from migrator.pipeline import make_plan
from migrator.settings import Settings, SettingsError

CLAUDE = '{"mcpServers": {"weather": {"type": "sse", "url": "http://localhost:8000/sse"}}}'
MOVED = '{"mcpServers": {"weather": {"type": "http", "url": "http://localhost:8000/mcp"}}}'


def test_an_entry_of_an_own_server_belongs_to_its_unit(tmp_path: Path) -> None:
    project = Project(tmp_path, {".mcp.json": CLAUDE}, endpoints=(server(),))
    part = project.parts[0]
    assert (part.unit, part.needed) == ("unit-1", False)
    assert not part.findings[0].assumed
    assert project.text(".mcp.json") == MOVED
    assert project.after(".mcp.json", moving=frozenset()).decode() == CLAUDE


def test_an_entry_of_a_server_that_stays_is_left_and_listed(tmp_path: Path) -> None:
    project = Project(tmp_path, {".mcp.json": CLAUDE}, endpoints=(server(moved=False),))
    assert project.text(".mcp.json") == CLAUDE
    finding = project.findings[0]
    assert (finding.outcome, finding.unit) == (Outcome.BY_HAND, "unit-1")
    assert "server.py:3" in finding.message and finding.counts


def test_other_entries_stand_alone(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"type": "sse", "url": "http://localhost:8000/sse"}, "b": {"type": "sse", "url": "https://x.com/sse"}}}'
    project = Project(tmp_path, {".mcp.json": text}, endpoints=(server(),))
    assert [p.unit for p in project.parts] == ["unit-1", ""]
    assert project.after(".mcp.json", moving=frozenset()).decode() == text.replace(
        '"sse", "url": "https://x.com/sse"', '"http", "url": "https://x.com/mcp"'
    )


def test_a_streamable_entry_follows_its_own_server(tmp_path: Path) -> None:
    text = CLAUDE.replace('"sse"', '"http"')
    project = Project(tmp_path, {".mcp.json": text}, endpoints=(server(),))
    assert project.text(".mcp.json") == MOVED
    left = Project(tmp_path / "2", {".mcp.json": text})
    assert left.text(".mcp.json") == text
    assert [(f.severity, f.outcome) for f in left.findings] == [(Severity.NOTE, Outcome.INFO)]


def test_word_and_address_are_one_edit(tmp_path: Path) -> None:
    text = '{"mcpServers": {"asana": {"type": "sse", "url": "https://mcp.asana.com/sse"}}}'
    project = Project(tmp_path, {".mcp.json": text})
    assert project.text(".mcp.json") == text
    finding = project.findings[0]
    assert (finding.rule, finding.severity, finding.outcome) == ("MCP304", Severity.ERROR, Outcome.BY_HAND)
    assert "https://mcp.asana.com/v2/mcp" in finding.instruction and "type: http" in finding.instruction


def test_remote_report(tmp_path: Path) -> None:
    text = CLAUDE.replace("localhost", "weather.example.com")
    project = Project(tmp_path, {".mcp.json": text}, Settings(remote="report"))
    assert project.text(".mcp.json") == text
    assert project.findings[0].outcome is Outcome.BY_HAND


def test_an_assumption_says_how_to_check_it(tmp_path: Path) -> None:
    finding = Project(tmp_path, {".mcp.json": CLAUDE}).fixes()[0]
    assert finding.assumed and finding.check.startswith("curl ")


def test_an_address_from_outside_is_named(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"type": "sse", "url": "${WEATHER_URL}"}}}'
    project = Project(tmp_path, {".mcp.json": text})
    assert project.text(".mcp.json") == text
    assert "WEATHER_URL" in project.findings[0].message + project.findings[0].instruction


def test_the_default_of_an_address_from_outside_moves(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"type": "sse", "url": "${WEATHER_URL:-http://localhost:8000/sse}"}}}'
    project = Project(tmp_path, {".mcp.json": text})
    assert project.text(".mcp.json") == text.replace('"sse"', '"http"').replace("8000/sse", "8000/mcp")
    assert project.findings[0].assumed and "WEATHER_URL" in project.findings[0].check


def test_credentials_are_reported_without_their_values(tmp_path: Path) -> None:
    text = CLAUDE.replace('/sse"', '/sse?api_key=SECRET1"')
    project = Project(tmp_path, {".mcp.json": text})
    assert [f.rule for f in project.findings] == ["MCP301", "MCP305"]
    assert "SECRET1" in project.text(".mcp.json")
    assert "SECRET1" not in repr(project.findings)
    assert "Authorization" in project.findings[1].instruction


def test_ignored_local_files_are_changed_on_request_only(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {".vscode/mcp.json": CLAUDE.replace("mcpServers", "servers")}
    project = Project(tmp_path / "1", files, local=(".vscode/mcp.json",))
    assert not any(p.edits for p in project.parts)
    finding = project.findings[0]
    assert (finding.outcome, finding.severity) == (Outcome.BY_HAND, Severity.NOTE)
    assert "http://localhost:8000/mcp" in finding.instruction
    asked = Project(tmp_path / "2", files, Settings(local_files=True), local=(".vscode/mcp.json",))
    assert asked.text(".vscode/mcp.json") == MOVED.replace("mcpServers", "servers")


def test_no_tests_leaves_the_configurations_of_tests_alone(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"tests/data/.mcp.json": CLAUDE, "contest/.mcp.json": CLAUDE}
    project = Project(tmp_path, files, Settings(tests=False))
    assert (project.text("tests/data/.mcp.json"), project.text("contest/.mcp.json")) == (CLAUDE, MOVED)
    assert Project(tmp_path / "2", files).text("tests/data/.mcp.json") == MOVED


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (".mcp.json", '{\n  "mcpServers": {\n    {% if sse %}\n  }\n}', 3),
        ("conf/servers.yaml", "mcpServers:\n  a:\n    type: sse\n\turl: x\n", 4),
        (".codex/config.toml", "[mcp_servers.a]\nurl = http://x/sse\n", 2),
    ],
)
def test_what_cannot_be_read_is_reported_and_untouched(tmp_path: Path, path: str, text: str, line: int) -> None:
    project = Project(tmp_path, {path: text})
    assert project.text(path) == text
    assert [(f.rule, f.outcome, f.place.path, f.place.line) for f in project.findings] == [
        ("MCP306", Outcome.BY_HAND, path, line)
    ]


def test_broken_files_without_sse_are_nobodys_business(tmp_path: Path) -> None:
    project = Project(tmp_path, {".mcp.json": '{"mcpServers": {', "chart.yaml": "a: {{ x }}\ntransport: sse\n"})
    assert project.findings == []


def test_text_that_cannot_be_decoded_is_reported_where_a_client_reads_it(tmp_path: Path) -> None:
    project = Project(tmp_path, {".mcp.json": b'{"sse": "\xff"}', "other.json": b'{"sse": "\xff"}'})
    assert [(f.rule, f.place.path) for f in project.findings] == [("MCP306", ".mcp.json")]


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    project = Project(tmp_path, {"a/.mcp.json": "{sse", "b/.mcp.json": CLAUDE})
    assert project.text("b/.mcp.json") == MOVED


def test_utf16_is_kept(tmp_path: Path) -> None:
    project = Project(tmp_path, {".mcp.json": CLAUDE.encode("utf-16")})
    assert project.after(".mcp.json") == MOVED.encode("utf-16")


def test_an_unknown_client_stops_the_run_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="claude-code"):
        Project(tmp_path, {"x.json": CLAUDE}, Settings(client="claude-kode"))


# -------------------------------------------------------------------------------------------------- shared YAML text


def test_an_anchor_that_all_its_users_change_alike_is_changed_once(tmp_path: Path) -> None:
    text = (
        "x-sse: &sse\n  type: sse\n  timeout: 5\n"
        "mcpServers:\n  a:\n    <<: *sse\n    url: http://localhost:8000/sse\n"
        "  b:\n    <<: *sse\n    url: http://localhost:8001/sse\n"
    )
    project = Project(tmp_path, {"librechat.yaml": text})
    after = text.replace("type: sse", "type: streamable-http").replace("/sse", "/mcp")
    assert project.text("librechat.yaml") == after


def test_an_anchor_that_one_user_must_keep_is_left(tmp_path: Path) -> None:
    text = (
        "x-sse: &sse\n  type: sse\n"
        "mcpServers:\n  a:\n    <<: *sse\n    url: http://localhost:8000/sse\n"
        "  b:\n    <<: *sse\n    url: https://mcp.asana.com/sse\n"
    )
    project = Project(tmp_path, {"librechat.yaml": text})
    assert project.text("librechat.yaml") == text
    assert {f.outcome for f in project.findings} == {Outcome.BY_HAND}
    assert any("http://localhost:8000/mcp" in f.instruction for f in project.findings)


def test_a_form_that_cannot_be_spliced_is_left_with_the_text_to_write(tmp_path: Path) -> None:
    text = "mcpServers:\n  a:\n    type: sse\n    url: >-\n      http://localhost:8000/sse\n  b:\n    type: sse\n    url: http://localhost:8001/sse\n"
    project = Project(tmp_path, {"librechat.yaml": text})
    assert project.text("librechat.yaml") == text.replace(
        "type: sse\n    url: http://localhost:8001/sse", "type: streamable-http\n    url: http://localhost:8001/mcp"
    )
    by_hand = [f for f in project.findings if f.outcome is Outcome.BY_HAND]
    assert len(by_hand) == 1 and "http://localhost:8000/mcp" in by_hand[0].instruction


# --------------------------------------------------------------------------------------------------------- compose


COMPOSE = """\
services:
  weather:
    build: ./server
    ports: ["${PORT:-9001}:8000"]
  cache:
    image: acme/cache
    ports:
      - "3001:3000/tcp"
      - target: 4000
        published: 4001
"""


def test_compose_services_decide(tmp_path: Path) -> None:
    text = (
        '{"servers": {"a": {"type": "sse", "url": "http://localhost:9001/sse"},'
        ' "b": {"type": "sse", "url": "http://weather:8000/sse"},'
        ' "c": {"type": "sse", "url": "http://localhost:3001/sse"},'
        ' "d": {"type": "sse", "url": "http://cache:3000/sse"},'
        ' "e": {"type": "sse", "url": "http://localhost:4001/sse"}}}'
    )
    own = server(place=server().place, files=("server/main.py",))
    project = Project(tmp_path, {".vscode/mcp.json": text, "compose.yaml": COMPOSE}, endpoints=(own,))
    moved = project.text(".vscode/mcp.json")
    assert "9001/mcp" in moved and "weather:8000/mcp" in moved
    assert "3001/sse" in moved and "cache:3000/sse" in moved and "4001/sse" in moved
    assert [p.unit for p in project.parts if p.edits] == ["unit-1", "unit-1"]
    assert sum("not built here" in f.message for f in project.findings) == 3


# ------------------------------------------------------------------------------------------- settings of own programs


def test_settings_that_hold_an_own_address_follow(tmp_path: Path) -> None:
    text = "agent:\n  mcp_url: http://localhost:8000/sse # local\n  docs: see http://localhost:8000/sse\n  other: http://localhost:9/sse\n"
    project = Project(tmp_path, {"config.yaml": text}, endpoints=(server(),))
    assert project.text("config.yaml") == text.replace("8000/sse # local", "8000/mcp # local")
    assert project.parts[0].unit == "unit-1"
    (told,) = Project(tmp_path / "2", {"config.yaml": text}).parts
    assert not told.edits and told.findings[0].severity is Severity.NOTE


def test_settings_of_the_deployment_side_are_not_this_rooms(tmp_path: Path) -> None:
    compose = "services:\n  a:\n    image: x\n    environment:\n      URL: http://localhost:8000/sse\n"
    cluster = "apiVersion: v1\nkind: ConfigMap\ndata:\n  URL: http://localhost:8000/sse\n"
    project = Project(tmp_path, {"compose.yaml": compose, "k8s/map.yaml": cluster}, endpoints=(server(),))
    assert project.parts == []


def test_the_environment_of_a_started_command_follows(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"command": "python", "args": ["agent.py"], "env": {"URL": "http://localhost:8000/sse"}}}}'
    project = Project(tmp_path, {".mcp.json": text}, endpoints=(server(),))
    assert project.text(".mcp.json") == text.replace("/sse", "/mcp")


# ---------------------------------------------------------------------------------------------------------- bridges


def test_bridges_in_arguments(tmp_path: Path) -> None:
    text = (
        "mcp:\n  servers:\n    a:\n      command: uvx\n      args:\n        - mcp-proxy\n        - http://localhost:8000/sse # mine\n"
        "    b:\n      command: npx mcp-remote http://localhost:8001/sse --transport sse-only\n"
        '    c:\n      command: sh\n      args: ["-c", "exec npx mcp-remote \'http://localhost:8002/sse\'"]\n'
        '    d: {command: mcp-proxy, args: [--transport, sse], env: {SSE_URL: "http://localhost:8003/sse"}}\n'
    )
    after = (
        text.replace(
            "        - http://localhost:8000", "        - --transport=streamablehttp\n        - http://localhost:8000"
        )
        .replace("/sse", "/mcp")
        .replace("sse-only", "http-only")
        .replace("[--transport, sse]", "[--transport, streamablehttp]")
    )
    project = Project(tmp_path, {"mcp_agent.config.yaml": text})
    assert project.text("mcp_agent.config.yaml") == after
    assert {f.rule for f in project.findings} == {"MCP303"}


def test_an_entry_that_starts_a_server_is_left_to_the_deployment_side(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"command": "python", "args": ["server.py", "--transport", "sse"]}, "b": {"command": "supergateway", "args": ["--stdio", "x"]}}}'
    project = Project(tmp_path, {".mcp.json": text}, endpoints=(server(),))
    assert project.parts == []


# ---------------------------------------------------------------------------------- entries in places of their own


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            "agents/mcp.json",
            '{"weather": {"transport": "sse", "url": "http://localhost:8000/sse"}}',
            '{"weather": {"transport": "http", "url": "http://localhost:8000/mcp"}}',
        ),
        (
            "proxy.yaml",
            "# MCP proxy\nupstreams:\n  weather:\n    url: http://weather/sse\n    transport: sse\n",
            "# MCP proxy\nupstreams:\n  weather:\n    url: http://weather/mcp\n    transport: http\n",
        ),
        (
            "conf.json",
            '{"mcp": {"servers": [{"id": "a", "connectionType": "sse", "url": "http://localhost:1/sse"}]}}',
            '{"mcp": {"servers": [{"id": "a", "connectionType": "http", "url": "http://localhost:1/mcp"}]}}',
        ),
    ],
)
def test_an_entry_that_says_sse_is_found_anywhere(tmp_path: Path, path: str, before: str, after: str) -> None:
    project = Project(tmp_path, {path: before})
    assert project.text(path) == after
    assert all(f.assumed for f in project.fixes())


@pytest.mark.parametrize(
    "text",
    [
        '{"events": {"type": "sse", "url": "/api/events/sse"}}',
        '{"openapi": "3.0.0", "servers": [{"url": "https://api.example.com/v1"}], "x": "sse"}',
        '{"transport": "sse", "host": "0.0.0.0", "path": "/mcp"}',
        '{"mcpServers": {"use": true, "share": "sse"}}',
        '{"mcpServers": ["sse", "http://x/sse"]}',
    ],
)
def test_look_alikes_are_left(tmp_path: Path, text: str) -> None:
    assert Project(tmp_path, {"app.json": text}).parts == []


@pytest.mark.parametrize(
    "entry",
    [
        '{"type": "REMOTE_SSE", "url": "https://x.com/sse"}',
        '{"sseUrl": "https://x.com/sse"}',
        '{"type": "sse", "sse_url": "https://x.com/sse"}',
    ],
)
def test_spellings_whose_successor_is_not_known_are_by_hand(tmp_path: Path, entry: str) -> None:
    project = Project(tmp_path, {"app.json": f'{{"mcpServers": {{"a": {entry}}}}}'})
    assert [f.outcome for f in project.findings] == [Outcome.BY_HAND]


def test_objects_of_a_cluster_are_the_deployment_sides(tmp_path: Path) -> None:
    text = "apiVersion: x/v1\nkind: MCPServer\nspec:\n  transport: sse\n  url: http://weather/sse\n"
    assert Project(tmp_path, {"k8s/mcp.yaml": text}).parts == []


def test_the_address_of_a_server_in_another_language_waits_for_it(tmp_path: Path) -> None:
    entry = '{"servers": {"docs": {"type": "sse", "url": "http://localhost:3100/sse"}}}'
    server = 'import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";\napp.listen(3100);\n'
    for port, waits in (("3100", True), ("3101", False)):
        root = tmp_path / port
        (root / ".vscode").mkdir(parents=True)
        (root / "index.ts").write_text(server)
        (root / ".vscode" / "mcp.json").write_text(entry.replace("3100", port))
        plan = make_plan(root, Settings())
        (finding,) = [f for f in plan.findings if f.place.path == ".vscode/mcp.json"]
        assert (finding.outcome is Outcome.BY_HAND) is waits
        assert ("index.ts" in finding.message) is waits


@pytest.mark.parametrize(
    "entry",
    [
        '{"command": "their-bridge", "args": ["--url", "http://x.example.org/sse"]}',
        '{"command": "docker", "args": ["run", "-e", "SSE_URL=http://x.example.org/sse", "their/image"]}',
        '{"command": "their-bridge", "env": {"SERVER": "http://x.example.org/sse"}}',
    ],
)
def test_an_address_for_a_command_that_is_not_known_is_told(tmp_path: Path, entry: str) -> None:
    project = Project(tmp_path, {".mcp.json": f'{{"mcpServers": {{"a": {entry}}}}}'})
    (finding,) = project.findings
    assert (finding.rule, finding.outcome, finding.counts) == ("MCP303", Outcome.INFO, False)
    assert not [e for p in project.parts for e in p.edits]


def test_another_page_of_the_same_program_is_not_its_endpoint(tmp_path: Path) -> None:
    text = '{"tools": {"mcp": "http://localhost:8000/sse", "events": "http://localhost:8000/events/sse"}}'
    (tmp_path / "app.json").write_text(text)
    (tmp_path / "s.py").write_text(
        'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s", port=8000)\nmcp.run("sse")\n'
    )
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (change,) = [c for c in make_plan(tmp_path, Settings()).changes if c.path == "app.json"]
    assert change.after.decode() == text.replace(":8000/sse", ":8000/mcp")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("uptime.yaml", "monitors:\n  - url: http://localhost:8000/sse\n    method: get\n", "asked for a page"),
        ("play.yml", "- ansible.builtin.uri:\n    url: http://localhost:8000/sse\n", "asked for a page"),
        (
            "flow.json",
            '{"url": {"value": "http://localhost:8000/sse"}, "mode": {"value": "SSE"}}',
            "mode beside it says",
        ),
        ("tool.yaml", "tool:\n  url: http://localhost:8000/sse\n  method: post\n", ""),
    ],
)
def test_an_address_that_is_asked_or_has_a_word_beside_it_is_left(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    server = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("w", port=8000)\nmcp.run(transport="sse")\n'
    for path, content in {"server.py": server, "requirements.txt": "mcp>=1.28.1,<2\n", name: text}.items():
        (tmp_path / path).write_text(content, encoding="utf-8")
    plan = make_plan(tmp_path, Settings())
    (found,) = [f for f in plan.findings if f.place.path == name]
    assert any(c.path == name for c in plan.changes) is not bool(why)
    assert why in found.message
