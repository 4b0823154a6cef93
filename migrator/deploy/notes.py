"""What is only told: old words for programs that aren't this repository's, and sentences of documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migrator import examples
from migrator.configs.addresses import LOOPBACK, between_templates, is_template
from migrator.configs.addresses import shown as shown_url
from migrator.configs.commands import Tools
from migrator.configs.decisions import Action
from migrator.configs.urls import Urls
from migrator.deploy.addresses import addresses, behind_variables, urls_of
from migrator.deploy.follow import Follower
from migrator.deploy.pages import Page
from migrator.deploy.places import Places, program_name
from migrator.deploy.readers import Readers
from migrator.deploy.strands import Strand
from migrator.deploy.surfaces import SYNTAXES
from migrator.deploy.ties import Ties, image_name
from migrator.deploy.words import Command, option_values, spoken
from migrator.homes import Homes
from migrator.model import Endpoint, Finding, Outcome, Part, Place, Severity
from migrator.text import TextFile

_HISTORY = re.compile(r"(?:changelog|changes|history|news|release|migration|upgrading)", re.I)
# ... and as Chinese and Japanese say it, who put no space around a word
_TRANSPORT = re.compile(
    r"transport|endpoint|http\+sse|sse (?:server|mode|url)|https?://\S*/sse"
    r"|传输|傳輸|端点|端點|エンドポイント|トランスポート|sse[`\"'）)]? ?(?:两种|兩種)?(?:模式|方式|服务|服務|モード|サーバ)",
    re.I,
)
_OF_TRANSPORT = re.compile(r"EventSource|\b(?:type|transport)\b[\"']?\s*[:=]\s*[\"'`]sse[\"'`]")
_PATH = re.compile(r"(?!.*(?:health|live|ready|probe|check))\w+(?:path|endpoint|route|ur[il])$", re.I)
_COMMENT = re.compile(r"(?:^|(?<=\s))#")
_TEMPLATE = re.compile(r"\b(?:eq|ne)\s+[\w.$]+\s+\"sse\"|[!=]=\s*[\"']sse[\"']")
_SENTENCE = re.compile(r"(?<![\w-])sse(?![\w-])", re.I | re.A)


def unfollowed(page: Page, ties: Ties, taken: set[tuple[str, int]]) -> Iterator[Part]:
    """Old words for a moved server whose code takes them in a way that could not be followed: they still work."""
    found: list[tuple[Strand, str, Endpoint]] = []
    for command in page.sheet.commands:
        tie = ties.tie(command, page.file.path)
        for e in tie.endpoints[:1] if not any(e.selectors or e.keeps_word for e in tie.endpoints) else ():
            for value in option_values(command.words[tie.after :], ties.table["ties"]["options"]):
                found += [(word, f"{e.name} gets the old word", e) for word in spoken(value)]
    for setting in page.sheet.settings:
        if setting.container is not None and re.search(r"TRANSPORT|PROTOCOL", setting.name, re.I):
            tie = ties.container(setting.container, page.file.path)
            for e in tie.endpoints[:1] if not any(e.keeps_word for e in tie.endpoints) else ():
                found += [(word, f"{setting.name} says the old word to {e.name}", e) for word in spoken(setting.value)]
    for word, message, e in found:
        if word.text.lower() == "sse" and e.moved and (page.file.path, word.start) not in taken:
            taken.add((page.file.path, word.start))
            refused = any(not s.accepts_old for s in e.selectors)
            then = "it will be refused" if refused else "it keeps its meaning"
            text = f"{message}, which its code takes in a way that could not be followed: {then}"
            todo = "look up what the server calls Streamable HTTP, and write that"
            severity = Severity.WARNING if refused else Severity.NOTE
            yield _told(page, word, text, todo, e, severity)


def old_paths(page: Page, ties: Ties, taken: set[tuple[str, int]]) -> Iterator[Part]:
    """The old path, said to a moved server on its command line: what answers there is Streamable HTTP from now on."""
    kept = ties.context.settings.legacy_sse == "keep"
    for command in page.sheet.commands if not kept else ():
        tie = ties.tie(command, page.file.path)
        moved = [e for e in tie.endpoints if e.moved and e.old_path.strip("/") and e.old_path != e.new_path]
        for word in command.words[tie.after :] if not tie.pinned else ():
            said = word.part(word.text.find("=") + 1) if word.text.startswith("-") else word
            e = next((e for e in moved if said.text.rstrip("/") == e.old_path.rstrip("/")), None)
            if e is not None and (page.file.path, said.start) not in taken:
                taken.add((page.file.path, said.start))
                text = f"this command says {said.text} to {e.name}: where that is its path, it goes on answering there"
                todo = f"write {e.new_path}, where its clients are sent"
                yield _told(page, said, text, todo, e)


def other_paths(page: Page, follower: Follower, taken: set[tuple[str, int]]) -> Iterator[Part]:
    """A path of its own that a variable gives a moved server: its address stays, and speaks Streamable HTTP from now on."""
    for site in follower.other_paths():
        if (page.file.path, site.word.start) not in taken:
            taken.add((page.file.path, site.word.start))
            text = f"{site.shown} puts {site.endpoint.name} there: it speaks Streamable HTTP on that path from now on"
            todo = "tell those who connect there: the address stays, and the transport is Streamable HTTP"
            yield _told(page, site.word, text, todo, site.endpoint)


def _told(page: Page, word: Strand, text: str, todo: str, e: Endpoint, severity: Severity = Severity.NOTE) -> Part:
    """What is said of a word for a moved server, and left to the user."""
    place = page.file.place(word.start, word.end)
    return Part((Finding(page.rule, severity, Outcome.BY_HAND, place, text, todo, e.unit),), (), e.unit)


def perhaps(
    page: Page, places: Places, endpoints: Sequence[Endpoint], urls: Urls, taken: set[tuple[str, int]]
) -> Iterator[Part]:
    """Addresses that may be a moved server's, where its code or the host leave too much open to tell; paths alone, too."""
    own = spoken_of(page.file.path, endpoints, places)
    found: list[tuple[Strand, Endpoint]] = []
    for text in _said(page) if own else ():
        for strand, url in (*urls_of(text), *behind_variables(text)):
            known = {(page.file.path, at) for at in range(strand.start, strand.end)} & taken
            theirs = [e for e in own if _may_be(url.path.rstrip("/"), e)]
            if page.document:
                theirs = places.homes.spoken_of(page.file.path, page.file.text, strand.start, theirs)
            if not theirs or known:
                continue
            decision = urls.decide(strand.text, page.file.path)
            here = url.name in LOOPBACK or is_template(url.name)
            if not decision.elsewhere and (here or not (decision.vendor or decision.action is Action.HAND)):
                found.append((strand, theirs[0]))
    for setting in page.sheet.settings if own else ():  # the path of an address that is said in parts
        theirs = [e for e in own if setting.value.text.rstrip("/") == e.old_path.rstrip("/") != e.new_path.rstrip("/")]
        if theirs and _PATH.match(setting.name) and (page.file.path, setting.value.start) not in taken:
            found.append((setting.value, theirs[0]))
    if found:
        strand, e = found[0]
        lines = list(dict.fromkeys(str(page.file.place(s.start, s.end).line) for s, _ in found))
        many = (
            f"lines {', '.join(lines)} hold addresses" if len(lines) > 1 else f"{shown_url(strand.text)} is an address"
        )
        message = f"{many} that may be of {e.name}, which moves: host, port or path don't say so"
        old = e.old_path if e.old_path != e.new_path else ""
        todo = f"if it is, {old or 'its path'} becomes {e.new_path}, and the word for the transport Streamable HTTP's"
        yield _told(page, strand, message, todo, e)


def _said(page: Page) -> list[Strand]:
    """The texts with addresses that only `perhaps` tells of; what a client's configuration reaches is told elsewhere."""
    if page.document or page.language not in SYNTAXES:
        return page.sheet.texts
    if page.language.startswith("json"):
        return []
    return [s.value for s in page.sheet.settings if "\n" not in s.value.text]


def _may_be(path: str, e: Endpoint) -> bool:
    """True for the endpoint's old path, and for one that ends so where the beginning comes from elsewhere.

    A path that stays is right where it is said: then only the customary one is not.
    """
    if e.old_path == e.new_path:
        return path == "/sse"
    known = bool(e.old_path.strip("/")) and "{" not in e.old_path
    tail = e.old_path.rpartition("}")[2].rstrip("/") or "/sse"
    if known and len(parts := between_templates(path)) > 1:  # for name in math text; do curl $BASE/$name/sse
        return re.fullmatch(".+".join(map(re.escape, parts)), tail) is not None
    return path == tail if known else path.endswith(tail)


def untied(page: Page, ties: Ties, tools: Tools, taken: set[tuple[str, int]]) -> Iterator[Part]:
    """Command lines that start somebody else's server with the old word: never changed."""
    # a container's own words are those of `docker run`, too; where its server keeps the word nothing else claims them
    ours = [(w.start, w.end) for c in page.sheet.commands if ties.tie(c, page.file.path).ours for w in c.words]
    for command in page.sheet.commands:
        if command.comment or not command.words or (command.words[0].text.startswith("-") and not command.bare):
            continue
        tie = ties.tie(command, page.file.path)
        if tie.ours or tools.find(command.texts):
            continue  # what a client or a bridge reaches is judged by its address
        imageless = command.container is None or not command.container.image
        if command.bare and imageless and command.words[0].text.startswith("-"):
            continue  # a patch of what another file starts: who gets the word can't be told here
        for value in option_values(command.words, ties.table["ties"]["options"]):
            for word in spoken(value):
                if (
                    word.text.lower() != "sse"
                    or (page.file.path, word.start) in taken
                    or any(begin <= word.start < end for begin, end in ours)
                ):
                    continue
                taken.add((page.file.path, word.start))
                place = page.file.place(word.start, word.end)
                message = f"{shown(command)} gets the old word and is no server of this run: left as it is"
                todo = "see its own documentation for its word for Streamable HTTP"
                if tie.path:
                    message = f"{shown(command)} gets the old word, and no start over SSE is known in {tie.path}"
                    todo = "if that speaks SSE, let it speak Streamable HTTP first, and then write its word for that"
                yield Part((Finding(page.rule, Severity.NOTE, Outcome.INFO, place, message, todo),))


def bridging(page: Page, tools: Tools, urls: Urls) -> Iterator[Part]:
    """Command lines of bridges that serve SSE: which of their options mean it, and what to say instead."""
    for command in page.sheet.commands:
        image = image_name(command.container.image) if command.bare and command.container is not None else ""
        move = tools.rewrite([image, *command.texts] if image else command.texts, urls, page.file.path)
        if move is None or not move.serves or command.comment:
            continue
        place = page.file.place(command.words[0].start, command.words[-1].end)
        severity = Severity.NOTE if page.document else Severity.WARNING
        rule = page.rule if page.document else "MCP505"
        reason, todo = move.decision.reason, move.decision.instruction
        yield Part((Finding(rule, severity, Outcome.BY_HAND, place, reason, todo),))


def comparing(page: Page, ties: Ties, places: Places) -> Iterator[Part]:
    """Scripts and templates that tell transports apart by the old word: they must know the new one, too."""
    if page.document:
        return
    spans = [(w.start, w.end) for w in page.sheet.compared]
    if "{{" in page.source.text or "{%" in page.source.text:
        spans += [
            (page.source.starts[m.start()], page.source.ends[m.end() - 1]) for m in _TEMPLATE.finditer(page.source.text)
        ]
    project = places.project(page.file.path)
    own = [
        e
        for e in ties.context.endpoints
        if e.moved and e.selectors and (not project or places.project(e.place.path) == project)
    ]
    if not spans or not own:
        return
    spans.sort()
    lines = list(dict.fromkeys(str(page.file.place(start).line) for start, _ in spans))
    hands_on = bool(ties.scripts.of(page.file.path).path) or page.file.path in ties.passed_through
    severity = Severity.WARNING if hands_on else Severity.NOTE
    many = f"lines {', '.join(lines)}" if len(lines) > 1 else "this line"
    message = f"{many} compare{'' if len(lines) > 1 else 's'} with the old word, which {own[0].name} will be given less and less"
    todo = f"let it know {own[0].selectors[0].new_word}, too, before that word is passed to it"
    yield Part(
        (Finding("MCP501", severity, Outcome.BY_HAND, page.file.place(*spans[0]), message, todo, own[0].unit),),
        (),
        own[0].unit,
    )


def comments(page: Page, taken: set[tuple[str, int]], endpoints: Sequence[Endpoint]) -> Iterator[Part]:
    """Comments that name the old word, in files with tied words or variables: listed."""
    names = {n for e in endpoints if e.moved for s in e.selectors if s.kind == "environment" for n in s.names}
    told = any(path == page.file.path for path, _ in taken)
    if page.document or not (told or any(s.name in names for s in page.sheet.settings)):
        return
    found = []
    at = 0
    for line in page.file.text.splitlines(keepends=True):
        at += len(line)
        mark = _COMMENT.search(line)
        begin = at - len(line) + (mark.start() if mark else 0)
        if (
            mark
            and _SENTENCE.search(line, mark.start())
            and not any((page.file.path, i) in taken for i in range(begin, at))
        ):
            found.append((begin, at - len(line) + len(line.rstrip())))
    if found:
        lines = [str(page.file.place(start).line) for start, _ in found]
        many = f"comments on lines {', '.join(lines)} name" if len(lines) > 1 else "a comment names"
        message = f"{many} the old word: comments are yours to change"
        yield Part(
            (
                Finding(
                    "MCP501", Severity.NOTE, Outcome.BY_HAND, page.file.place(*found[0]), message, "name the new one"
                ),
            )
        )


def unread(
    file: TextFile, readers: Readers, urls: Urls, endpoints: Sequence[Endpoint], code: bool = False
) -> Iterator[Part]:
    """Files that nothing here reads (HTML, plain text, requests of an HTTP client): their lines are listed.

    code: of another language, which does not work without the change.
    """
    names = {n for e in urls.endpoints if e.moved for s in e.selectors if s.kind == "environment" for n in s.names}
    set_here = re.compile(rf"\b(?P<name>{'|'.join(map(re.escape, sorted(names))) or '(?!)'})\b\W{{1,6}}sse\b", re.I)
    speaks = re.search("mcp", file.text, re.I) is not None
    own = spoken_of(file.path, endpoints, readers.places) if speaks else []
    streams = False
    lines: dict[int, None] = {}
    texts: dict[str, None] = {}
    units: list[str] = []
    at = 0
    for number, line in enumerate(file.text.splitlines(keepends=True), 1):
        strand = Strand.of(file.text, at, at + len(line))
        at += len(line)
        for address in addresses(strand, urls, file.path):
            if code and address.decision.assumed and not speaks:
                continue  # a page's own stream of events, at a port of its own
            lines[number] = texts[address.decision.url] = None
            units.append(address.decision.unit)
        for e in own if number not in lines else ():
            if _says_path(line, e.old_path):
                lines[number] = texts[e.new_path] = None
                units.append(e.unit)
        streams = streams or (number in lines and "EventSource" in line)
        match = set_here.search(line)
        for e in readers.of(match["name"], None, file.path) if match else ():
            for selector in e.selectors:
                if match and match["name"] in selector.names:
                    lines[number] = texts[f"{match['name']}={selector.new_word}"] = None
                    units.append(e.unit)
    if lines:
        many = f"lines {', '.join(map(str, list(lines)[:12]))} name" if len(lines) > 1 else "this line names"
        message = f"{many} what changes with its server; files of this kind are yours to change"
        todo = "write " + ", ".join(texts)
        if streams:  # it would open the new address and wait for ever
            todo += "; what opens the stream itself (EventSource) needs an MCP client over Streamable HTTP"
        place = Place(file.path, next(iter(lines)))
        unit = next((u for u in units if any(e.unit == u for e in endpoints)), "")
        rule, severity = ("MCP901", Severity.WARNING) if code else ("MCP502", Severity.NOTE)
        yield Part((Finding(rule, severity, Outcome.BY_HAND, place, message, todo, unit),), (), unit)


def _says_path(line: str, path: str) -> bool:
    """True for a line that names the path behind an address that its own code knows: `${base}/mcp/sse`.

    "/sse" alone is the path of many streams: it counts beside a word for the transport, and where the stream is opened.
    """
    if not path.strip("/") or "{" in path:
        return False
    said = re.search(rf"[\"'`}}]{re.escape(path.rstrip('/'))}/?[\"'`]", line)
    return said is not None and (path.count("/") > 1 or _OF_TRANSPORT.search(line) is not None)


def shown(command: Command) -> str:
    """The program of a command line, for people."""
    words = [w for w in command.texts if w and not w.startswith("-")]
    if command.container is not None and command.container.image:
        return f"a container of {command.container.image}"
    more = 3 if words[1:2] == ["run"] and program_name(words[0]) in ("uv", "poetry", "pdm", "hatch", "pipenv") else 2
    return " ".join([program_name(words[0]), *words[1:more]]) if words else "a command"


def prose(
    file: TextFile, own: Sequence[Endpoint], blocks: Sequence[Strand], taken: set[tuple[str, int]], homes: Homes
) -> Iterator[Part]:
    """The sentences of a document that say how its servers are started or reached over SSE: listed, not rewritten.

    own: the servers that it may be about, one at least. taken: (path, offset) of what something else tells of.
    """
    if _HISTORY.match(file.path.rpartition("/")[2]):
        return
    told = {file.text.count("\n", 0, at) for path, at in taken if path == file.path}
    names = {n for e in own for s in e.selectors for n in s.names if s.kind in ("option", "environment")}
    paths = {e.old_path for e in own if e.old_path.strip("/")}
    inside = [(b.start, b.end) for b in blocks if b.text]
    found: list[tuple[int, int, int]] = []
    about: dict[str, Endpoint] = {}
    at = 0
    for number, line in enumerate(file.text.splitlines(keepends=True), 1):
        at += len(line)
        start = at - len(line)
        if any(begin <= start < end for begin, end in inside) or number - 1 in told or not _SENTENCE.search(line):
            continue
        if _TRANSPORT.search(line) or any(n in line for n in names) or any(p in line for p in paths):
            theirs = homes.spoken_of(file.path, file.text, start, own)
            if theirs:
                about |= {e.name: e for e in theirs}
                found.append((number, start, at - len(line) + len(line.rstrip())))
    if found:
        lines = [str(number) for number, _, _ in found]
        many = f"lines {', '.join(lines[:12])}{' ...' if len(lines) > 12 else ''} say"
        message = f"{many if len(lines) > 1 else 'a sentence says'} how the server is used over SSE: sentences are yours to change"
        # what people type: nothing for "always" and code
        chosen = {e.selected_by if e.selectors else "" for e in about.values()}
        how = f" ({chosen.pop()})" if len(chosen) == 1 and any(chosen) else ""
        ends = " or ".join(sorted({e.new_path for e in about.values()}))
        todo = f"the endpoint is now {ends}, the transport Streamable HTTP{how}"
        place = file.place(found[0][1], found[0][2])
        yield Part((Finding("MCP502", Severity.NOTE, Outcome.BY_HAND, place, message, todo),))


def spoken_of(path: str, endpoints: Sequence[Endpoint], places: Places) -> list[Endpoint]:
    """The moved servers that a file may speak of: those of its project, else those of projects below it."""
    moved = [e for e in endpoints if e.moved]
    own = [e for e in moved if _about(path, e, places)]
    return own or [e for e in moved if places.below(path, e.place.path) and examples.is_of(e.place.path, path)]


def _about(path: str, e: Endpoint, places: Places) -> bool:
    """True when a file may speak of the server: it belongs to the same project, and to the same example."""
    return places.project(path) == places.project(e.place.path) and examples.is_of(e.place.path, path)
