"""Makes the right application's lifespan run a session manager that was made by hand."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.python.applications.hosts import Hosted
from migrator.python.applications.moments import ALWAYS, Moment, conditional, in_loop
from migrator.python.applications.wiring import Wiring
from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.place import Manager
from migrator.python.lowlevel.registrations import Registration
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import EnsureImport, Insert, ReplaceExpr
from migrator.python.unit import Draft


class Wires:
    """Answers for one project."""

    def __init__(self, project: Project, wiring: Wiring) -> None:
        self.project = project
        self.wiring = wiring

    def wire(self, draft: Draft, place: Registration, home: Home, manager: Manager) -> bool:
        """Add the edits. False, with nothing added, when no lifespan can run the manager."""
        outer, inner = home.outer, home.inner
        if outer is None or inner is None or home.unseen:
            return False
        perhaps = self._perhaps(outer, manager)
        if perhaps is not None:
            return self._beside(draft, outer, manager, perhaps)
        instance = self._instance(place)
        if self._direct(draft, outer, manager, instance):
            return True
        if inner is not outer and outer.levels == 1:
            return self._through(draft, inner, outer, manager, instance)
        return self._imported(draft, outer, manager)

    @staticmethod
    def _perhaps(outer: Hosted, manager: Manager) -> ast.stmt | None:
        """What may leave the manager out, or make several of it, while there is one application."""
        around = set(outer.host_module.ancestors(outer.host)) if outer.host is not None and outer.host_module else set()
        return None if manager.how == "top" else conditional(manager.module, manager.anchor, None, around)

    def _beside(self, draft: Draft, outer: Hosted, manager: Manager, perhaps: ast.stmt) -> bool:
        """Around the application's lifespan, where the route is put into it: that happens only with the manager."""
        module = outer.module
        if module is not manager.module or perhaps not in module.ancestors(outer.node):
            return False
        seen = manager.seen_from(module, outer.node)
        moment = Moment(False, in_loop(module, manager.anchor))
        return bool(seen) and self._try(draft, replace(outer, host=None), f"{seen}.run()", None, moment)

    def _instance(self, place: Registration) -> str:
        """The object that a bound method or an instance at the route belongs to, when it has a name."""
        reference = place.reference
        if isinstance(reference, ast.Attribute):
            return dotted(reference.value)
        return dotted(reference) if isinstance(reference, ast.Name) else ""

    def _try(
        self, draft: Draft, hosted: Hosted, running: str, visible: ast.AST | None, moment: Moment = ALWAYS
    ) -> bool:
        """Wire, and take a block back: there are other ways."""
        before = len(draft.blocks), draft.step
        self.wiring.wire(draft, hosted, running, visible, moment)
        if len(draft.blocks) > before[0]:
            del draft.blocks[before[0] :]
            draft.step = before[1]
            return False
        for module in (hosted.module, hosted.host_module):
            if module is not None:
                draft.files.add(module.path)
        return True

    def _direct(self, draft: Draft, hosted: Hosted, manager: Manager, instance: str) -> bool:
        """The application's own code sees the manager."""
        at_node = manager.seen_from(hosted.module, hosted.node, instance)
        if hosted.host is None or hosted.host_module is None:
            return bool(at_node) and self._try(draft, hosted, f"{at_node}.run()", None)
        at_host = manager.seen_from(hosted.host_module, hosted.host, instance)
        if at_host:
            given = any(k.arg == "lifespan" for k in hosted.host.keywords)
            visible = manager.anchor if given and manager.module is hosted.host_module else None
            if self._try(draft, hosted, f"{at_host}.run()", visible):
                return True
        if at_node:  # behind the mount, not where the application is made
            return self._try(draft, replace(hosted, host=None), f"{at_node}.run()", None)
        return False

    def _through(self, draft: Draft, inner: Hosted, outer: Hosted, manager: Manager, instance: str) -> bool:
        """The inner application runs the manager, and the outer one runs the inner one's lifespan."""
        mounted = self._mounted(outer)
        if mounted is None or inner.host is None or inner.host_module is None:
            return False
        module, expression = mounted
        own = replace(inner, node=inner.host, module=inner.host_module, inner=None)
        if not manager.seen_from(inner.host_module, inner.host, instance):
            return False
        name = self._named(draft, module, expression, outer)
        if not name:
            return False
        running = f"{name}.router.lifespan_context({name})"
        count = len(draft.operations)
        if not self._direct(draft, own, manager, instance):
            return False
        if self._try(draft, replace(outer, host=None, module=module), running, None):
            return True
        del draft.operations[count:]
        return False

    def _mounted(self, outer: Hosted) -> tuple[Module, ast.expr] | None:
        """The expression of the inner application where the outer one mounts it."""
        call = outer.node if isinstance(outer.node, ast.Call) else None
        mount = call if call is not None and dotted(call.func).rpartition(".")[2] == "mount" else None
        if mount is None:
            return None
        given = next(
            (k.value for k in mount.keywords if k.arg == "app"), mount.args[1] if len(mount.args) > 1 else None
        )
        return (outer.module, given) if given is not None else None

    def _named(self, draft: Draft, module: Module, expression: ast.expr, outer: Hosted) -> str:
        """A name for the inner application at the mount."""
        if isinstance(expression, ast.Name | ast.Attribute):
            return dotted(expression)
        if not isinstance(expression, ast.Call):
            return ""
        taken = {n for s in module.scopes.values() for n in s.bindings}
        name = "mcp_app"
        while name in taken:
            name += "_"
        statement = module.statement_of(outer.node)
        draft.do(
            Insert(module.at(statement), f"{name} = {module.source(expression)}", order=10),
            ReplaceExpr(module.at(expression), name),
        )
        return name

    def _imported(self, draft: Draft, outer: Hosted, manager: Manager) -> bool:
        """The application is made in another file that imports the manager's module."""
        if manager.cls is not None or manager.scope is not manager.module.scope:
            return False
        module = outer.host_module or outer.module
        if module is manager.module or (outer.host is None and isinstance(outer.node, FunctionNode)):
            return False
        if manager.name in {n for s in module.scopes.values() for n in s.bindings}:
            return False
        for bindings in module.scope.bindings.values():
            for b in bindings:
                if b.kind == "import" and b.name and self.project.code.find(b.module, module) is manager.module:
                    if self._try(draft, outer, f"{manager.name}.run()", None):
                        draft.do(EnsureImport(module.path, b.module, manager.name))
                        return True
        return False
