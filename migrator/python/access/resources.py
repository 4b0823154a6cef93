"""The endpoint's own address in authentication metadata (RFC 9728): clients compare it with the one they use."""

from __future__ import annotations

import ast
import re

from migrator.clients.addresses import Follower
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import ReplaceExpr
from migrator.python.unit import Draft

NAMED = "resource_server_url"  # what the SDK's AuthSettings calls it


def resources(project: Project, draft: Draft, module: Module) -> None:
    """Let `resource_server_url=".../sse"` and well-known paths that end in the endpoint's path name the new one."""
    if "resource" not in module.text.lower() or "{" in draft.new_path or not draft.old_path:
        return
    old = draft.old_path.rstrip("/")
    ending = re.compile(re.escape(old) + r"/?(?=[\"'\\]|$)")
    done = {getattr(o, "at", None) for o in draft.operations}
    for node in module.nodes:
        if not isinstance(node, ast.JoinedStr | ast.Constant) or isinstance(getattr(node, "value", ""), bytes):
            continue
        whole = isinstance(node, ast.JoinedStr)
        if not whole and not isinstance(node.value, str):  # type: ignore[union-attr]
            continue
        if isinstance(module.parents.get(node), ast.JoinedStr | ast.Expr) or module.at(node) in done:
            continue
        text = module.source(node)
        known = "oauth-protected-resource" in text
        if not known and not (("://" in text or whole) and _is_resource(module, node)):
            continue
        code = ending.sub(draft.new_path, text)
        if known and code in _strings(module):
            continue  # both paths are named: the new one stays, and the old one harms nobody
        if code != text and len(text.strip("rbfRBF\"'")) > len(old):
            draft.do(ReplaceExpr(module.at(node), code))
            draft.files.add(module.path)
    _handed_on(project, draft, module, old)


def _handed_on(project: Project, draft: Draft, module: Module, old: str) -> None:
    """The same where the address is written elsewhere: `AuthSettings(resource_server_url=settings.server_url)`."""
    given = [k.value for c in module.calls for k in c.keywords if k.arg == NAMED] if NAMED in module.text else []
    follow = Follower(project.values, project.words, tests=False, path_reads={})
    for spelled in (s for node in given for s in follow.spellings(module, node)):
        text = spelled.text.rstrip("/")
        edit = spelled.changed(text.removesuffix(old) + draft.new_path) if text.endswith(old) else None
        if edit is not None and edit.at not in {getattr(o, "at", None) for o in draft.operations}:
            draft.do(edit)
            draft.files.add(edit.at.path)


def _strings(module: Module) -> set[str]:
    """The source of the strings that the module writes out."""
    return {module.source(n) for n in module.nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _is_resource(module: Module, node: ast.AST) -> bool:
    """True for the value of something that is called a resource: an argument, a dict's entry, a name."""
    inner = node
    for outer in module.ancestors(node):
        said = ""
        if isinstance(outer, ast.keyword):
            said = outer.arg or ""
        elif isinstance(outer, ast.Dict) and inner in outer.values:
            key = outer.keys[outer.values.index(inner)]
            said = str(key.value) if isinstance(key, ast.Constant) else ""
        elif isinstance(outer, ast.Assign):
            said = " ".join(map(ast.unparse, outer.targets))
        elif isinstance(outer, ast.AnnAssign):
            said = ast.unparse(outer.target)
        if said:
            return "resource" in said.lower()
        if isinstance(outer, ast.stmt):
            return False
        inner = outer
    return False
