"""`--legacy-sse keep` for hand-wired servers: the old transport stays as it is, the new one is added beside it."""

from __future__ import annotations

from dataclasses import replace

from migrator.python.lowlevel.copies import Copies
from migrator.python.lowlevel.facts import by_hand
from migrator.python.lowlevel.job import Job
from migrator.python.lowlevel.messages import arm_of
from migrator.python.lowlevel.options import outdented
from migrator.python.lowlevel.place import Manager
from migrator.python.lowlevel.registrations import Called
from migrator.python.lowlevel.serve import Serving
from migrator.python.rewrite.edits import EnsureImport, Helper, Insert, Operation, ReplaceStmt

LOG = "_log_legacy_client"
LOG_CODE = f'''def {LOG}(scope):
    """Say which client still uses the deprecated SSE transport."""
    agent = dict(scope["headers"]).get(b"user-agent", b"unknown").decode("latin-1")
    print(f"legacy SSE client: {{agent}}", file=sys.stderr)
'''
# what stays is the old half beside the new one: rule MCP105
IGNORE = "# mcp-transport: ignore[MCP105] -- --legacy-sse keep: clients that have not moved yet"


class Keeping:
    """Answers for one project."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.copies = Copies(serving.routes, serving.placing)
        self.active = serving.project.context.settings.legacy_sse == "keep"

    def mark(self, job: Job) -> None:
        """The comment that lets the old transport stay, and the line about each of its clients."""
        draft, stream, transport = job.draft, job.stream, job.transport
        assert stream.arguments is not None
        scope = stream.module.source(stream.arguments[0])
        draft.do(
            ReplaceStmt(
                transport.module.at(transport.statement),
                f"{IGNORE}\n{outdented(transport.module, transport.statement)}",
            ),
            Insert(stream.module.at(stream.node), f"{LOG}({scope})", order=5),
            Helper(stream.module.path, LOG, LOG_CODE),
            EnsureImport(stream.module.path, "sys"),
        )

    def serve(self, job: Job, manager: Manager | None, code: str, more: list[Operation]) -> None:
        """Serve the new path beside the old one; blocks the draft where that can't be done. `more`: edits of the copies."""
        draft = job.draft
        moves = replace(draft, operations=[*more], blocks=[])
        self.serving.handle(replace(job, draft=moves), manager, code)
        draft.old_path, draft.new_path, draft.step = moves.old_path, moves.new_path, moves.step
        draft.blocks += moves.blocks
        reason = "the path is looked at in the code itself" if self.dispatched(job) else ""
        if not reason and not draft.blocks:
            try:
                reason = self.copies.make(job, moves, self.serving.paths(job.ways))
            except (
                ValueError,
                SyntaxError,
                RecursionError,
            ) as error:  # the copy is made now, not when files are written
                reason = f"its copy can't be made ({error})"
        if reason:
            draft.block(
                job.stream.module.place(job.stream.node),
                f"the old route can't be kept beside the new one mechanically: {reason}",
                by_hand(draft, job.run).replace(
                    "Then take the SSE transport and its routes out.", "Leave the SSE routes."
                ),
                step="keep",
            )
        elif not draft.blocks:
            self.mark(job)

    def dispatched(self, job: Job) -> bool:
        """True when a function decides by the request's path who answers."""
        stream = job.stream
        return arm_of(stream.module, stream.node, stream.function) is not None or any(
            isinstance(c, Called)
            and (f := c.module.function_of(c.call)) is not None
            and arm_of(c.module, c.call, f) is not None
            for c in job.found
        )
