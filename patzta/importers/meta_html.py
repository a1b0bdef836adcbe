"""Messenger and Instagram: "Download your information" in HTML. JSON holds more: times have no zone here.

The classes of the elements change over the years; three generations of them are known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Message, Reaction
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.run import Run
from patzta.importers.text import decoded, tidy
from patzta.importers.times import WallClock


class Classes(NamedTuple):
    """Selectors of one generation."""

    block: str
    sender: str
    body: str
    time: str
    reactions: str


GENERATIONS = (
    Classes("div._a6-g", "h2._a6-h, ._2pim._a6-h", "div._a6-p", "._a6-o", "ul._a6-q > li"),
    Classes("div.pam.uiBoxWhite", "._2lek", "._2let", "._2lem", "ul._tqp > li"),
)
_PATH = re.compile(r"(?:^|.*/)(?P<thread>[^/]+)/message_(?P<number>\d{1,6})\.html?$")
_TIMES = (
    "%b %d, %Y %I:%M:%S %p", "%b %d, %Y, %I:%M:%S %p", "%b %d, %Y %I:%M %p", "%b %d, %Y, %I:%M %p", "%d %b %Y, %H:%M",
    "%d %b %Y %H:%M", "%d. %m. %Y %H:%M:%S", "%d. %m. %Y %H:%M", "%d.%m.%Y, %H:%M", "%d.%m.%Y %H:%M:%S",
)  # fmt: skip
_MEDIA: dict[str, AttachmentKind] = {"img": "photo", "video": "video", "audio": "audio"}


def recognises(file: ExportFile) -> bool:
    """By the name."""
    return bool(_PATH.match(file.path))


def read_html(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """One conversation a thread."""
    run.note("HTML exports have no zone, no calls and no ids: ask Meta for the format JSON if you can")
    threads: defaultdict[str, list[tuple[int, ExportFile]]] = defaultdict(list)
    for file in files:
        found = _PATH.match(file.path)
        threads[found["thread"] if found else file.path].append((int(found["number"]) if found else 0, file))
    for parts in threads.values():
        instagram = any("instagram" in file.path.lower() for _, file in parts)
        messages: list[Message] = []
        title: str | None = None
        for _, file in sorted(parts, key=lambda part: part[0], reverse=True):
            try:
                page = LexborHTMLParser(decoded(file.read()))
            except FAILURES as error:
                run.skip(file.path, error)
                continue
            title = _text(page.css_first("title")) or title
            messages += _messages(page, file, run)
        people = tuple(dict.fromkeys(message.author for message in messages if message.author))
        yield Conversation("instagram" if instagram else "messenger", title, people, tuple(messages))


def _messages(page: LexborHTMLParser, file: ExportFile, run: Run) -> list[Message]:
    """Oldest first; the page begins with the newest."""
    classes = next((one for one in GENERATIONS if page.css_first(f"{one.block} {one.time}")), None)
    if classes is None:
        run.skip(file.path, "no message of a known form in it")
        return []
    blocks = [block for block in page.css(classes.block) if block.css_first(classes.time)]
    clock = WallClock(run.zone)
    found: list[Message] = []
    undated = 0
    for block in reversed(blocks):
        time = _time(_text(block.css_first(classes.time)))
        if time is None:
            undated += 1
        else:
            found.append(_message(block, classes, clock.utc(time), run))
    if undated:
        run.skip(file.path, f"{undated} of its messages have no time that could be read")
    return sorted(found, key=lambda message: message.time or datetime.min)  # noqa: DTZ901


def _message(block: LexborNode, classes: Classes, time: datetime, run: Run) -> Message:
    author = _text(block.css_first(classes.sender)) or None
    body = block.css_first(classes.body)
    reactions = tuple(filter(None, map(_reaction, block.css(classes.reactions))))
    attachments = tuple(Attachment(kind) for tag, kind in _MEDIA.items() for _ in (body.css(tag) if body else ()))
    text = _typed(body) if body else ""
    meaning = run.sentences.of("messenger").meaning(text, author) if text else None
    if meaning and meaning.attachment:
        return Message(author, time, "", "message", attachments or (Attachment(meaning.attachment),), reactions)
    return Message(author, time, text, meaning.kind if meaning else "message", attachments, reactions)


def _typed(body: LexborNode) -> str:
    """The first inner block with a text of its own; what follows are shared posts and reactions."""
    inner = body.css("div > div") or [body]
    leaves = (part for part in inner if (part.html or "").count("<div") == 1 and not part.css_first("ul"))
    return next((text for part in leaves if (text := _text(part))), "")


def _reaction(item: LexborNode) -> Reaction | None:
    text = _text(item)
    found = re.match(r"(?P<emoji>[^\w\s]+[\u200d\ufe0f]*)\s*(?P<name>\w.*)", text)
    return Reaction(found["name"], found["emoji"]) if found else None


def _text(node: LexborNode | None) -> str:
    return tidy(node.text(separator="").strip()) if node else ""


def _time(text: str) -> datetime | None:
    plain = " ".join(text.replace("\u202f", " ").split())
    for form in _TIMES:
        try:
            return datetime.strptime(plain, form)  # noqa: DTZ007
        except ValueError:
            continue
    return None
