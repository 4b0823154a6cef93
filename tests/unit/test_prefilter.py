"""The words that the scan looks for come from rules/, and nothing is lost on the way."""

import re
from pathlib import Path

import pytest

from migrator import _prefilter, prefilter, rulebook
from migrator.pipeline import make_plan
from migrator.scan import scan
from migrator.settings import Settings


def test_the_generated_module_is_up_to_date() -> None:
    assert prefilter.TARGET.read_text(encoding="utf-8") == prefilter.source(), "run: python -m migrator.prefilter"


@pytest.mark.parametrize(
    "text",
    [
        'run("sse")',
        "mcp.sse_app()",
        "SseServerTransport",
        "MCPServerSse(",
        "MCPSsePlugin",
        "http://h/sse",
        "--sse",
        "SSE",
        "CreateSseMcpServerParam",
        "SSETransport",
        "mcp_server_sse",
        "transport: sse\n",
        "sse2",
        "self.sse",
    ],
)
def test_the_word_is_found_however_it_is_written(text: str) -> None:
    assert re.search(_prefilter.WORD, text.lower().encode())


@pytest.mark.parametrize(
    "text", ["assert x", "message", "processes", "classes", "passed", "possessed", "assessment", "glasses"]
)
def test_the_letters_inside_other_words_are_not_the_word(text: str) -> None:
    assert not re.search(_prefilter.WORD, text.lower().encode())


def test_a_word_that_the_pattern_misses_is_added_behind_its_literal() -> None:
    pattern = prefilter.word_pattern(("CreateSseMcp", "sse_app"))
    assert pattern.startswith("sse(?:")
    assert re.search(pattern, "createssemcpserverparam")
    assert not re.search(pattern, "createsserver")
    assert "sse_app" not in pattern  # found already: no alternative for it


def test_words_without_the_stem_are_kept_apart() -> None:
    arguments = prefilter.needle_arguments(prefilter.gathered({"x.toml": {"scan": {"words": ["SuperGateway", "sse"]}}}))
    assert arguments["words"] == (b"supergateway",)


def test_scan_tables_are_gathered_at_any_depth() -> None:
    documents = {"a.toml": {"scan": {"imports": ["b"]}, "rows": [{"scan": {"imports": ["a"], "calls": ["C"]}}]}}
    found = prefilter.gathered(documents)
    assert found["imports"] == ("a", "b")
    assert prefilter.needle_arguments(found)["implicit"] == (b"a", b"b", b"C")


def test_a_misspelt_key_names_the_right_one() -> None:
    with pytest.raises(rulebook.RulebookError, match=r'x\.toml.*did you mean "imports"'):
        prefilter.gathered({"x.toml": {"scan": {"import": ["a"]}}})


def test_a_value_that_is_no_list_is_refused() -> None:
    with pytest.raises(rulebook.RulebookError, match="must be a list of strings"):
        prefilter.gathered({"x.toml": {"scan": {"words": "sse"}}})


@pytest.mark.parametrize(
    "code",
    [
        'from crewai_tools import MCPServerAdapter\nMCPServerAdapter({"url": URL})\n',
        "from crewai.project import CrewBase\n\n\n@CrewBase\nclass A:\n    mcp_server_params = {'url': URL}\n",
        'from mcpadapt.core import MCPAdapt\nMCPAdapt({"url": URL}, adapter)\n',
        'from qwen_agent.agents import Assistant\nAssistant([{"mcpServers": {"a": {"url": URL}}}])\n',
        'from smolagents import ToolCollection\nToolCollection.from_mcp({"url": URL})\n',
        "from pydantic_ai.mcp import MCPServerHTTP\nMCPServerHTTP(URL)\n",
        "from fastapi_mcp import FastApiMCP\nFastApiMCP(app).mount()\n",
    ],
)
def test_frameworks_that_mean_sse_without_the_word_are_found(tmp_path: Path, code: str) -> None:
    (tmp_path / "agent.py").write_text(code)
    (tmp_path / "requirements.txt").write_text("smolagents==1.17.0\n")
    (tmp_path / "other.py").write_text("from mcp.server.fastmcp import FastMCP\n")
    assert b"sse" not in code.lower().encode()
    tree = scan(tmp_path, Settings())
    assert tree.hits["python"] == ("agent.py",)
    plan = make_plan(tmp_path, Settings())
    assert {f.rule for f in plan.findings if f.place.path == "agent.py"} & {"MCP202", "MCP103"}
