"""Which files a project has, in a work tree and without one, and what the scan makes of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.rulebook import RulebookError
from migrator.scan import look_at, nothing_to_do, scan
from migrator.settings import Settings
from migrator.tree import Tree

SERVER = 'from mcp.server.fastmcp import FastMCP\nFastMCP("x").run("sse")\n'


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def scanned(root: Path, **settings: object) -> Tree:
    return scan(root, Settings(**settings))  # type: ignore[arg-type]


@pytest.fixture(params=["plain", "git"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An empty project, once without and once with git."""
    root = tmp_path / "project"
    root.mkdir()
    if request.param == "git":
        git(root, "init", "-q")
    return root


def test_an_empty_directory_has_nothing(project: Path) -> None:
    tree = scanned(project)
    assert nothing_to_do(tree)
    assert tree.files == ()


def test_hits_by_kind(project: Path) -> None:
    write(project, {"s.py": SERVER, "README.md": "--transport sse", "a/compose.yaml": "TRANSPORT: sse", "b.py": "pass"})
    tree = scanned(project)
    assert tree.hits == {"markdown": ("README.md",), "python": ("s.py",), "yaml": ("a/compose.yaml",)}
    assert tree.files == ("README.md", "a/compose.yaml", "b.py", "s.py")
    assert tree.read("s.py") == SERVER.encode()


def test_code_that_starts_a_server_made_elsewhere(project: Path) -> None:
    write(project, {"s.py": SERVER, "start.py": "from s import app\napp.run(transport=sys.argv[1])\n", "b.py": "pass"})
    tree = scanned(project)
    assert tree.transport_python == ("start.py",)
    assert tree.mcp_python == ("s.py",)


def test_a_project_that_never_mentions_mcp_has_no_hits(project: Path) -> None:
    write(project, {"stream.py": 'app.route("/sse")', "README.md": "an SSE server"})
    assert nothing_to_do(scanned(project))


@pytest.mark.parametrize("name", [".vscode/mcp.json", ".goose/config.yaml", "mcp-servers/list.json"])
def test_a_configuration_that_says_mcp_only_in_its_name(project: Path, name: str) -> None:
    write(project, {name: '{"servers": {"a": {"type": "sse", "url": "http://localhost/sse"}}}'})
    assert [path for paths in scanned(project).hits.values() for path in paths] == [name]


def test_a_server_whose_transport_only_a_readme_names(project: Path) -> None:
    write(project, {"s.py": "import fastmcp\nmcp.run(transport=os.environ['T'])", "README.md": "T=sse"})
    tree = scanned(project)
    assert tree.mcp_python == ("s.py",)
    assert tree.hits == {"markdown": ("README.md",)}


def test_gitignore_is_honoured(project: Path) -> None:
    write(project, {".gitignore": "made/\n*.gen.py\n", "made/s.py": SERVER, "x.gen.py": SERVER, "s.py": SERVER})
    tree = scanned(project)
    assert "s.py" in tree.files
    assert "made/s.py" not in tree.files and "x.gen.py" not in tree.files
    assert "made/s.py" not in tree.hits["python"]


def test_a_nested_gitignore_may_take_back(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.md\n", "docs/.gitignore": "!*.md\n", "docs/a.md": "mcp sse", "b.md": "mcp sse"})
    assert "docs/a.md" in scanned(tmp_path).files
    assert "b.md" not in scanned(tmp_path).files


def test_an_ignored_file_of_an_unpacked_archive_is_read_but_local(tmp_path: Path) -> None:
    """Archives hold tracked files that their .gitignore names; without git nobody can tell."""
    write(tmp_path, {".gitignore": ".env*\n", ".env.example": "TRANSPORT=sse", "s.py": SERVER})
    tree = scanned(tmp_path)
    assert tree.local == {".env.example"}
    assert tree.hits["env"] == (".env.example",)


def test_local_settings_that_git_ignores_are_found(project: Path) -> None:
    write(project, {".gitignore": ".env\n.vscode/\n", ".env": "TRANSPORT=sse", "s.py": SERVER})
    if (project / ".git").exists():
        write(project, {".vscode/mcp.json": '{"type": "sse"}'})
        assert scanned(project).local == {".env", ".vscode/mcp.json"}
    tree = scanned(project)
    assert ".env" in tree.local and ".env" in tree.hits["env"]
    assert ".env" not in tree.files
    assert tree.exists(".env")


@pytest.mark.parametrize("folder", ["node_modules", "site-packages", "__pycache__", ".venv", ".tox", "a/node_modules"])
def test_folders_of_other_peoples_code_are_pruned(project: Path, folder: str) -> None:
    write(project, {f"{folder}/s.py": SERVER, "ok.py": SERVER})
    assert scanned(project).hits["python"] == ("ok.py",)


def test_a_virtual_environment_is_known_by_its_file(project: Path) -> None:
    write(project, {"myenv/pyvenv.cfg": "home = x", "myenv/lib/s.py": SERVER, "venv/s.py": SERVER})
    assert scanned(project).hits["python"] == ("venv/s.py",)


def test_build_output_is_pruned_and_a_folder_of_that_name_is_not(tmp_path: Path) -> None:
    write(
        tmp_path, {"a/setup.py": "", "a/build/lib/s.py": SERVER, "deploy/build/s.py": SERVER, "x.egg-info/PKG-INFO": ""}
    )
    tree = scanned(tmp_path)
    assert tree.hits["python"] == ("deploy/build/s.py",)
    assert not [path for path in tree.files if "egg-info" in path]


def test_exclude(project: Path) -> None:
    write(project, {"examples/s.py": SERVER, "s.py": SERVER})
    assert scanned(project, exclude=("examples/",)).hits["python"] == ("s.py",)


def test_a_subfolder_of_a_work_tree(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {".gitignore": "*.gen.py", "pkg/s.py": SERVER, "pkg/x.gen.py": SERVER, "other.py": SERVER})
    assert scanned(tmp_path / "pkg").files == ("s.py",)


def test_a_folder_that_git_ignores_is_walked(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {".gitignore": "scratch/\n", "scratch/s.py": SERVER})
    assert scanned(tmp_path / "scratch").hits["python"] == ("s.py",)


def test_a_file_given_by_name_counts_although_git_ignores_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {".gitignore": "mine.py\n", "mine.py": SERVER, "s.py": SERVER})
    tree = scan(tmp_path, Settings(), ("mine.py",))
    assert tree.hits["python"] == ("mine.py", "s.py")
    assert "mine.py" in tree.files


def test_a_deleted_file_is_not_there(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"s.py": SERVER, "uv.lock": "", "old.py": SERVER})
    git(tmp_path, "add", ".")
    (tmp_path / "old.py").unlink()
    (tmp_path / "uv.lock").unlink()
    assert scanned(tmp_path).files == ("s.py",)


def test_a_repository_inside_is_named_and_left_alone(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"inner/s.py": SERVER, "s.py": SERVER})
    git(tmp_path / "inner", "init", "-q")
    git(tmp_path / "inner", "add", ".")
    git(tmp_path / "inner", "commit", "-qm", "x")
    tree = scanned(tmp_path)
    assert tree.hits["python"] == ("s.py",)
    assert tree.skipped[0][0] == "inner/"


def test_names_with_spaces_newlines_and_other_alphabets(project: Path) -> None:
    names = {"a b.py": SERVER, "naïve/日本.py": SERVER} | ({} if sys.platform == "win32" else {"new\nline.py": SERVER})
    write(project, names)
    assert set(scanned(project).hits["python"]) == set(names)


@pytest.mark.skipif(sys.platform == "win32", reason="making symbolic links needs a privilege on Windows")
class TestLinks:
    def test_a_loop_ends(self, project: Path) -> None:
        write(project, {"a/s.py": SERVER})
        (project / "a" / "again").symlink_to(project, target_is_directory=True)
        (project / "self.py").symlink_to(project / "self.py")
        tree = scanned(project)
        assert tree.hits["python"] == ("a/s.py",)

    def test_a_file_outside_is_named_and_left_alone(self, project: Path, tmp_path: Path) -> None:
        write(tmp_path, {"outside.py": SERVER})
        (project / "link.py").symlink_to(tmp_path / "outside.py")
        write(project, {"s.py": SERVER})
        tree = scanned(project)
        assert tree.hits["python"] == ("s.py",)
        assert [path for path, why in tree.skipped if "out of the project" in why] == ["link.py"]

    def test_a_file_inside_is_read_once(self, project: Path) -> None:
        write(project, {"s.py": SERVER})
        (project / "link.py").symlink_to("s.py")
        tree = scanned(project)
        assert tree.hits["python"] == ("s.py",)
        assert tree.mcp_python == ("s.py",)
        assert tree.skipped == ()


def test_a_folder_that_cannot_be_listed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"closed/s.py": SERVER, "s.py": SERVER})
    scandir = os.scandir

    def refusing(path: str) -> object:
        if "closed" in str(path):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    tree = scanned(tmp_path)
    assert tree.skipped == (("closed/", "can't be listed: Permission denied"),)
    assert tree.hits["python"] == ("s.py",)


def test_a_root_that_is_not_there_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scanned(tmp_path / "nowhere")


def test_the_users_own_words_are_looked_for(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"ours.toml": '[clients.ours.scan]\nwords = ["pushwire"]\n', "a.yaml": "mcp: pushwire", "b.yaml": "mcp: x"},
    )
    tree = scanned(tmp_path, extra_rules=("ours.toml",))
    assert tree.hits["yaml"] == ("a.yaml",)


def test_users_rules_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match=r"ours\.toml: no such file"):
        scanned(tmp_path, extra_rules=("ours.toml",))


def test_files_alone_can_show_that_nothing_is_to_do(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "pass", "b.py": "import mcp", "c.py": SERVER})
    assert look_at(str(tmp_path), ["a.py"])
    assert not look_at(str(tmp_path), ["a.py", "b.py"])
    assert not look_at(str(tmp_path), ["c.py"])


def test_without_git_installed_the_walk_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"s.py": SERVER, ".gitignore": "made/\n", "made/s.py": SERVER})
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert scanned(tmp_path).hits["python"] == ("s.py",)
