"""Fenced blocks of Markdown and literal blocks of reStructuredText."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.deploy.strands import Strand, joined
from migrator.records import record

_FENCE = re.compile(
    r"^(?P<indent>[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)\r?\n(?P<body>.*?)^[ \t>]*(?P=fence)[`~]*[ \t]*\r?$",
    re.DOTALL | re.MULTILINE,
)
_DIRECTIVE = re.compile(
    r"^(?P<indent>[ \t]*)(?:\.\. (?:code-block|code|sourcecode|prompt|parsed-literal)::[ \t]*(?P<info>\S*)|(?:(?!\.\. ).*)::)[ \t]*\r?\n"
    r"(?P<body>(?:(?P=indent)[ \t]+\S.*(?:\r?\n|\Z)|[ \t]*\r?\n)+)",
    re.MULTILINE,
)
_ADOC = re.compile(
    r"^(?:\[source,?[ \t]*(?P<info>\w*)[^\]\n]*\]\r?\n)?^(?P<fence>-{4,})[ \t]*\r?\n(?P<body>.*?)^(?P=fence)[ \t]*\r?$",
    re.DOTALL | re.MULTILINE,
)

_QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+")

_LANGUAGES = {
    "console": {
        "",
        "bash",
        "sh",
        "shell",
        "zsh",
        "fish",
        "console",
        "shell-session",
        "shellsession",
        "sh-session",
        "terminal",
        "text",
        "txt",
        "plaintext",
        "cmd",
        "bat",
        "batch",
        "powershell",
        "ps1",
        "pwsh",
        "command",
        "cli",
        "none",
        "plain",
    },
    "json": {"json", "json5", "jsonc", "js", "javascript"},
    "yaml": {"yaml", "yml", "docker-compose", "compose"},
    "toml": {"toml"},
    "dockerfile": {"dockerfile", "docker", "containerfile"},
    "environment": {"env", "dotenv", "properties", "environment"},
    "units": {"ini", "systemd", "conf", "cfg", "desktop"},
    "makefile": {"makefile", "make"},
    "justfile": {"just", "justfile"},
    "python": {"python", "py", "python3"},
    "nginx": {"nginx"},
}


@record(frozen=True)
class Block:
    """A block of a document. language: the reader that takes it, as surfaces.Surfaces.read knows it."""

    strand: Strand
    language: str
    info: str


def blocks(source: Strand, reader: str) -> Iterator[Block]:
    """The blocks of a document that show code. Those in a language that nothing here reads are left out."""
    forms = (_DIRECTIVE,) if reader == "rst" else (_FENCE, _ADOC)
    for form in forms:
        for match in form.finditer(source.text):
            info = language_named(match["info"] or "")
            body = source.part(*match.span("body"))
            if ">" in match.groupdict().get("indent", ""):
                body = unquoted(body)
            language = next((k for k, names in _LANGUAGES.items() if info in names), "")
            if not info:
                language = guessed(body.text)
            if language:
                yield Block(body, language, info)


def language_named(info: str) -> str:
    """The language that the words after a fence name: "bash", ".bash" (Pandoc) and "{code-block} bash" (MyST)."""
    words = re.findall(r"[\w+#-]+", info.lower())
    if len(words) > 1 and info.strip().startswith("{") and words[0] in ("code-block", "code", "sourcecode"):
        return words[1]
    return words[0] if words else ""


def unquoted(body: Strand) -> Strand:
    """A block in a quotation, without the marks before its lines."""
    lines = []
    for line in body.lines():
        mark = _QUOTED.match(line.text)
        lines.append(line.part(mark.end() if mark else 0))
    return joined(lines, "\n", keep_empty=True)


def guessed(text: str) -> str:
    """The language of a block that doesn't say it."""
    head = text.lstrip()
    if head.startswith(("{", '"')):
        return "json"
    if re.match(r"(?:FROM|ARG|ENV|CMD|ENTRYPOINT) \S", head):
        return "dockerfile"
    if re.match(r"(?:services|version|apiVersion|mcp\w*):", head):
        return "yaml"
    if re.match(r"[A-Z][A-Z0-9_]+=\S*\s*(?:\n|$)", head):
        return "environment"
    return "console"
