"""Which files could matter, by name and by bytes."""

import os
from pathlib import Path

import pytest

from migrator import sieve


def sifted(root: Path, files: dict[str, bytes], **options: int) -> sieve.Sifted:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return sieve.sift(str(root), sorted(files), sieve.Needles(), **options)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/server.py", "python"),
        ("tool.PY", "python"),
        ("env.py", "python"),
        ("pyproject.toml", "manifest"),
        ("requirements-dev.txt", "manifest"),
        ("dev-requirements.txt", "manifest"),
        ("notes.txt", "other"),
        ("uv.lock", "lock"),
        ("web/package-lock.json", "lock"),
        ("compose.yaml", "yaml"),
        ("compose.yaml.j2", "yaml"),
        (".env", "env"),
        (".env.example", "env"),
        ("config.env.example", "env"),
        ("Dockerfile.dev", "dockerfile"),
        ("api.Dockerfile", "dockerfile"),
        (".mcp.json", "json"),
        ("README.md", "markdown"),
        ("lab.ipynb", "notebook"),
        ("app.tsx", "javascript"),
        ("Makefile", "shell"),
        ("nginx.conf.template", "other"),
        ("LICENSE", "?"),
        ("logo.png", ""),
        ("strange.png.example", "other"),
    ],
)
def test_kinds_by_name(path: str, kind: str) -> None:
    assert sieve.kind_of(path) == kind


def test_python_that_speaks_mcp_over_sse_is_a_hit(tmp_path: Path) -> None:
    found = sifted(tmp_path, {"s.py": b'from mcp.server.fastmcp import FastMCP\nFastMCP("x").run("sse")\n'})
    assert found.hits == [("s.py", "python")]
    assert found.mcp_python == ["s.py"]
    assert found.evidence


@pytest.mark.parametrize(
    "line",
    [
        "import mcp",
        "import mcp.server",
        "from mcp import types",
        "from fastmcp import FastMCP",
        "import os, fastmcp",
        'importlib.import_module("mcp.server.fastmcp")',
    ],
)
def test_a_server_without_the_word_is_remembered(tmp_path: Path, line: str) -> None:
    found = sifted(tmp_path, {"s.py": f"{line}\nserver.run(transport=TRANSPORT)\n".encode()})
    assert found.hits == []
    assert found.mcp_python == ["s.py"]


@pytest.mark.parametrize("line", ["from mcp_use import MCPClient", "import mcpo", "x = 'the mcp server'"])
def test_what_only_sounds_like_an_import_is_not_one(tmp_path: Path, line: str) -> None:
    assert sifted(tmp_path, {"s.py": line.encode()}).mcp_python == []


@pytest.mark.parametrize(
    "code",
    [
        b"from sse_starlette.sse import EventSourceResponse\n",
        b'"""Sends SSE to the browser."""\n',
        b"client.put_object(SSECustomerKey=key)\n",
        b"class RSSEngine: ...\n",
    ],
)
def test_look_alikes_without_mcp_are_no_hits(tmp_path: Path, code: bytes) -> None:
    assert sifted(tmp_path, {"s.py": code}).hits == []


@pytest.mark.parametrize(
    "code",
    [
        b'TRANSPORTS = ["stdio", "sse"]\n',
        b'parser.add_argument("--sse")\n',
        b"def main(sse: bool = False): ...\n",
        b'URL = "http://localhost:8000/sse"\n',
        b'subprocess.run("python s.py --mode sse")\n',
    ],
)
def test_a_transport_word_without_mcp_is_a_hit(tmp_path: Path, code: bytes) -> None:
    assert sifted(tmp_path, {"s.py": code}).hits == [("s.py", "python")]


def test_javascript_needs_the_word_and_mcp(tmp_path: Path) -> None:
    files = {
        "a.ts": b'import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js"',
        "b.ts": b"const events = parseSSE(stream)",
        "c.ts": b'case "sse": start()',
    }
    assert [path for path, _ in sifted(tmp_path, files).hits] == ["a.ts", "c.ts"]


def test_names_of_packages_do_not_make_a_manifest_a_hit(tmp_path: Path) -> None:
    files = {
        "requirements.txt": b"mcp\nsse-starlette\nhttpx-sse==0.4\n",
        "pyproject.toml": b'serve = "python s.py --transport sse"',
    }
    assert sifted(tmp_path, files).hits == [("pyproject.toml", "manifest")]


def test_a_lock_is_never_read(tmp_path: Path) -> None:
    assert sifted(tmp_path, {"uv.lock": b'transport = "sse"'}).hits == []


def test_the_first_line_tells_what_a_file_without_a_suffix_is(tmp_path: Path) -> None:
    files = {
        "serve": b"#!/usr/bin/env python3\nimport mcp\nmcp.run('sse')\n",
        "start": b"#!/bin/sh\npython s.py --transport sse\n",
        "NOTES": b"we use sse\n",
    }
    assert dict(sifted(tmp_path, files).hits) == {"serve": "python", "start": "shell", "NOTES": "other"}


def test_utf16_is_looked_into(tmp_path: Path) -> None:
    assert sifted(tmp_path, {"mcp.json": '{"type": "sse"}'.encode("utf-16")}).hits == [("mcp.json", "json")]


def test_a_file_of_nul_bytes_is_a_hit_like_any_other(tmp_path: Path) -> None:
    assert sifted(tmp_path, {"s.py": b"\0\0mcp sse\0"}).hits == [("s.py", "python")]


def test_a_long_file_is_reported_only_if_it_could_matter(tmp_path: Path) -> None:
    filler = b"# nothing to see here\n" * (sieve.LIMIT // 20)
    found = sifted(
        tmp_path, {"big.py": filler + b'import mcp\nmcp.run("sse")\n', "other.py": filler, "data.json": filler}
    )
    assert found.hits == []
    assert [path for path, _ in found.skipped] == ["big.py"]
    assert "2 MiB" in found.skipped[0][1]


def test_a_file_that_cannot_be_opened_is_reported_and_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refusing(path: str, *rest: int, **options: int) -> int:
        if str(path).endswith("secret.py"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **options)

    monkeypatch.setattr(os, "open", refusing)
    found = sifted(tmp_path, {"secret.py": b"", "s.py": b'import mcp\nmcp.run("sse")\n'})
    assert found.skipped == [("secret.py", "can't be read: Permission denied")]
    assert found.hits == [("s.py", "python")]


def test_a_file_that_vanished_is_no_error(tmp_path: Path) -> None:
    assert sieve.sift(str(tmp_path), ["gone.py"], sieve.Needles()).gone == ["gone.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes exist on POSIX only")
def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert sieve.sift(str(tmp_path), ["pipe.py"], sieve.Needles()).hits == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forking exists on POSIX only")
def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    files = {f"d{n % 7}/s{n}.py": b'import mcp\nmcp.run("sse")\n' if n % 5 == 0 else b"pass\n" for n in range(60)}
    alone = sifted(tmp_path, files, workers=1)
    together = sifted(tmp_path, files, workers=3)
    assert sorted(together.hits) == sorted(alone.hits)
    assert len(alone.hits) == 12
    assert sorted(together.mcp_python) == sorted(alone.mcp_python)
    assert together.evidence


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forking exists on POSIX only")
def test_what_files_import_is_read_on_the_way_once_somebody_will_ask(tmp_path: Path) -> None:
    files = {f"s{n:02}.py": b"from app import s03\n" for n in range(20)}
    assert sifted(tmp_path, files, workers=2).imports == {}
    files["s04.py"] = b'import mcp\nmcp.run("sse")\n'
    names = {"s04.py": set()}
    assert sifted(tmp_path, files, workers=2).imports == {name: names.get(name, {b"s03"}) for name in list(files)[::2]}
