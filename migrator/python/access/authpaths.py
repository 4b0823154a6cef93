"""Path checks that name the old endpoint: what protected it must protect the new one, or the unit stays.

A check (see pathchecks.py) is looked at with the statement that uses it:
both old paths named      both mean the endpoint: the new path takes their place, whatever the check does
only one named, protects  the new path takes its place
only one named, exempts   left: the new path needs the credential that its other half needed
neither shown             the unit is blocked: nobody may find the new path open
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import Any

from migrator.model import Finding, Outcome, Severity
from migrator.python.access.exemptions import Exemptions
from migrator.python.access.gateways import Gateways
from migrator.python.access.known import Callee
from migrator.python.access.late import HANDS_ON
from migrator.python.access.passage import Passage, Verdict
from migrator.python.access.pathchecks import Check, PathChecks, Paths
from migrator.python.access.reading import Reading
from migrator.python.access.resources import resources
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edited import edited
from migrator.python.rewrite.edits import EditElements, Operation, ReplaceExpr
from migrator.python.unit import Draft


class AuthPaths:
    """Adds to each draft what its neighbours' path checks need."""

    def __init__(self, project: Project, table: dict[str, Any]) -> None:
        self.project = project
        self.table, self.exact = table["auth"], table["exact_since"]
        self.reading = Reading(self.table, project.values)
        self.found = PathChecks(project, self.table)
        self.passage = Passage(project, self.table, self.keep)
        self.exemptions = Exemptions(project)
        self.gateways = Gateways(project, self.table["hands-on"])
        self._told: set[ast.AST] = set()  # functions that may stand before a server, and that were told of
        self._doubts: list[tuple[Check, set[str], str]] = []  # right only if the passage says so

    def apply(self, drafts: list[Draft]) -> None:
        """Look at every draft's surroundings."""
        for draft in drafts:
            paths = self.paths(draft)
            if self.keep and draft.rule == "MCP105":
                continue  # both paths are there already, and stay
            if not paths.old:
                self.passes(draft)
                continue
            touched = {getattr(o, "at", None) for o in draft.operations}
            blocks = len(draft.blocks)
            self._doubts.clear()
            for module in self._around(draft, paths):
                checks = [
                    c
                    for c in self.found.of(module, paths)
                    if not any(module.at(x) in touched for x in [c.holder, *c.literals])
                ]
                for group in self._grouped(checks):
                    self.decide(draft, group, paths)
                for check in self.found.lenient(module, paths):
                    self.lenient(draft, check, paths)
                if not self.keep:
                    resources(self.project, draft, module)
            if len(draft.blocks) == blocks:
                self.passes(draft)

    def passes(self, draft: Draft) -> None:
        """Block the draft when code that sees requests would treat its new path in another way than the old ones."""
        near = self._near(draft)
        verdict = self.passage.verdict(draft, near)
        if verdict.wrong is not None:
            before, files = list(draft.operations), set(draft.files)
            self._teach_texts(draft, verdict)
            taught = self.passage.verdict(draft, near)
            if taught.wrong is not None:
                draft.operations[:], draft.files = before, files
            verdict = verdict if taught.wrong is not None else taught
        fronts, perhaps = self.gateways.of(draft, near) if verdict.wrong is None else ([], [])
        if fronts:
            verdict = self.passage.verdict(draft, fronts)
        if verdict.wrong is None and perhaps and (doubt := self.passage.verdict(draft, perhaps).wrong):
            self._doubt(draft, *doubt)
        if verdict.wrong is not None:
            self._block_function(draft, *verdict.wrong, verdict.todo)
        else:
            for function in verdict.exempting:
                if wrong := self.exemptions.wrong(draft, function, verdict.variables):
                    self._block_function(draft, function, *wrong)
            for function in verdict.guarding:
                if wrong := self.exemptions.unguarded(draft, function, verdict.variables):
                    self._block_function(draft, function, *wrong)
            for check, named, why in self._doubts:
                reach = self.project.code.reachable
                if not any(check.module.path in reach(f.module) for f in verdict.functions):
                    self._block(draft, check, named, why)

    def _teach_texts(self, draft: Draft, verdict: Verdict) -> None:
        """Put the new path where a text that takes part in a decision says the stream's."""
        old, new = draft.old_path.rstrip("/").rpartition("/")[2], draft.new_path.rpartition("/")[2]
        done = {getattr(o, "at", None) for o in draft.operations}
        for module, node in verdict.texts if old and not self.keep else ():
            parent = module.parents.get(node)
            whole: ast.expr = parent if isinstance(parent, ast.JoinedStr) else node
            code = re.sub(rf"\b{re.escape(old)}\b", new, module.source(whole))
            if module.at(whole) not in done and code != module.source(whole):
                draft.do(ReplaceExpr(module.at(whole), code))
                draft.files.add(module.path)

    def _block_function(self, draft: Draft, function: Callee, why: str, todo: str) -> None:
        place = replace(function.module.place(function.node), end_line=0, end_column=0)
        old = f"{draft.old_path or 'the old path'} and {draft.message_path or '/messages/'}"
        message = f"this function {why}" + (f" ({old})" if not todo else "")
        todo = todo or f"Let it treat {draft.new_path}, whatever the method, as it treats {old}"
        todo = f"{todo}, so that a request without a credential is refused as before; then run mcp-migrate again."
        draft.blocks.append(Finding("MCP109", Severity.WARNING, Outcome.BY_HAND, place, message, todo))
        draft.step = draft.step or "auth"

    def _doubt(self, draft: Draft, function: Callee, why: str) -> None:
        """Tell of a program that may stand before the server: its address comes from outside."""
        if function.node in self._told:
            return
        self._told.add(function.node)
        old = f"{draft.old_path or 'the old path'} and {draft.message_path or '/messages/'}"
        place = replace(function.module.place(function.node), end_line=0, end_column=0)
        message = f"this function {why} ({old}); whether it stands before {draft.name} can't be told here"
        todo = f"If it does, let it treat {draft.new_path}, whatever the method, as it treats {old}: nobody may get in there without the credential that they ask for."
        draft.findings.append(Finding("MCP109", Severity.WARNING, Outcome.BY_HAND, place, message, todo))

    def _near(self, draft: Draft) -> list[Module]:
        """Modules of the draft's project that look at a path or method, and import the server or are imported by it."""
        joined = self._joined(draft)
        found = {
            m.path: m
            for w in ("path", "raw_path", "url", "method", "endpoint", "matches", *HANDS_ON, *self.table["shown"])
            for m in self.project.code.mentioning(w, tests=False, within=joined)
        }
        return [m for m in found.values() if self._reaches(draft, m)]

    def _joined(self, draft: Draft) -> set[str]:
        """Files that the draft's own import, and files that may import one of them."""
        code = self.project.code
        reach = set(draft.files).union(*map(code.reachable, code.loaded(draft.files)))
        return reach | code.importers(reach)

    def _reaches(self, draft: Draft, module: Module) -> bool:
        folder = self.project.folder(draft.module.path)
        if folder and not module.path.startswith(f"{folder}/"):
            return False
        reach = set(draft.files).union(*map(self.project.code.reachable, self.project.code.loaded(draft.files)))
        return module.path in reach or bool(self.project.code.reachable(module) & reach)

    @staticmethod
    def paths(draft: Draft) -> Paths:
        """The draft's paths as requests show them, and as an application below a mount may see them."""
        stream = {draft.old_path.rstrip("/")} if draft.old_path else set()
        posts = {draft.message_path.rstrip("/")} if draft.message_path and draft.old_path else set()
        if draft.old_path.endswith("/sse"):
            stream.add("/sse")
            posts.add("/messages")
        return Paths(frozenset(stream), frozenset(posts), draft.new_path)

    def _around(self, draft: Draft, paths: Paths) -> list[Module]:
        """Modules of the draft's project that name one of the paths, and import the server or are imported by it."""
        words = {p.strip("/").rpartition("/")[2] for p in (*paths.old, paths.new)} - {""}
        near = self._joined(draft)
        found = {m.path: m for w in words for m in self.project.code.mentioning(w, tests=False, within=near)}
        return [m for _, m in sorted(found.items()) if self._reaches(draft, m)]

    # -- checks that stand together

    def _grouped(self, checks: list[Check]) -> list[list[Check]]:
        """Checks that are operands of one `or` (or `and`) say one thing."""
        groups: dict[object, list[Check]] = {}
        for check in checks:
            groups.setdefault(self._joint(check) or check, []).append(check)
        return list(groups.values())

    @staticmethod
    def _joint(check: Check) -> ast.BoolOp | None:
        if len(check.uses) != 1 or check.uses[0][0] is not check.module:
            return None
        node: ast.AST = check.uses[0][1]
        parent = check.module.parents.get(node)
        if isinstance(parent, ast.UnaryOp):
            parent = check.module.parents.get(parent)
        return parent if isinstance(parent, ast.BoolOp) else None

    # -- deciding

    def decide(self, draft: Draft, group: list[Check], paths: Paths) -> None:
        """Teach, leave or block the checks of one statement."""
        check = group[0]
        module = check.module
        named = {str(n.value).rstrip("/") for c in group for n in c.literals}
        both = any(_fits(n, paths.stream) for n in named) and any(_fits(n, paths.posts) for n in named)
        credentials = any(self.reading.about_credentials(c) for c in group)
        if any(self.reading.names_new(c, draft.new_path) for c in group):
            return
        if any(c.kind == "pattern" for c in group):
            why = "fits the old path and not the new one"
            if self._rewrite(draft, group, paths) or credentials or both:
                self._doubts.append((check, named, why))
            return
        if credentials and any(self.reading.only_get(c) for c in group):
            self._doubts.append((check, named, "looks at GET requests alone, and the new path is called with POST"))
            return
        draft.files.add(module.path)
        if check.kind == "keys":
            self._keys(draft, check, paths, both, credentials)
            return
        if both:
            if credentials or not self._routed(check, draft.new_path):
                self._teach_group(draft, group)
            return
        if not credentials:
            return
        polarity = self.reading.polarity(check)
        if polarity == "protects":
            self._teach(draft, check, draft.operations)
        elif polarity == "exempts":
            draft.note(
                "MCP109",
                module.place(check.literals[0]),
                f"{module.source(check.holder)} lets {' and '.join(sorted(named))} pass without a credential; {draft.new_path} "
                "answers calls too, so it needs the credential that calls needed",
                f"If calls were public on purpose, add {draft.new_path} here.",
            )
        else:
            why = "may ask for a credential there or let pass, and it can't be told which of them"
            self._doubts.append((check, named, why))

    @staticmethod
    def _routed(check: Check, new: str) -> bool:
        """True where the same function looks at the new path already: it sends those requests elsewhere."""
        module, use = check.uses[0]
        function = module.function_of(use)
        named = {n.value for n in ast.walk(function) if isinstance(n, ast.Constant)} if function is not None else set()
        return bool(named & {new, f"{new}/"})

    def lenient(self, draft: Draft, check: Check, paths: Paths) -> None:
        """A check that lets the new path pass, and never knew the old ones."""
        if self.reading.about_credentials(check) and self.reading.polarity(check) == "exempts":
            why = f"would let {paths.new} pass without a credential"
            self._block(draft, check, {str(check.literals[0].value)}, why, "Take that out of it")

    def _block(self, draft: Draft, check: Check, named: set[str], why: str, todo: str = "") -> None:
        todo = todo or f"Add {draft.new_path} to it"
        draft.blocks.append(
            Finding(
                "MCP109",
                Severity.WARNING,
                Outcome.BY_HAND,
                check.module.place(check.literals[0]),
                f"this check names {' and '.join(sorted(named))}; it {why}",
                f"{todo} so that a request without a credential is refused as before, then run mcp-migrate again.",
            )
        )
        draft.step = draft.step or "auth"

    # -- teaching

    def _teach_group(self, draft: Draft, group: list[Check]) -> None:
        """The new path in the place of the first; operands that name only the other one go."""
        first = group[0]
        joint = self._joint(first)
        if joint is None or len(group) == 1 or self.keep:
            self._teach(draft, first, draft.operations)
            return
        module = first.module
        scratch: list[Operation] = []
        self._teach(draft, first, scratch)
        idle = {operand for operand in joint.values for c in group[1:] if self._is_in(c, operand)}
        idle -= {operand for operand in joint.values if self._is_in(first, operand)}
        inside = {module.at(n) for n in ast.walk(joint) if isinstance(n, ast.expr)}
        draft.do(*(o for o in scratch if getattr(o, "at", None) not in inside))  # a constant that has a name elsewhere
        operands = [edited(scratch, module, v) for v in joint.values if v not in idle]
        word = " or " if isinstance(joint.op, ast.Or) else " and "
        draft.do(ReplaceExpr(module.at(joint), word.join(operands)))

    def _rewrite(self, draft: Draft, group: list[Check], paths: Paths) -> bool:
        """Put the new path's last part where a pattern or a word says the stream's. False when none does."""
        if self.keep or len(paths.stream) == 0 or "{" in draft.new_path:
            return False
        old, new = draft.old_path.rstrip("/").rpartition("/")[2], draft.new_path.rpartition("/")[2]
        said = [n for c in group for n in c.literals if re.search(rf"\b{re.escape(old)}\b", str(n.value))]
        for literal in said:
            code = re.sub(rf"\b{re.escape(old)}\b", new, group[0].module.source(literal))
            draft.do(ReplaceExpr(group[0].module.at(literal), code))
            draft.files.add(group[0].module.path)
        return bool(said)

    @staticmethod
    def _is_in(check: Check, operand: ast.expr) -> bool:
        return any(node is check.uses[0][1] for node in ast.walk(operand))

    def _teach(self, draft: Draft, check: Check, operations: list[Operation]) -> None:
        """The new path takes the old ones' place."""
        module = check.module
        new = draft.new_path
        if "{" in new:
            draft.block(
                module.place(check.holder),
                "this check names the old path, and the new path can't be told",
                "Write the new path here.",
                "auth",
            )
            return
        if self.keep or (self._slashed(draft) and self._exact(check)):
            self._add(draft, check, operations)
            return
        if isinstance(check.holder, ast.Constant):
            operations.append(ReplaceExpr(module.at(check.holder), _quoted(module, check.holder, new)))
            return
        replace: list[tuple[int, str | None]] = []
        first = True
        for i, element in enumerate(check.holder.elts):  # type: ignore[attr-defined]
            if element in check.literals:
                replace.append((i, _quoted(module, element, new) if first else None))
                first = False
        operations.append(EditElements(module.at(check.holder), replace=tuple(replace)))

    def _add(self, draft: Draft, check: Check, operations: list[Operation]) -> None:
        """The new path beside the old ones (which stay), or beside itself with a slash (where the SDK adds one)."""
        module, holder = check.module, check.holder
        kept = [module.source(n) for n in check.literals] if self.keep else []
        paths = [draft.new_path, *([f"{draft.new_path}/"] if self._slashed(draft) else [])]
        new = [_quoted(module, check.literals[0], p) for p in paths]
        if not isinstance(holder, ast.Constant):
            gone: tuple[tuple[int, str | None], ...] = ()
            if not kept:
                gone = tuple((i, None) for i, e in enumerate(holder.elts) if e in check.literals)  # type: ignore[attr-defined]
            operations.append(EditElements(module.at(holder), replace=gone, append=tuple(new)))
            return
        parent = module.parents.get(holder)
        listed = f"({', '.join([*kept, *new])})"
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "startswith":
            operations.append(ReplaceExpr(module.at(holder), listed))
        elif isinstance(parent, ast.Compare) and isinstance(parent.ops[0], ast.Eq | ast.NotEq) and len(parent.ops) == 1:
            other = parent.comparators[0] if parent.left is holder else parent.left
            word = "in" if isinstance(parent.ops[0], ast.Eq) else "not in"
            operations.append(ReplaceExpr(module.at(parent), f"{module.source(other)} {word} {listed}"))
        else:
            self._block(draft, check, {str(holder.value)}, f"has to know {' and '.join(paths)} too")

    @property
    def keep(self) -> bool:
        """True when the old path goes on serving: its checks stay."""
        return self.project.context.settings.legacy_sse == "keep"

    @staticmethod
    def _exact(check: Check) -> bool:
        """True for a check that "/mcp/" would slip through."""
        return not any("startswith" in module.source(use) for module, use in check.uses if isinstance(use, ast.expr))

    def _slashed(self, draft: Draft) -> bool:
        """True for an SDK release that answers on the path with a slash behind it, and redirects there."""
        fast = draft.generation.startswith("fastmcp")
        name = "fastmcp" if fast else "mcp"
        first = self.exact[name]
        installed = self.project.context.versions.of(draft.module.path)
        version = installed.version(name) or installed.lowest(name)
        if version is None:
            return False
        from packaging.version import Version

        return Version(str(version)) < Version(first)

    def _keys(self, draft: Draft, check: Check, paths: Paths, both: bool, credentials: bool) -> None:
        """A table by path: the stream's row becomes the new path's when both rows say the same."""
        table = check.holder
        assert isinstance(table, ast.Dict)
        rows = {
            str(k.value).rstrip("/"): check.module.source(v)
            for k, v in zip(table.keys, table.values, strict=True)
            if isinstance(k, ast.Constant) and k in check.literals
        }
        if both and len(set(rows.values())) == 1 and not self.keep and not self._slashed(draft):
            stream = next(k for k in check.literals if _fits(str(k.value).rstrip("/"), paths.stream))
            draft.do(ReplaceExpr(check.module.at(stream), _quoted(check.module, stream, draft.new_path)))
        elif credentials or both:
            why = "has a rule for each path, and it can't be told which the new path needs"
            self._doubts.append((check, set(rows), why))


def _fits(named: str, paths: frozenset[str]) -> bool:
    return any(p == named or p.startswith(named) for p in paths)


def _quoted(module: Module, node: ast.expr, text: str) -> str:
    quote = "'" if module.source(node).startswith("'") else '"'
    return f"{quote}{text}{quote}"
