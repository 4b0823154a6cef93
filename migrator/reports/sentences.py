"""The sentences that several reports share: the summary, what an endpoint becomes, who must do what, what to type next."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from migrator.model import Endpoint, Outcome, Plan
from migrator.records import record
from migrator.reports import ReportOptions
from migrator.reports.paths import Paths, relative
from migrator.reports.reading import Reading, plural

# Words that sentences have and code hasn't.
_SMALL_WORDS = re.compile(r"(?<= )(?:the|a|an|to|of|is|are|it|that|which|its|your|you)(?= )")

if TYPE_CHECKING:
    from migrator.apply import Refusal

_FEW = 5  # paths that a command to type repeats
_OPTIONS = {"allowed_hosts": "allowed-host"}  # settings whose option isn't spelled like them
_FILES = {"extra_rules", "baseline"}  # absolute here, typed from where the user stands
# What a check after the fix asks again: the rest says how the fix writes, or how much of it.
_FOR_CHECK = {"since", "exclude", "select", "ignore", "extra_rules", "baseline", "docs", "tests", "local_files"}
_FOR_CHECK |= {"remote", "client", "floor"}


PRODUCT = "MCP107"  # servers over SSE that stay: whoever isn't told would take the project for one without any


@record(frozen=True)
class Step:
    """A command to type, and what for."""

    command: str
    purpose: str


def summary(reading: Reading, options: ReportOptions) -> str:
    """One line: what this run found, would do, or did."""
    if reading.clean:
        scanned = plural(reading.plan.files_scanned, "file")
        if offered := sum(len(t.places) for t in reading.notes if t.finding.rule == PRODUCT):
            return f"Nothing to move in {scanned}: {plural(offered, 'place')} left as found, where SSE is offered to others."
        return f"Clean: no deprecated MCP transport in {scanned}."
    if options.check:
        return _check_summary(reading)
    total, moves = len(reading.moves) + len(reading.stays), len(reading.moves)
    parts = []
    if total:
        verb = ("moves" if total == 1 else "move") if options.dry_run else "moved"
        of = f"{moves} of {plural(total, 'endpoint')}" if reading.stays else plural(total, "endpoint")
        parts.append(f"{of} {verb} to Streamable HTTP")
    if reading.changes:
        files = plural(len(reading.changes), "file")
        verb = ("changes" if len(reading.changes) == 1 else "change") if options.dry_run else "changed"
        parts.append(f"{files} {verb}")
    unwritten = sum(len(refusal.paths) for refusal in reading.refused)
    if unwritten:
        parts.append(f"{plural(unwritten, 'file')} not written")
    for tasks, what, then in (
        (reading.by_hand, "place", "left by hand"),
        (reading.locks, "lock", "to regenerate"),
        (reading.assumed, "assumption", "to check"),
    ):
        number = sum(len(task.places) for task in tasks)
        if number:
            parts.append(f"{plural(number, what)} {then}")
    return ", ".join(parts or ["Nothing to change"]) + "."


def _check_summary(reading: Reading) -> str:
    if not reading.found:
        return "Nothing is left that makes check fail."
    fixable, by_hand = len(reading.found) - len(reading.left), len(reading.left)
    kinds = [f"{number} {kind}" for number, kind in ((fixable, "fixable"), (by_hand, "by hand")) if number]
    return f"{plural(len(reading.found), 'place')} left: {', '.join(kinds)}."


def state(endpoint: Endpoint) -> str:
    """ "stateless", "stateless if X is true", "keeps sessions" or "stays on SSE"."""
    if not endpoint.moved:
        return "stays on SSE"
    if endpoint.stateless_if:
        return f"stateless if {endpoint.stateless_if} is true"
    return "stateless" if endpoint.stateless else "keeps sessions"


def old_words(endpoint: Endpoint) -> list[str]:
    """For each selector: what becomes of its old word."""
    said = []
    for selector in endpoint.selectors:
        if not selector.names and any(s.names and s.new_word == selector.new_word for s in endpoint.selectors):
            continue  # code on the way of a word that has a name
        name = "/".join(selector.names) or f"at {selector.place}"
        if selector.kind == "argument" and name == selector.old_word and selector.accepts_old:
            said.append(f"the command {name} still works and means {selector.new_word}")
            continue
        if selector.old_word.startswith("/"):
            also = f"on {selector.old_word}, too, where that is still said; " if selector.accepts_old else ""
            said.append(f"{name} gives the path, and Streamable HTTP is served there: {also}write {selector.new_word}")
            continue
        if selector.accepts_old:
            said.append(f"{name}: the old word {selector.old_word} still works and means {selector.new_word}")
        else:
            said.append(f"{name}: write {selector.new_word}, the old word {selector.old_word} is refused")
    return list(dict.fromkeys(said))  # one argument may be read in several places


def old_path(endpoint: Endpoint, plan: Plan) -> str:
    """What the old path answers after the move, "" when it can't be told."""
    if not endpoint.old_path or endpoint.old_path == endpoint.new_path:
        return ""
    policy = plan.settings.get("legacy_sse", "remove") if endpoint.unit else "remove"  # a runner serves one alone
    if policy == "keep":
        return f"{endpoint.old_path} goes on serving SSE beside it"
    if policy == "gone" and not any(f.rule == "MCP608" and f.place == endpoint.place for f in plan.findings):
        return f"{endpoint.old_path} answers 410 and names the new address{_unless(endpoint)}"
    if endpoint.message_path:
        return f"{endpoint.old_path} and {endpoint.message_path} are gone{_unless(endpoint)}"
    return f"{endpoint.old_path} is gone{_unless(endpoint)}"


def _unless(endpoint: Endpoint) -> str:
    """What goes on putting the server on its old path, where something outside gives it."""
    given = [s for s in endpoint.selectors if s.old_word == endpoint.old_path and s.accepts_old]
    return f", unless {'/'.join(given[0].names)} still says {endpoint.old_path}" if given else ""


def not_written(refusal: Refusal) -> str:
    """Why a file was not written, and what stays with it."""
    others = len(refusal.paths) - 1
    stays = f" ({plural(others, 'other file')} of the same move unit stay{'s' if others == 1 else ''} with it)"
    return refusal.reason + (stays if others else "")


def legacy_tip(reading: Reading) -> str:
    """What `--legacy-sse gone` would add, "" where it was chosen or nothing moves."""
    gone = any(e.unit and e.old_url != e.new_url for e in reading.moves)
    if not gone or reading.plan.settings.get("legacy_sse", "remove") != "remove":
        return ""
    return "--legacy-sse gone would answer 410 on the old paths and name the new address there."


def connect(endpoint: Endpoint, plan: Plan) -> list[str]:
    """What the people who connect to a moved endpoint must change, a sentence each."""
    said = [f"use {endpoint.new_url} over Streamable HTTP, in place of SSE on {endpoint.old_url}"]
    if "{port}" in endpoint.new_url and endpoint.usual_port:
        said.append(f"{{port}} is {endpoint.usual_port} where nothing outside says another")
    for p in endpoint.published:
        if f":{p.port}/" not in endpoint.new_url:
            said.append(f"{p.place.path} publishes it on port {p.port}: http://127.0.0.1:{p.port}{endpoint.new_path}")
    path = old_path(endpoint, plan)
    if path:
        said.append(path)
    if not endpoint.stateless or endpoint.stateless_if:
        unless = f" unless {endpoint.stateless_if} is true" if endpoint.stateless_if else ""
        said.append(f"send the Mcp-Session-Id header back on every request, as SDK clients do by themselves{unless}")
    return said


def connections(reading: Reading) -> list[tuple[list[str], list[str]]]:
    """Names of moved endpoints, and what those who connect to any of them must change."""
    same: dict[tuple[str, ...], list[str]] = {}
    for endpoint in reading.moves:
        same.setdefault(tuple(connect(endpoint, reading.plan)), []).append(endpoint.name)
    return [(names, list(said)) for said, names in same.items()]


def is_prose(instruction: str) -> bool:
    """True for a sentence, False for code or for several lines, which must keep their shape."""
    line = instruction.strip()
    if "\n" in line:
        return False
    return (line[:1].isupper() and line[-1:] in ".:") or len(_SMALL_WORDS.findall(line)) > 1


def next_steps(reading: Reading, options: ReportOptions) -> list[Step]:
    """The commands to type now, in their order."""
    plan = reading.plan
    where = _where(plan, options)
    given = " ".join(["", *options_of(options)])
    checked = " ".join(["", *options_of(options, _FOR_CHECK)])
    check = Step(f"mcp-migrate check{checked} {where}", "tells when nothing is left")
    if options.check:
        if any(f.outcome is Outcome.FIX for f in reading.found):
            return [Step(f"mcp-migrate --dry-run{given} {where}", "shows the changes")]
        return []
    if options.dry_run:
        if reading.changes:
            return [Step(f"mcp-migrate{given} {where}", "writes these changes")]
        return [check] if reading.by_hand or reading.locks else []
    locks = [Step(command, "brings the lock up to date") for command in plan.regenerate]
    return [*locks, check] if reading.changes or reading.by_hand or locks else []


def _where(plan: Plan, options: ReportOptions) -> str:
    """The paths to type: those that the user typed when they are few or folders, else the project."""
    if options.paths and (len(options.paths) <= _FEW or not options.only):
        return " ".join(shell_word(path) for path in options.paths)
    if 0 < len(options.only) <= _FEW and "since" not in options.given:
        paths = Paths(plan, options, people=True)
        return " ".join(shell_word(paths.shown(path)) for path in options.only)
    return shell_word(relative(plan.root, options.cwd))


def shell_word(text: str) -> str:
    """`text` quoted for this system's shell, where it needs it."""
    if os.name == "nt":
        return f'"{text}"' if " " in text else text
    return shlex.quote(text)


def options_of(options: ReportOptions, names: Iterable[str] | None = None) -> list[str]:
    """What the command line said, as options quoted for a shell. names: only these settings."""
    said: list[str] = []
    for key, value in options.given.items():
        if names is not None and key not in names:
            continue
        option = _OPTIONS.get(key, key.replace("_", "-"))
        if isinstance(value, bool):
            said.append(f"--{option}" if value else f"--no-{option}")
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            word = relative(one, options.cwd) if key in _FILES else str(one)
            said.append(f"--{option} {shell_word(word)}")
    return said
