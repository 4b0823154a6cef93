"""JSON with comments and trailing commas, as Deno and Bun write it."""

from __future__ import annotations

import json
import re
from typing import Any

from migrator.versions.malformed import Malformed, conflict_line

_PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])', re.DOTALL)


def load(text: str, strict: bool = False) -> dict[str, Any]:
    """The object in `text`; comments and trailing commas are skipped unless `strict`. Raises Malformed."""
    if not strict:
        # Blanks of the same length keep the line numbers of error messages right.
        text = _PIECE.sub(lambda m: m[0] if m[0][0] == '"' else re.sub(r"[^\n]", " ", m[0]), text)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        line = conflict_line(text)
        raise Malformed(
            "an unresolved merge conflict" if line else f"not valid JSON: {error.msg}", line or error.lineno
        ) from None
    except RecursionError:
        raise Malformed("nested too deeply to be read") from None
    if not isinstance(data, dict):
        raise Malformed("not a JSON object")
    return data
