"""Which moved servers a test starts as programs: `subprocess.Popen([sys.executable, "server.py", "--port", "8451"])`.

The port is often the test's own, so the address of its client says nothing of the server; that it is started there does.
"""

from __future__ import annotations

import posixpath
import re

from migrator.context import Context
from migrator.model import Part
from migrator.python.rewrite.edits import ReplaceExpr

_STARTS = re.compile(r"\bPopen\b|\bcreate_subprocess_\w+|\bsubprocess\.\w+\(|\brun_in_process\b|\bpexpect\b")
_HERE = re.compile(r"\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0)\b|^[rbuf]*[\"']https?://\{")


def started_here(context: Context, path: str, part: Part) -> tuple[str, ...]:
    """The units of the servers that the test file `path` starts, when all that the part changes is an address of this machine."""
    texts = [e.at.source for e in part.edits if isinstance(e, ReplaceExpr)]
    if not any(_HERE.search(t) for t in texts if "/sse" in t):
        return ()
    text = context.tree.source(path)
    if _STARTS.search(text) is None:
        return ()
    named = [e for e in context.endpoints if any(_names(text, f) for f in dict.fromkeys((e.place.path, *e.files)))]
    if not named or not all(e.moved for e in named):
        return ()
    return tuple(dict.fromkeys(e.unit for e in named))


def _names(text: str, path: str) -> bool:
    """True where a string names a Python file or its module as programs are started: "server.py", "-m", "shop.server"."""
    file = re.escape(posixpath.basename(path))
    if file != re.escape("__main__.py") and re.search(rf"[\"'/]{file}[\"']", text):
        return True
    module = path.removesuffix(".py").removesuffix("/__main__").removeprefix("src/").replace("/", ".")
    return re.search(rf"[\"']-m[\"'],\s*[\"']{re.escape(module)}[\"']|-m {re.escape(module)}\b", text) is not None
