"""One `message_<n>.json` of Messenger or Instagram. There is no official description of the format.

Fields decide before sentences what a message is; `sentences.json` tells what nobody typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast

from patzta.chat.conversation import Attachment, AttachmentKind, Kind, Message, Reaction
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.mojibake import repair
from patzta.importers.run import Run
from patzta.importers.sentences import Sentences
from patzta.importers.text import Json, an_object, objects, parsed
from patzta.importers.times import by_time, from_milliseconds

_LISTS: dict[str, AttachmentKind] = {
    "photos": "photo",
    "videos": "video",
    "audio_files": "audio",
    "gifs": "gif",
    "files": "file",
}
_ATTACHED = frozenset({*_LISTS, "sticker", "share"})
_FLAGS = frozenset({"is_unsent", "is_taken_down", "call_duration", "missed", "type", "users"})


@dataclass(frozen=True, slots=True)
class Part:
    """What one file holds of a thread, messages oldest first."""

    title: str | None
    participants: tuple[str, ...]
    messages: list[Message]


def read_part(file: ExportFile, run: Run) -> Part | None:
    """The part in ``file``; None, and reported, if it cannot be read."""
    try:
        data = parsed(file.read())
    except FAILURES as error:
        run.skip(file.path, error)
        return None
    thread = an_object(data)
    if not {"participants", "messages"} <= thread.keys():
        run.skip(file.path, "not a thread: it lacks participants or messages")
        return None
    part = _part(thread, run.sentences.of("messenger"))
    if missing := _count(thread["messages"]) - len(part.messages):
        run.skip(file.path, f"{missing} of its messages have no time")
    return part


def meta_string(value: Any) -> str:
    """The repaired string, empty where the export has something else."""
    return repair(value) if isinstance(value, str) else ""


def _count(messages: Any) -> int:
    return len(cast(list[Any], messages)) if isinstance(messages, list) else 1


def _part(data: Json, sentences: Sentences) -> Part:
    records = objects(data["messages"])
    senders: dict[Any, str] = {}
    for record in records:
        raw = record.get("sender_name")
        if isinstance(raw, str) and raw not in senders:
            senders[raw] = meta_string(raw)
    listed = [meta_string(person.get("name")) for person in objects(data["participants"])]
    people = tuple(dict.fromkeys(name for name in [*listed, *senders.values()] if name))
    messages = [message for record in records if (message := _message(record, senders, people, sentences))]
    if len(messages) > 1 and by_time(messages[0]) >= by_time(messages[-1]):
        messages.reverse()  # real exports begin with the newest
    return Part(meta_string(data.get("title")) or None, people, messages)


def _message(record: Json, senders: dict[Any, str], people: tuple[str, ...], sentences: Sentences) -> Message | None:
    time = from_milliseconds(record.get("timestamp_ms"))
    if time is None:
        return None
    raw = record.get("sender_name")
    author = (senders[raw] or None) if isinstance(raw, str) else None
    text = record.get("content")
    text = repair(text) if isinstance(text, str) else ""
    attachments = () if _ATTACHED.isdisjoint(record) else tuple(_attachments(record))
    kind = None if _FLAGS.isdisjoint(record) else _kind_by_fields(record)
    if kind is None:
        kind = "message"
        if text and (meaning := sentences.meaning(text, author, people)):
            kind = meaning.kind
            if meaning.attachment:
                text = ""
                if not attachments or meaning.attachment == "location":
                    attachments = (Attachment(meaning.attachment),)
    if kind == "unsent":
        text, attachments = "", ()
    reactions = tuple(_reactions(record)) if "reactions" in record else ()
    return Message(author, time, text, kind, attachments, reactions)


def _kind_by_fields(record: Json) -> Kind | None:
    """What the fields say; None where only the sentence can tell."""
    if record.get("is_unsent") or record.get("is_taken_down"):
        return "unsent"
    kind = record.get("type")
    if record.get("call_duration") is not None or record.get("missed") or kind == "Call":
        return "call"
    return "system" if record.get("users") or kind in ("Subscribe", "Unsubscribe") else None


def _attachments(record: Json) -> Iterator[Attachment]:
    for key, kind in _LISTS.items():
        for item in objects(record.get(key)):
            yield Attachment(kind, _file_name(meta_string(item.get("uri"))) if kind == "file" else None)
    if record.get("sticker"):
        yield Attachment("sticker")
    if record.get("share"):
        yield Attachment("share")


def _file_name(uri: str) -> str | None:
    """The name that the sender's file had, None where only an id or an address is left of it."""
    name = "" if "://" in uri else PurePosixPath(uri.replace("\\", "/")).name
    name = re.sub(r"_\d{6,}(?=\.\w+$|$)", "", name)  # Messenger appends its id
    stem = PurePosixPath(name).stem
    return name if re.search(r"[^\W\d_]", stem) and not re.fullmatch(r"[0-9a-fA-F-]{16,}", stem) else None


def _reactions(record: Json) -> Iterator[Reaction]:
    for item in objects(record.get("reactions")):
        actor, emoji = meta_string(item.get("actor")), meta_string(item.get("reaction"))
        if actor and emoji:
            yield Reaction(actor, emoji)
