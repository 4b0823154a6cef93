"""The way in. What needs no more than a look is answered here, the rest is handed to the command line.

Nothing but os, sys, gc and re may be imported before it is known that there is something to do: a hook that runs on every
commit meets clean files nearly always, and the command line's libraries cost ten times the look.
"""

from __future__ import annotations

import gc
import sys

from migrator import __version__

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from migrator.survey import Surveyed

PROGRAM = "mcp-migrate"
INTERRUPTED = 130  # what shells expect of a program that Ctrl-C stopped
# The options without a value, which need no parser: most runs use no other.
FLAGS = {
    "--check": "check",
    "--dry-run": "dry_run",
    "--diff": "diff",
    "--quiet": "quiet",
    "-q": "quiet",
    "--verbose": "verbose",
    "-v": "verbose",
}
# Those that change nothing about the answer where nothing is to do.
IDLE = {"check", "dry_run", "quiet"}


def main(arguments: list[str] | None = None) -> int:
    """Run `mcp-migrate ARGUMENTS`. Returns the exit status: 0, 1 (something is left) or 2 (the run itself failed)."""
    given = sys.argv[1:] if arguments is None else arguments
    # Syntax trees are many objects and no garbage: looking for some would nearly double the time of a long run.
    collecting = gc.isenabled()
    gc.disable()
    try:
        if given in (["--version"], ["-V"]):
            print(f"{PROGRAM} {__version__}")
            return 0
        words = plain(given)
        if words is None:
            from migrator import cli

            return cli.run(given)
        paths, flags = words
        looks: dict[str, list[Surveyed]] = {}
        status = quick_answer(paths, looks) if flags <= IDLE else None
        if status is not None:
            return status
        from migrator import running

        return running.run(running.order_of(paths, flags), looks)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: stopped. Every file is either as it was or as it was to become.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return 2
    except Exception as error:  # the last resort: a user never sees a traceback
        return 2 if _say_surroundings(error) else _say_bug(error)
    finally:
        if collecting:
            gc.enable()


def program() -> int:
    """The command `mcp-migrate`: `main`, and then out at once. Returns only where something is to be put away first.

    Giving back every syntax tree and class, one by one, takes an eighth of a run over a large project.
    """
    import os

    status = main()
    if "migrator.verify.launch" not in sys.modules:  # it stops the servers that it started
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            _close_stdout()
            status = 2
        os._exit(status)
    return status


def plain(given: list[str]) -> tuple[list[str], set[str]] | None:
    """Paths and flags of a command line that has nothing else, None when it takes the whole parser.

    The word `check` makes it a check wherever it stands, as in `cli.resolve`.
    """
    flags = {FLAGS[word] for word in given if word in FLAGS}
    words = [word for word in given if word not in FLAGS]
    if words[:1] in (["rules"], ["explain"]) or any(word.startswith("-") for word in words):
        return None
    if "check" in words:
        words.remove("check")
        flags.add("check")
    return (words, flags) if words else None


def quick_answer(paths: list[str], looks: dict[str, list[Surveyed]]) -> int | None:
    """The exit status when nothing is to do and no settings could change that, None when it takes more to tell.

    What was looked at meanwhile is added to `looks`, by root.
    """
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
            data = file.read()
            return b"mcp-transport" in data or b"tool.mcp_transport" in data
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


def _say_surroundings(error: Exception) -> bool:
    """Say what is wrong around us, and True; False when the error is our own."""
    import errno
    import os

    said = ""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        said = f"can't write: {error.strerror}"
        _close_stdout()
    elif isinstance(error, FileNotFoundError):
        try:
            os.getcwd()
        except FileNotFoundError:
            said = "the current folder is not there any more: change to another one"
    if said:
        print(f"{PROGRAM}: {said}", file=sys.stderr)
    return bool(said)


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
    sys.exit(program())
