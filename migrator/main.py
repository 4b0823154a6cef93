"""The way in. What needs no more than a look is answered here, the rest is handed to the command line.

Nothing but os, sys and re may be imported before it is known that there is something to do: a hook that runs on every
commit meets clean files nearly always, and the command line's libraries cost ten times the look.
"""

from __future__ import annotations

import sys

from migrator import __version__

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from migrator.survey import Surveyed

PROGRAM = "mcp-migrate"
INTERRUPTED = 130  # what shells expect of a program that Ctrl-C stopped
# The options that change nothing about a clean answer.
PLAIN = frozenset({"--check", "--dry-run", "--quiet", "-q"})


def main(arguments: list[str] | None = None) -> int:
    """Run `mcp-migrate ARGUMENTS`. Returns the exit status: 0, 1 (something is left) or 2 (the run itself failed)."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given in (["--version"], ["-V"]):
            print(f"{PROGRAM} {__version__}")
            return 0
        looks: dict[str, list[Surveyed]] = {}
        status = quick_answer(given, looks)
        if status is not None:
            return status
        from migrator import cli

        return cli.run(given, looks)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: stopped. Every file is either as it was or as it was to become.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return 2
    except Exception as error:  # the last resort: a user never sees a traceback
        return _say_bug(error)


def quick_answer(given: list[str], looks: dict[str, list[Surveyed]]) -> int | None:
    """The exit status when nothing is to do and no settings could change that, None when it takes more to tell.

    What was looked at meanwhile is added to `looks`, by root.
    """
    paths = [word for word in given if word not in PLAIN]
    if paths[:1] == ["check"]:
        del paths[0]
    if not paths or any(path.startswith("-") or path in ("check", "rules", "explain") for path in paths):
        return None
    from migrator import roots, scan, survey

    try:
        count = 0
        for target in roots.targets(paths):
            if _has_settings(target.root):
                return None
            if target.files_only and scan.look_at(target.root, target.chosen):
                count += len(target.chosen)
                continue
            looks[target.root] = survey.survey(target)
            if not all(scan.nothing_to_do(surveyed.looked) for surveyed in looks[target.root]):
                return None
            count += sum(surveyed.count for surveyed in looks[target.root])
    except OSError:
        return None  # the command line says what is wrong
    print(survey.clean_sentence(count))
    return 0


def _has_settings(root: str) -> bool:
    """True when the project has settings of ours, readable or not."""
    import os

    if os.path.lexists(os.path.join(root, ".mcp-transport-migrate.toml")):
        return True
    try:
        with open(os.path.join(root, "pyproject.toml"), "rb") as file:
            return b"mcp-transport-migrate" in file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _close_stdout() -> None:
    """Whoever read our output has gone: nothing more may be written when the interpreter ends."""
    import os

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.close(silence)


def _say_bug(error: Exception) -> int:
    import os

    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno})" if place else ""
    said = " ".join(str(error).split())[:200]
    print(
        f"{PROGRAM}: a defect in mcp-migrate itself: {type(error).__name__}: {said}{where}\n"
        "  No file was left half-written. Please report this line; MCP_MIGRATE_TRACEBACK=1 shows more.",
        file=sys.stderr,
    )
    if os.environ.get("MCP_MIGRATE_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
    return 2


if __name__ == "__main__":
    sys.exit(main())
