"""`--legacy-sse keep` for applications: one with both transports takes the place of the SSE one."""

from __future__ import annotations

from migrator.python.applications.app import App
from migrator.python.applications.appcalls import AppCalls
from migrator.python.applications.hosts import Hosted
from migrator.python.applications.wiring import Wiring
from migrator.python.legacy import both, both_by_hand
from migrator.python.project import Project
from migrator.python.rewrite.edited import called
from migrator.python.rewrite.edits import EditCall, ReplaceExpr
from migrator.python.unit import Draft

PLAIN = {"server", "transport", "path", "sse_path"}  # what the helper passes on by itself


def keep_app(
    draft: Draft,
    app: App,
    hosted: list[Hosted],
    old: str,
    new: str,
    calls: AppCalls,
    wiring: Wiring,
) -> None:
    """Serve both transports where one was. `old`, `new`: the paths inside the application, without mounts' prefixes."""
    module = app.module
    by_hand = f"Serve both, with what {module.source(app.node)} was given:\n" + both_by_hand(
        draft, module.source(app.receiver), old=old, new=new, mounted=any(h.kind != "served" for h in hosted)
    )
    if draft.path_code or old.rstrip("/") == new.rstrip("/"):
        computed = "the path is computed, and beside the old path the new one needs one of its own"
        why = computed if draft.path_code else "one path can't serve both transports"
        draft.block(draft.place, why, by_hand, step="keep")
        return
    mounted = [h for h in hosted if h.kind == "mounted"]
    fastmcp = draft.generation.startswith("fastmcp")
    middleware = app.keyword("middleware") if fastmcp else None
    behind = middleware is not None
    given = _given(app, calls.project) - PLAIN - ({"middleware"} if behind else set())
    sdks = calls.project.sdks
    takes = (sdks.fastmcp if fastmcp else sdks.official)["applications"].get(draft.generation, {})
    only_old = [n for n in takes.get("old", ()) if n in given]
    shared = given & set(takes.get("both", ()))
    if given - {*only_old, *shared} or any(h.kind not in ("mounted", "served") for h in hosted):
        draft.block(
            module.place(app.node),
            "both transports can't be put side by side here mechanically",
            by_hand,
            step="keep",
        )
        return
    pages = any("custom_route" in m.text for m in calls.project.modules)
    helper = both(draft, module, old, new, behind, only_old, bool(shared), pages)
    above = calls.above(app, mounted)
    receiver = module.source(app.receiver)
    code = f"{helper}({receiver})"
    if fastmcp and (behind or shared) and app.call is not None:  # what stands in the middleware is edited for itself
        names = [str(k.arg) for k in app.call.keywords if k.arg not in ("middleware", "server", *shared)]
        placed = [("middleware", module.source(middleware))] if middleware in app.call.args and middleware else []
        edit = EditCall(
            module.at(app.call),
            function=helper,
            keywords=(("server", receiver), *placed, *((name, None) for name in names)),
            positional=tuple((i, None) for i in range(len(app.call.args))),
        )
        owners = calls.named(draft, app, mounted, called(module, app.call, edit, helper), [edit])
    elif fastmcp:
        owners = calls.named(draft, app, mounted, code, [ReplaceExpr(module.at(app.node), code)])
    else:
        owner = calls.receiver(draft, app, bool(mounted))
        if draft.generation == "official-1":
            calls.project.stateless.constructor(draft, app.server, module, app.receiver)
            calls.path_in_constructor(draft, app, new)
        values = [(n, app.keyword(n) or (app.call.args[0] if app.call else None)) for n in (*only_old, *sorted(shared))]
        code = f"{helper}({', '.join([owner.text, *(f'{n}={module.source(v)}' for n, v in values if v)])})"
        if above is not None:
            code = calls.put_above(draft, app, above, owner, code)
        draft.do(ReplaceExpr(module.at(app.node), code))
        owners = [owner] * len(mounted)
    for h, owner in zip(mounted, owners, strict=True):
        wiring.enter(draft, h, [owner], calls.tail(draft))
        draft.files.add(h.module.path)


def _given(app: App, project: Project) -> set[str]:
    """What the application's call is given, by name; "?" for what can't be told."""
    if app.call is None:
        return {"?"}
    order = app.order or ("mount_path",)
    named = {str(k.arg) for k in app.call.keywords} | set(order[: len(app.call.args)])
    if len(app.call.args) > len(order):
        named.add("?")
    message = app.keyword("message_path")
    if message is not None and project.text(app.module, message) == project.sdks.fastmcp["paths"]["message"]:
        named.discard("message_path")
    return named
