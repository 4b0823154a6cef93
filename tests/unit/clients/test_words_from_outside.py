"""Clients whose transport's word, or whose address, stands in another module or comes from outside."""

from pathlib import Path

import pytest

from migrator.model import Finding, Outcome, Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("w", port=8090)
mcp.run(transport="sse")
"""
HEAD = "import argparse\nimport os\n\nfrom agno.tools.mcp import MCPTools\nfrom langchain_mcp_adapters.client import MultiServerMCPClient\n"
URL = "http://localhost:8090/sse"
ENTRY = 'client = MultiServerMCPClient({{"w": {{"transport": {word}, "url": {url}}}}})\n'
REQUIRED = "mcp>=1.28.1,<2\nlangchain-mcp-adapters>=0.2\nagno>=2\nllama-index-tools-mcp>=0.3\n"


def plan_of(root: Path, **files: str) -> Plan:
    for name, text in {"server.py": SERVER, "requirements.txt": REQUIRED, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return make_plan(root, Settings())


def of(plan: Plan, path: str) -> list[Finding]:
    return [f for f in plan.findings if f.place.path == path]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (ENTRY.format(word='os.environ.get("MCP_TRANSPORT", "sse")', url=f'"{URL}"'), "MCP_TRANSPORT"),
        (f'KIND = os.getenv("KIND", "sse")\n{ENTRY.format(word="KIND", url="os.environ[" + repr("U") + "]")}', "KIND"),
        (f'tools = MCPTools(url="{URL}", transport=os.getenv("KIND", "sse"))\n', "KIND"),
        (
            'p = argparse.ArgumentParser()\np.add_argument("--kind", default="sse")\na = p.parse_args()\n'
            + ENTRY.format(word="a.kind", url=f'"{URL}"'),
            "kind",
        ),
    ],
)  # fmt: skip
def test_who_sets_the_word_is_told(tmp_path: Path, code: str, name: str) -> None:
    plan = plan_of(tmp_path, **{"agent.py": HEAD + code})
    (finding,) = of(plan, "agent.py")
    assert finding.outcome is Outcome.BY_HAND and finding.counts
    assert f"comes from {name}," in finding.message and '"streamable' in finding.instruction
    assert "agent.py" not in {c.path for c in plan.changes}


@pytest.mark.parametrize("word", ['os.environ["KIND"]', 'os.getenv("KIND", "stdio")', '"sse" if os.getenv("X") else "stdio"'])  # fmt: skip
def test_of_a_word_that_may_be_any_other_nothing_is_said(tmp_path: Path, word: str) -> None:
    plan = plan_of(tmp_path, **{"agent.py": HEAD + ENTRY.format(word=word, url='os.environ["U"]')})
    assert not [f for f in of(plan, "agent.py") if f.counts]


def test_settings_in_another_module_are_followed_by_a_client_that_does_not_say_sse(tmp_path: Path) -> None:
    settings = f'from pydantic_settings import BaseSettings\n\n\nclass S(BaseSettings):\n    kind: str = "sse"\n    url: str = "{URL}"\n\n\ns = S()\n'
    plan = plan_of(tmp_path, **{"conf.py": settings, "agent.py": f"from conf import s\n{HEAD}{ENTRY.format(word='s.kind', url='s.url')}"})  # fmt: skip
    (finding,) = of(plan, "agent.py")
    assert finding.outcome is Outcome.BY_HAND and "s.kind" in finding.message
    assert not of(plan, "conf.py")


def test_an_address_in_another_module_moves_with_a_client_that_says_nothing_of_it(tmp_path: Path) -> None:
    agent = "from llama_index.tools.mcp import BasicMCPClient\n\nimport conf\n\nclient = BasicMCPClient(conf.URL)\n"
    plan = plan_of(tmp_path, **{"conf.py": f'URL = "{URL}"\n', "agent.py": agent})
    changed = {c.path: c.after.decode() for c in plan.changes}
    assert changed["conf.py"] == 'URL = "http://localhost:8090/mcp"\n' and not plan.left


@pytest.mark.parametrize(
    "code",
    [
        f'client = MultiServerMCPClient(dict(w=dict(url="{URL}", transport="sse")))\n',
        f'client = MultiServerMCPClient({{n: {{"url": "{URL}", "transport": "sse"}} for n in ("w",)}})\n',
        f'URLS = {{"w": "{URL}"}}\nclient = MultiServerMCPClient({{n: {{"transport": "sse", "url": u}} for n, u in URLS.items()}})\n',
        f'client = MultiServerMCPClient({{"w": dict(\n    url="{URL}",\n    transport="sse",  # the old one\n)}})\n',
    ],
)  # fmt: skip
def test_entries_that_are_put_together_move(tmp_path: Path, code: str) -> None:
    plan = plan_of(tmp_path, **{"agent.py": HEAD + code})
    changed = {c.path: c.after.decode() for c in plan.changes}
    assert changed["agent.py"] == HEAD + code.replace("8090/sse", "8090/mcp").replace('"sse"', '"streamable_http"')
    assert not plan.left and not [f for f in of(plan, "agent.py") if f.assumed]


def test_dict_without_a_word_gets_one(tmp_path: Path) -> None:
    code = (
        f'from crewai_tools import MCPServerAdapter\n\nwith MCPServerAdapter(dict(url="{URL}")) as tools:\n    pass\n'
    )
    plan = plan_of(tmp_path, **{"agent.py": code, "requirements.txt": "mcp>=1.28.1,<2\ncrewai-tools>=0.60\n"})
    changed = {c.path: c.after.decode() for c in plan.changes}
    assert 'dict(url="http://localhost:8090/mcp", transport="streamable-http")' in changed["agent.py"]


def test_a_dict_that_takes_in_another_is_left_to_the_user(tmp_path: Path) -> None:
    code = (
        f'BASE = {{"timeout": 5}}\nclient = MultiServerMCPClient({{"w": dict(BASE, url="{URL}", transport="sse")}})\n'
    )
    plan = plan_of(tmp_path, **{"agent.py": HEAD + code})
    assert [f.outcome for f in of(plan, "agent.py") if f.rule == "MCP202"] == [Outcome.BY_HAND]


@pytest.mark.parametrize(("key", "moves"), [("mode", False), ("type", False), ("name", True)])
def test_an_entry_that_says_sse_under_another_key_too_stays(tmp_path: Path, key: str, moves: bool) -> None:
    entry = f'client = MultiServerMCPClient({{"w": {{"transport": "sse", "{key}": "sse", "url": "{URL}"}}}})\n'
    plan = plan_of(tmp_path, **{"client.py": HEAD + entry})
    assert any(c.path == "client.py" for c in plan.changes) is moves
    (found,) = of(plan, "client.py")
    assert (found.outcome is Outcome.FIX) is moves
    assert moves or f'"{key}" in it says SSE' in found.message


@pytest.mark.parametrize("told", ['if entry["type"] == "sse":', 'match entry["type"]:\n        case "sse":'])
def test_what_sse_means_in_the_settings_of_others_stays(tmp_path: Path, told: str) -> None:
    code = "from mcp.client.sse import sse_client\n\n\nasync def connect(entry):\n    "
    body = f"{told}\n            async with sse_client(entry['url']) as streams:\n                return streams\n"
    plan = plan_of(tmp_path, **{"agent.py": code + body, "other.py": code + body.replace('"sse"', '"remote"')})
    (finding,) = of(plan, "agent.py")
    assert finding.outcome is Outcome.BY_HAND and 'what "sse" means in its settings' in finding.message
    assert {"server.py", "other.py"} <= {c.path for c in plan.changes} and "agent.py" not in {
        c.path for c in plan.changes
    }


FAR = "services:\n  tools:\n    build: .\n    environment:\n      {name}: http://docs:8080/sse\n  docs:\n    image: acme/docs-mcp\n"
FIELD = """\
from pydantic import BaseModel
from pydantic_settings import BaseSettings, SettingsConfigDict


class Docs(BaseModel):
    url: str | None = None


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="W_", env_nested_delimiter="__")
    docs: Docs = Docs()
    url: str | None = None
"""
CLIENT = "from mcp.client.sse import sse_client\nfrom fields import Settings\nimport os\n\n\nasync def main():\n    async with sse_client({url}) as (read, write):\n        pass\n"


@pytest.mark.parametrize(
    ("url", "name"),
    [('os.environ["W_FAR"]', "W_FAR"), ("Settings().url", "W_URL"), ("Settings().docs.url", "W_DOCS__URL")],
)
def test_an_address_that_is_set_to_somebody_elses_server_is_not_assumed_to_be_ours(
    tmp_path: Path, url: str, name: str
) -> None:
    files = {"fields.py": FIELD, "agent.py": CLIENT.format(url=url), "compose.yaml": FAR.format(name=name)}
    plan = plan_of(tmp_path, **files)
    (finding,) = of(plan, "agent.py")
    assert finding.outcome is Outcome.BY_HAND and "compose.yaml sets" in finding.message and name in finding.message
    assert not {"agent.py", "compose.yaml"} & {c.path for c in plan.changes}
