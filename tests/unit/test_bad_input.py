"""Whatever lies in a project, a run ends with a clear answer, and the good files are still done."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator import main, reports

SERVER = b'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x")\n\nif __name__ == "__main__":\n    mcp.run(transport="sse")\n'
BAD: dict[str, bytes] = {
    "syntax.py": SERVER + b"def broken(:\n",
    "python2.py": b'import mcp\nprint "sse"\n',
    "nul.py": SERVER + b"\0",
    "latin.py": SERVER + b"# caf\xe9\n",
    "cookie.py": b"# coding: latin-1\n" + SERVER + b"# caf\xe9\n",
    "unknown_cookie.py": b"# coding: klingon\n" + SERVER,
    "utf16.py": SERVER.decode().encode("utf-16"),
    "nested.py": b"import mcp\nx = " + b"(" * 300 + b'"sse"' + b")" * 300 + b"\n",
    "deep.py": b"import mcp\nx = " + b"-" * 20_000 + b'1  # sse\n',
    "sum.py": b'import mcp\nmcp.run("sse")\nx = ' + b" + ".join([b"1"] * 5_000) + b"\n",
    "new.py": b'import mcp\ntype Word[T] = list[T]\nx = f"{"sse"}"\n',
    "empty.py": b"",
    "config.json": b'{"mcpServers": {"a": {"type": "sse", "url": ',
    "config.yaml": b"mcp: [sse\n\t- {{ x }}",
    "notebook.ipynb": b"mcp sse {",
    "notes.md": b"```json\n{\"type\": \"sse\"\n",
    "Dockerfile": b"CMD [\"sse\" mcp",
    ".env": b"MCP_TRANSPORT=sse\xff\n",
    "pyproject.toml": b"[project\ndependencies = ['mcp']",
    "requirements.txt": b"mcp>=\xff\n",
    "uv.lock": b"version = ",
    "package.json": b'{"scripts": {"a": "mcp --transport sse"',
}  # fmt: skip


def snapshot(root: Path) -> dict[str, str]:
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file() and not p.is_symlink()
    }


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert "a defect in mcp-migrate" not in captured.err, captured.err
    assert "Traceback" not in captured.err + captured.out
    return captured.out


@pytest.mark.parametrize("name", sorted(BAD))
def test_one_bad_file_does_not_stop_the_good_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / name).write_bytes(BAD[name])
    (tmp_path / "app").mkdir()
    (tmp_path / "app/server.py").write_bytes(SERVER)
    before = snapshot(tmp_path)
    assert main.main(["check", "."]) == 1
    assert os.path.join("app", "server.py") in said(capsys)
    assert main.main(["--dry-run", "."]) == 0
    assert snapshot(tmp_path) == before
    said(capsys)
    main.main(["."])
    said(capsys)
    assert b"streamable-http" in (tmp_path / "app/server.py").read_bytes()
    after = snapshot(tmp_path)
    main.main(["."])
    said(capsys)
    assert snapshot(tmp_path) == after


def test_all_of_them_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in BAD.items():
        (tmp_path / name).write_bytes(content)
    if sys.platform != "win32":
        (tmp_path / "loop").symlink_to("loop")
        (tmp_path / "up").symlink_to(tmp_path, target_is_directory=True)
    assert main.main(["check", "."]) == 1
    assert "syntax.py" in said(capsys)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".mcp.json", '{"mcpServers": {"a": {"url": "http://localhost:8000/sse"},\n'),
        (".codex/config.toml", '[mcp_servers.a\nurl = "http://localhost:8000/sse"\n'),
        ("fastagent.config.yaml", "mcp:\n  servers:\n    a:\n      url: http://localhost:8000/sse\n\tb: 1\n"),
    ],
)
def test_a_configuration_that_cannot_be_parsed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "server.py").write_bytes(SERVER)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert main.main(["."]) == 1
    assert b"streamable-http" in (tmp_path / "server.py").read_bytes()
    assert (tmp_path / name).read_text() == text
    assert "MCP306" in said(capsys)


def test_a_server_whose_code_cannot_be_read_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder, import_ in {"one": b"import tools\n", "two": b""}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pyproject.toml").write_text(f'[project]\nname = "{folder}"\nversion = "1"\n')
        (tmp_path / folder / "server.py").write_bytes(import_ + SERVER)
        # of a newer Python, say: whether it asks the client something can't be told
        (tmp_path / folder / "tools.py").write_bytes(b"from mcp.server.fastmcp import Context\ndef (:\n")
    assert main.main(["."]) == 1
    assert (tmp_path / "one/server.py").read_bytes() == b"import tools\n" + SERVER
    assert b"streamable-http" in (tmp_path / "two/server.py").read_bytes()
    out = said(capsys)
    assert "it stays as it is: this file imports MCP and can't be parsed" in " ".join(out.split())
    assert "one/tools.py:2  MCP108" in out and "run mcp-migrate with the Python that it is written for" in out


@pytest.mark.parametrize("name", ["latin.py", "cookie.py", "utf16.py", "nul.py"])
def test_python_in_another_encoding_is_no_broken_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "server.py").write_bytes(SERVER)
    (tmp_path / name).write_bytes(BAD[name])
    main.main(["check", str(tmp_path)])
    assert "MCP406" not in said(capsys)


def test_a_file_that_cannot_be_read_is_not_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = os.open

    def refusing(path: str, *rest: int, **options: int) -> int:
        if str(path).endswith(("closed.py", "pyproject.toml", ".env")):
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **options)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "open", refusing)
    for name in ("closed.py", "pyproject.toml"):
        (tmp_path / name).write_bytes(b"")
        assert main.main(["check", "."]) == 1
        out = said(capsys)
        assert f"{name}: MCP108 can't be read: Permission denied" in out and "leave it out with exclude" in out
        assert out.count("MCP") == 1
        assert main.main(["check", "--exclude", name, "."]) == 0
        said(capsys)
        (tmp_path / name).unlink()
    subprocess.run(["git", "init", "-q"], check=True)
    (tmp_path / ".gitignore").write_text(".env\n")
    (tmp_path / ".env").write_bytes(b"")  # a secret that the user keeps from himself
    assert main.main(["check", "."]) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="making symbolic links needs a privilege on Windows")
def test_links_in_a_ring_hold_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").symlink_to("b.py")
    (tmp_path / "b.py").symlink_to("a.py")
    assert main.main(["check", str(tmp_path)]) == 0
    said(capsys)


def test_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["."], ["--dry-run", "."], ["check", "."]):
        assert main.main(words) == 0
        assert said(capsys) == "Clean: no deprecated MCP transport in 0 files.\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are text")
def test_a_name_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "server.py").write_bytes(SERVER)
    odd = os.fsencode(tmp_path) + b"/b\xe9d.py"
    with open(odd, "wb") as file:
        file.write(SERVER)
    for name in reports.FORMATS:
        assert main.main(["check", "--format", name, str(tmp_path)]) == 1
    capsys.readouterr()
    assert main.main(["--dry-run", "--verbose", str(tmp_path)]) == 0
    assert "its name is not text in UTF-8" in capsys.readouterr().out
    assert main.main(["check", os.fsdecode(odd)]) == 2
    assert "rename it first" in capsys.readouterr().err
    assert main.main(["-q", str(tmp_path)]) == 0
    with open(odd, "rb") as file:
        assert file.read() == SERVER


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a folder in use can't be removed")
def test_a_folder_that_went_away(tmp_path: Path) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    command = [
        sys.executable,
        "-c",
        f"import os; os.rmdir({str(place)!r}); from migrator import main; main.main(['check'])",
    ]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == "mcp-migrate: the current folder is not there any more: change to another one\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_bytes(SERVER)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "migrator", "check", str(tmp_path)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"mcp-migrate: can't write: No space left on device\n")
