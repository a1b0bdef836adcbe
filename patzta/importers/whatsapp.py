"""WhatsApp's "Export chat": a text whose form depends on the phone and its language.

    [13.06.2023, 18:08:08] Jan: text      iOS
    13/06/2023, 18:08 - Jan: text         Android

Lines without such a beginning go on with the message above. There are no ids, replies or reactions, and two equal lines
can be two messages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import PurePosixPath

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Kind, Message
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.run import Run
from patzta.importers.sentences import Meaning, Sentences
from patzta.importers.text import decoded, tidy
from patzta.importers.times import WallClock

_MARKS = "\u200e\u200f\ufeff"
_INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_HEADER = re.compile(
    rf"^[{_MARKS}]*(?P<open>\[?)"
    r"(?P<a>\d{1,4})(?P<sep>[./-] ?)(?P<b>\d{1,2})[./-] ?(?P<c>\d{1,4})\.?(?P<comma>,?) (?:[^\W\d]+ )?"
    r"(?P<hour>\d{1,2})(?P<colon>[:.])(?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"(?P<half>[ \u00a0\u202f]?[AaPp]\.?[ \u00a0\u202f]?[Mm]\.?)?"
    r"(?P<close>\] | - )",
    re.M,
)
_TITLE = re.compile(r"whatsapp.*? (?:with|con|mit|avec|com|met|s|z|-) (?P<title>.+)", re.I)
_POLL = re.compile(r"(?:POLL|ANKETA|UMFRAGE|ENCUESTA|SONDAGE|SONDAGGIO|ENQUETE):\s*\n", re.I)
_KINDS: dict[AttachmentKind, str] = {
    "sticker": r"STK-|.*-STICKER-|.*\.webp$",
    "audio": r"PTT-|AUD-|.*-AUDIO-|.*\.(?:opus|ogg|mp3|m4a|aac)$",
    "gif": r"GIF-|.*-GIF-|.*\.gif$",
    "photo": r"IMG-|.*-PHOTO-|.*\.(?:jpe?g|png|heic)$",
    "video": r"VID-|.*-VIDEO-|.*\.(?:mp4|mov|3gp)$",
    "contact": r".*\.vcf$",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A header and what stands after it, until the next header."""

    header: re.Match[str]
    body: str


def recognises(file: ExportFile) -> bool:
    """By the name, or by the first line."""
    if not file.name.lower().endswith(".txt"):
        return False
    if file.name == "_chat.txt" or re.match(r".*\bwhatsapp\b", file.name, re.I):
        return True
    first = file.head().decode("utf-8", "ignore").lstrip("\ufeff\n\r ")
    return bool(_HEADER.match(first))


def read_whatsapp(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """One conversation a file."""
    for file in files:
        try:
            text = decoded(file.read()).replace("\r\n", "\n")
        except FAILURES as error:
            run.skip(file.path, error)
            continue
        lines = _lines(text)
        if not lines:
            run.skip(file.path, "no line of it begins with a time, as those of WhatsApp do")
            continue
        yield _conversation(file, lines, run)


def _lines(text: str) -> list[Line]:
    """The messages. Lines that begin like a header of another form belong to the text of a message."""
    forms = Counter(_form(header) for header in _HEADER.finditer(text, 0, 200_000))
    usual = forms.most_common(1)[0][0] if forms else None
    headers = [header for header in _HEADER.finditer(text) if _form(header) == usual]
    ends = [*(header.start() for header in headers), len(text)][1:]
    return [Line(header, text[header.end() : end].removesuffix("\n"))
            for header, end in zip(headers, ends, strict=False)]  # fmt: skip


def _form(header: re.Match[str]) -> tuple[str | bool, ...]:
    fixed = header["open"], header["sep"], header["comma"], header["colon"], header["close"]
    return (*fixed, header["second"] is None, header["half"] is None, len(header["a"]) == 4, len(header["c"]) == 4)


def _conversation(file: ExportFile, lines: list[Line], run: Run) -> Conversation:
    order = _order(file, lines, run)
    clock = WallClock(run.zone)
    sentences = run.sentences.of("whatsapp")
    messages: list[Message] = []
    undated = 0
    for line in lines:
        try:
            time = clock.utc(_local(line.header, order))
        except ValueError:
            undated += 1
            continue
        messages.append(_message(line.body, time, sentences))
    if undated:
        run.skip(file.path, f"{undated} of its messages have no possible time")
    people = dict.fromkeys(message.author for message in messages if message.author and message.kind != "system")
    return Conversation("whatsapp", _title(file), tuple(people), tuple(messages))


def _title(file: ExportFile) -> str | None:
    for name in (file.name, PurePosixPath(file.origin).name):
        if found := _TITLE.match(name.rpartition(".")[0]):
            return tidy(_INVISIBLE.sub("", found["title"]).strip()) or None
    return None


def _order(file: ExportFile, lines: list[Line], run: Run) -> str:
    """``ymd``, ``dmy`` or ``mdy``: as the file shows, else as the user says, else day first."""
    if len(lines[0].header["a"]) == 4:
        return "ymd"
    parts = [(int(line.header["a"]), int(line.header["b"]), int(line.header["c"])) for line in lines]
    day_first = _day_first(parts)
    if day_first is None:
        if run.day_first is None:
            run.note(f"{file.path}: days and months cannot be told apart; day first is assumed (--dates dmy or mdy)")
        day_first = run.day_first is not False
    return "dmy" if day_first else "mdy"


def _day_first(parts: Sequence[tuple[int, int, int]]) -> bool | None:
    if any(a > 12 for a, _, _ in parts) != any(b > 12 for _, b, _ in parts):
        return any(a > 12 for a, _, _ in parts)
    back = [sum(later < earlier for earlier, later in pairwise(dates))
            for dates in ([(c, b, a) for a, b, c in parts], [(c, a, b) for a, b, c in parts])]  # fmt: skip
    if back[0] != back[1]:
        return back[0] < back[1]
    changes = [len({date[place] for date in parts}) for place in (0, 1)]  # days change faster than months
    return None if changes[0] == changes[1] else changes[0] > changes[1]


def _local(header: re.Match[str], order: str) -> datetime:
    date = dict(zip(order, (int(header["a"]), int(header["b"]), int(header["c"])), strict=True))
    hour = int(header["hour"])
    if header["half"]:
        hour = hour % 12 + 12 * ("p" in header["half"].lower())
    year = date["y"] + 2000 if date["y"] < 100 else date["y"]
    return datetime(year, date["m"], date["d"], hour, int(header["minute"]), int(header["second"] or 0))  # noqa: DTZ001


def _message(body: str, time: datetime, sentences: Sentences) -> Message:
    """Notices name nobody as their author, and may hold a colon of their own."""
    name, colon, raw = body.partition(": ")
    whole = _plain(body)
    meaning = sentences.meaning(whole, None)
    if not colon and body.endswith(":"):
        name, colon, raw = body[:-1], ":", ""
    if not colon or "\n" in name or (meaning and meaning.kind == "system"):
        return Message(None, time, whole, meaning.kind if meaning and meaning.kind != "message" else "system")
    author = _name(name)
    return _typed(author, raw, time, sentences)


@cache
def _name(name: str) -> str:
    return tidy(_INVISIBLE.sub("", name).replace("\u00a0", " ").replace("\u2011", "-").removeprefix("~").strip())


def _typed(author: str, raw: str, time: datetime, sentences: Sentences) -> Message:
    text = _plain(raw)
    edited = text.endswith(sentences.edited)
    if edited:
        text = next(text.removesuffix(mark) for mark in sentences.edited if text.endswith(mark)).rstrip()
    if "\n" in text and _POLL.match(text):
        return Message(author, time, text, "system", edited=edited)
    meaning = sentences.meaning(text, author)
    for pattern in sentences.attached if text.endswith((")", ">")) or "\n" in text else ():
        if found := pattern.search(text):
            # A document has its name before the mark, a picture its caption after it.
            caption = text[found.end() :].strip() or re.sub(r"^.* • .*$", "", text[: found.start()].strip())
            return Message(author, time, caption, attachments=(_attachment(found["file"]),), edited=edited)
    if meaning is None and raw.startswith("\u200e"):
        meaning = Meaning("system")  # the mark that stands before what nobody typed
    kind: Kind = meaning.kind if meaning else "message"
    attachments = (Attachment(meaning.attachment),) if meaning and meaning.attachment else ()
    kept = "" if attachments or kind == "unsent" else text
    return Message(None if kind == "system" else author, time, kept, kind, attachments, edited=edited)


def _plain(text: str) -> str:
    return tidy(_INVISIBLE.sub("", text).strip("\n "))


def _attachment(name: str) -> Attachment:
    for kind, pattern in _KINDS.items():
        if re.match(pattern, name, re.I):
            return Attachment(kind)
    return Attachment("file", re.sub(r"^\d{8}-", "", name))
