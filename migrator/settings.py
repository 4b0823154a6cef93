"""What the user asked for: the command line over the settings table over the defaults."""

from __future__ import annotations

from migrator.records import record


class SettingsError(ValueError):
    """A setting that can't be used. The message names the file, the key and the nearest right one."""


@record(frozen=True)
class Settings:
    """Every switch, with its default. Words are those of the command line; docs/settings.md says what they mean."""

    mode: str = "auto"  # auto | stateless | stateful
    legacy_sse: str = "remove"  # remove | gone | keep
    old_word: str = "alias"  # alias | reject
    path: str = "/mcp"  # the new endpoint's path, under the same prefix as the old one
    remote: str = "assume"  # assume | report | probe
    client: str = ""  # which MCP client reads config files that don't show it: "claude-code", ...
    clients: tuple[tuple[str, str], ...] = ()  # (glob, client): the same, per file
    floor: str = "keep"  # keep | recommended
    docs: bool = True
    tests: bool = True
    local_files: bool = False  # edit ignored local files (.env, .vscode/mcp.json) too
    allow_dirty: bool = False
    allowed_hosts: tuple[str, ...] = ()  # Host headers that a server behind a name must accept
    endpoint: tuple[str, ...] = ()  # move only these endpoints
    exclude: tuple[str, ...] = ()  # gitignore patterns
    select: tuple[str, ...] = ()  # rule ids or prefixes
    ignore: tuple[str, ...] = ()
    per_path_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (glob, rule ids)
    extra_rules: tuple[str, ...] = ()  # TOML files of the user's own facts
    baseline: str = ""
