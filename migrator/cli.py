"""The command line: options and exit statuses; no decisions.

    mcp-migrate [OPTIONS] PATH...      write
    mcp-migrate --dry-run PATH...      show what would be written
    mcp-migrate check PATH...          exit 1 while something is left; never writes
    mcp-migrate rules | explain ID     the catalogue

The command word is found before the options are parsed, wherever it stands: `check .` is never two paths to rewrite.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from migrator import __version__
from migrator.catalogue import explain_app, rules_app
from migrator.completion import COMMANDS, first_words, words_of
from migrator.main import INTERRUPTED, PROGRAM
from migrator.reports import FORMATS

SECOND_NAME = "mcp-transport-migrate"
EPILOG = (
    "Commands: mcp-migrate check PATH... (never writes, exit 1 while something is left), mcp-migrate rules, "
    "mcp-migrate explain MCP101. Exit status: 0 nothing is left, or a dry run; 1 something is left; 2 the run itself failed."
)

_WHAT = "What to do"
_POLICY = "How servers and clients move"
_SCOPE = "What is looked at"
_OUTPUT = "Output"

app = typer.Typer(add_completion=True, pretty_exceptions_enable=False)


def run(arguments: list[str]) -> int:
    """Run the command line. Returns the exit status."""
    command, rest = resolve(arguments)
    chosen = {"rules": rules_app, "explain": explain_app}.get(command, app)
    if command == "check":
        rest = ["--check", *rest]
    elif not rest and command == "":
        rest = ["--help"]
    try:
        status = typer.main.get_command(chosen).main(
            rest, prog_name=_program() if chosen is app else f"{_program()} {command}", standalone_mode=False
        )
    except typer.Abort:
        status = INTERRUPTED
    except Exception as error:
        # typer's own usage errors; their class lies in click or in typer, depending on its release
        if not hasattr(error, "format_message"):
            raise
        print(f"{PROGRAM}: {error.format_message()}\n  mcp-migrate --help lists the options", file=sys.stderr)
        return 2
    if status == INTERRUPTED:  # older releases raise Abort, newer ones return the status
        raise KeyboardInterrupt
    return status if isinstance(status, int) else 0


def _program() -> str:
    """The name that it was started by: shells complete each of the two by its own name."""
    name = os.path.basename(sys.argv[0]).removesuffix(".exe")
    return name if name in (PROGRAM, SECOND_NAME) else PROGRAM


def resolve(arguments: list[str]) -> tuple[str, list[str]]:
    """The command word ("" for none) and the other words.

    `check` counts wherever it stands among the paths, so that no order of words can turn a check into a rewrite; the
    other commands only as the first word. A folder of such a name is written ./check.
    """
    with_value = {
        option
        for parameter in typer.main.get_command(app).params
        if not getattr(parameter, "is_flag", False) and parameter.param_type_name == "option"
        for option in parameter.opts
    }
    first, skip = True, False
    for index, word in enumerate(arguments):
        if skip:
            skip = False
        elif word == "--":
            break
        elif word.startswith("-") and word != "-":
            skip = word in with_value
        else:
            if word == "check" or (first and word in COMMANDS):
                return word, arguments[:index] + arguments[index + 1 :]
            first = False
    return "", arguments


def _print_version(asked: bool) -> None:
    if asked:
        print(f"{PROGRAM} {__version__}")
        raise typer.Exit


Words = list[str] | None
Word = str | None


def _option(*names: str, help: str, panel: str, metavar: str = "", **more: Any) -> Any:
    """An option for the help. metavar: what its value is, empty for a flag."""
    return typer.Option(*names, help=help, rich_help_panel=panel, metavar=metavar, show_default=False, **more)


@app.command(epilog=EPILOG, options_metavar="[check] [OPTIONS]")
def migrate(
    *,
    paths: Annotated[
        Words, typer.Argument(metavar="PATH", show_default=False, hidden=True, autocompletion=first_words)
    ] = None,
    dry_run: Annotated[
        bool, _option("--dry-run", help="Show what would be written; write nothing.", panel=_WHAT)
    ] = False,
    check: Annotated[
        bool, _option("--check", help="Exit 1 while something is left; write nothing. The same as: check.", panel=_WHAT)
    ] = False,
    diff: Annotated[bool, _option("--diff", help="Print only the diff; write nothing.", panel=_WHAT)] = False,
    why_not: Annotated[
        bool, _option("--why-not", help="Print for each server that stays what blocks it; write nothing.", panel=_WHAT)
    ] = False,
    interactive: Annotated[
        bool,
        _option(
            "--interactive",
            help="Show each endpoint with its whole diff and ask: apply, skip, explain, stop.",
            panel=_WHAT,
        ),
    ] = False,
    mode: Annotated[
        Word,
        _option(
            "--mode",
            metavar="auto|stateless|stateful",
            help="auto: stateless unless the code needs a session.",
            autocompletion=words_of("mode"),
            panel=_POLICY,
        ),
    ] = None,
    legacy_sse: Annotated[
        Word,
        _option(
            "--legacy-sse",
            metavar="remove|gone|keep",
            help="The old path: removed, answering 410 with the new address, or still served beside the new one.",
            autocompletion=words_of("legacy-sse"),
            panel=_POLICY,
        ),
    ] = None,
    old_word: Annotated[
        Word,
        _option(
            "--old-word",
            metavar="alias|reject",
            help="The old transport word from outside: accepted, meaning the new transport, or refused.",
            autocompletion=words_of("old-word"),
            panel=_POLICY,
        ),
    ] = None,
    path: Annotated[
        Word,
        _option("--path", metavar="/PATH", help="The new endpoint's path (/mcp), under the old prefix.", panel=_POLICY),
    ] = None,
    remote: Annotated[
        Word,
        _option(
            "--remote",
            metavar="assume|report|probe",
            help="URLs of hosts that aren't known: swap and mark, only report, or ask the host (uses the network).",
            autocompletion=words_of("remote"),
            panel=_POLICY,
        ),
    ] = None,
    client: Annotated[
        Word,
        _option(
            "--client",
            metavar="NAME",
            help="The MCP client that reads configurations that don't show it.",
            panel=_POLICY,
        ),
    ] = None,
    floor: Annotated[
        Word,
        _option(
            "--floor",
            metavar="keep|recommended",
            help="Leave an SDK version that can do it, or raise to the recommended one of its major.",
            autocompletion=words_of("floor"),
            panel=_POLICY,
        ),
    ] = None,
    allowed_hosts: Annotated[
        Words,
        _option(
            "--allowed-host",
            metavar="HOST",
            help="A host name that servers must answer to (repeatable).",
            panel=_POLICY,
        ),
    ] = None,
    docs: Annotated[
        bool | None, _option("--docs/--no-docs", help="Change fenced blocks in documents.", panel=_SCOPE)
    ] = None,
    tests: Annotated[
        bool | None, _option("--tests/--no-tests", help="Change the project's tests.", panel=_SCOPE)
    ] = None,
    local_files: Annotated[
        bool | None,
        _option("--local-files", help="Change ignored local settings too (.env, .mcp.json ...).", panel=_SCOPE),
    ] = None,
    allow_dirty: Annotated[
        bool | None, _option("--allow-dirty", help="Write files that differ from what git has staged.", panel=_SCOPE)
    ] = None,
    endpoint: Annotated[
        Words,
        _option(
            "--endpoint",
            metavar="NAME",
            help="Move only this endpoint (repeatable); rest is what belongs to none.",
            panel=_SCOPE,
        ),
    ] = None,
    since: Annotated[
        Word,
        _option(
            "--since",
            metavar="REV",
            help="Report only files that changed since HEAD left this git revision; a fix takes their whole units.",
            panel=_SCOPE,
        ),
    ] = None,
    stdin_filename: Annotated[
        Word,
        _option(
            "--stdin-filename",
            metavar="FILE",
            help="The file's text comes on standard input; a fix goes to standard output.",
            panel=_SCOPE,
        ),
    ] = None,
    exclude: Annotated[
        Words,
        _option(
            "--exclude", metavar="PATTERN", help="Leave out files, as .gitignore spells it (repeatable).", panel=_SCOPE
        ),
    ] = None,
    select: Annotated[
        Words,
        _option("--select", metavar="ID,...", help="Only these rules; a beginning such as MCP1 will do.", panel=_SCOPE),
    ] = None,
    ignore: Annotated[Words, _option("--ignore", metavar="ID,...", help="Without these rules.", panel=_SCOPE)] = None,
    extra_rules: Annotated[
        Words,
        _option("--extra-rules", metavar="FILE", help="A TOML file with facts of your own (repeatable).", panel=_SCOPE),
    ] = None,
    baseline: Annotated[
        Word, _option("--baseline", metavar="FILE", help="Findings that check accepts for now.", panel=_SCOPE)
    ] = None,
    write_baseline: Annotated[
        Word, _option("--write-baseline", metavar="FILE", help="Write all that check finds now into FILE.", panel=_WHAT)
    ] = None,
    prune_baseline: Annotated[
        Word,
        _option("--prune-baseline", metavar="FILE", help="Take out of FILE what is done; add nothing.", panel=_WHAT),
    ] = None,
    formats: Annotated[
        Words,
        _option(
            "--format",
            metavar="FORMAT",
            help=f"Repeatable: {', '.join(FORMATS)}.",
            autocompletion=words_of("format"),
            panel=_OUTPUT,
        ),
    ] = None,
    outputs: Annotated[
        Words,
        _option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where the report goes; the n-th belongs to the n-th --format, - is standard output.",
            panel=_OUTPUT,
        ),
    ] = None,
    quiet: Annotated[bool, _option("--quiet", "-q", help="Only what is left, and the summary.", panel=_OUTPUT)] = False,
    verbose: Annotated[bool, _option("--verbose", "-v", help="Everything, with reasons.", panel=_OUTPUT)] = False,
    show_settings: Annotated[
        bool, _option("--show-settings", help="Print the settings and where each comes from.", panel=_OUTPUT)
    ] = False,
    show_files: Annotated[
        bool, _option("--show-files", help="Print the files that could matter, by kind.", panel=_OUTPUT)
    ] = False,
    version: Annotated[
        bool,
        _option("--version", "-V", help="Print the version.", panel=_OUTPUT, is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Move an MCP project off the deprecated HTTP+SSE transport onto stateless Streamable HTTP.

    Without --dry-run or check, PATH (files or folders) is rewritten: each server moves whole or not at all.
    """
    from migrator import running

    if write_baseline is not None and prune_baseline is not None:
        raise typer.BadParameter("--write-baseline makes the file anew: it doesn't go with --prune-baseline")
    kept = write_baseline if write_baseline is not None else prune_baseline
    known = baseline if kept is None else kept
    given = {
        "mode": mode,
        "legacy_sse": legacy_sse,
        "old_word": old_word,
        "path": path,
        "remote": remote,
        "client": client,
        "floor": floor,
        "docs": docs,
        "tests": tests,
        "local_files": local_files,
        "allow_dirty": allow_dirty,
        "allowed_hosts": allowed_hosts,
        "endpoint": endpoint,
        "exclude": exclude,
        "select": _separated(select),
        "ignore": _separated(ignore),
        # relative to where the user stands; in a settings file they are relative to the project
        "extra_rules": None if extra_rules is None else [name and os.path.abspath(name) for name in extra_rules],
        "baseline": os.path.abspath(known) if known else known,
    }
    flags = {"check": check, "dry_run": dry_run, "diff": diff, "quiet": quiet, "verbose": verbose}
    order = running.order_of(
        paths or (),
        {flag for flag, asked in flags.items() if asked},
        settings={name: value for name, value in given.items() if value is not None},
        formats=tuple(formats or ()),
        outputs=tuple(outputs or ()),
        interactive=interactive,
        since=since,
        stdin=stdin_filename,
        keep="" if kept is None else "prune" if write_baseline is None else "write",
        show=("settings" if show_settings else "files" if show_files else "why-not" if why_not else ""),
    )
    raise typer.Exit(running.run(order))


def _separated(words: list[str] | None) -> list[str] | None:
    """`--select MCP1,MCP301 --select MCP5` as one list."""
    return None if words is None else [part.strip() for word in words for part in word.split(",") if part.strip()]
