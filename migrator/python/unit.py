"""A move unit while it is being decided: what it would do, and what keeps it from moving."""

from __future__ import annotations

import ast
from copy import copy
from dataclasses import field, replace

from migrator.model import Endpoint, Finding, Outcome, Place, Selector, Severity
from migrator.python.module import Module
from migrator.python.paths import joined_path
from migrator.python.rewrite.edits import Operation
from migrator.records import record

KINDS = ("option", "flag", "argument", "environment", "setting", "code")  # of selectors, as reports list them
KEPT = ": this server keeps its sessions"
READABLE = 60  # characters of an expression that a line of a report has room for


@record(eq=False)
class Draft:
    """One endpoint's share of a unit. Drafts with a common key move together (see `joined`)."""

    name: str
    generation: str
    place: Place
    module: Module
    rule: str  # MCP101 ...
    message: str
    operations: list[Operation] = field(default_factory=list)
    blocks: list[Finding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    keys: set[object] = field(default_factory=set)  # equal keys join drafts
    files: set[str] = field(default_factory=set)
    selectors: list[Selector] = field(default_factory=list)
    selected_by: str = ""
    condition: str = ""  # the code that selects it, where its word stays
    old_path: str = ""
    usual_old: str = ""  # the old path where nothing outside says another: what isn't code is written for that
    usual_prefix: str = ""  # the same for what "{prefix}" in new_path stands for
    new_path: str = ""
    old_base: str = ""  # "http://127.0.0.1:8000"
    port: str = ""
    usual_port: str = ""
    message_path: str = ""
    stateless: bool = True
    stateless_if: str = ""  # as in model.Endpoint
    session_reasons: list[str] = field(default_factory=list)
    step: str = ""
    needs_sdk: str = ""  # as in model.Endpoint; when it keeps no session
    host_check: bool = False  # the server is built for localhost: later releases of the SDK check the Host header
    path_code: str = ""  # the new path as code, where the old one is computed
    needs_exact: str = ""  # the same, for a route that the SDK's application must answer on exactly
    starts: list[tuple[Module, ast.AST]] = field(default_factory=list)  # code that serves, or says that it should
    serving: list[tuple[Module, ast.Call]] = field(default_factory=list)  # calls that serve its application
    removed: list[tuple[Module, ast.AST]] = field(default_factory=list)  # arms and cases that go
    hosts: set[ast.Call] = field(default_factory=set)  # the applications that hold it
    path_reads: list[ast.expr] = field(default_factory=list)  # where its path is read back, the new one from now on
    leaves: bool = False  # it goes with one of them: what serves from now on is there already

    def path_text(self, path: str) -> str:
        """The code of the new path: as it is computed, else `path` as a literal."""
        return self.path_code or f'"{path}"'

    def copy(self) -> Draft:
        """One that can be tried with."""
        other = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, list | set):
                setattr(other, name, copy(value))
        return other

    def become(self, other: Draft) -> None:
        """Take over what a copy has become."""
        vars(self).update(vars(other))

    def do(self, *operations: Operation) -> None:
        """Add edits."""
        self.operations += operations

    def block(self, place: Place, reason: str, instruction: str, step: str = "decide") -> None:
        """The unit stays as it is: `place` is why, `instruction` what to write by hand."""
        self.step = self.step or step
        self.blocks.append(Finding(self.rule, Severity.WARNING, Outcome.BY_HAND, place, reason, instruction))

    def keeps_none_already(self) -> None:
        """What takes its place has no sessions today: what needs one doesn't work there, and goes on not to."""
        self.stateless = True
        self.session_reasons.clear()
        self.findings = [
            replace(
                f,
                message=f.message.removesuffix(KEPT) + ": the Streamable HTTP that stays keeps no session today either",
            )
            if f.message.endswith(KEPT)
            else f
            for f in self.findings
        ]

    def note(self, rule: str, place: Place, message: str, instruction: str = "") -> None:
        """A hazard or another thing worth knowing."""
        self.findings.append(Finding(rule, Severity.NOTE, Outcome.INFO, place, message, instruction))

    def decided_by(self, module: Module, node: ast.expr, word: str) -> None:
        """Whether the server is stateless is said by an expression of the user's own, which stays: `word=node`."""
        place = module.place(node)
        source = " ".join(module.source(node).split())
        self.stateless_if = source if len(source) <= READABLE else f"the condition in {place.path}:{place.line}"
        self.note(
            "MCP609",
            place,
            f"{word} comes from {source}: kept as it is, so the server is stateless only when that is true",
            f"Set it to true where the server is started, or write {word}=True here.",
        )

    def ordered_selectors(self) -> tuple[Selector, ...]:
        """Its selectors, those of a command line first; they were found in the order of a set, which changes from run to run."""
        return tuple(
            sorted(
                dict.fromkeys(self.selectors),
                key=lambda s: (KINDS.index(s.kind), s.place.path, s.place.line, s.place.column, s.names),
            )
        )

    def endpoint(self, unit: str, moved: bool) -> Endpoint:
        """The server as an endpoint of the move unit `unit`."""
        base = self.old_base or "http://{host}:{port}"
        usual = self.usual_prefix.rstrip("/")
        new_path = self.new_path.replace("{prefix}", usual) if usual else self.new_path
        return Endpoint(
            name=self.name,
            unit=unit,
            generation=self.generation,
            place=self.place,
            old_url=base + (self.old_path or self.usual_old or "{path}"),
            new_url=base + new_path,
            old_path=self.old_path or self.usual_old,
            new_path=new_path,
            port=self.port,
            usual_port="" if self.port else self.usual_port,
            message_path=joined_path(usual, self.message_path) if usual and self.message_path else self.message_path,
            selected_by=self.selected_by,
            selectors=self.ordered_selectors(),
            keeps_word=bool(self.condition),
            stateless=self.stateless,
            stateless_if=self.stateless_if if self.stateless else "",
            session_reasons=tuple(dict.fromkeys(self.session_reasons)),
            files=tuple(sorted(self.files)),
            needs_sdk=_later(self.needs_sdk if self.stateless else "", self.needs_exact),
            moved=moved,
        )


def _later(one: str, other: str) -> str:
    """The later of two releases, either of which may be ""."""
    if not one or not other:
        return one or other
    from packaging.version import Version

    return max(one, other, key=Version)


def joined(drafts: list[Draft]) -> list[list[Draft]]:
    """Drafts grouped so that all with a common key are together, in order of first appearance."""
    parent = list(range(len(drafts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[object, int] = {}
    for i, draft in enumerate(drafts):
        for key in draft.keys:
            j = first.setdefault(key, i)
            a, b = sorted((root(i), root(j)))
            parent[b] = a
    groups: dict[int, list[Draft]] = {}
    for i, draft in enumerate(drafts):
        groups.setdefault(root(i), []).append(draft)
    return list(groups.values())
