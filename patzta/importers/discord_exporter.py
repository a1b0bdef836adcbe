"""DiscordChatExporter's JSON: a channel a file, or several for a large one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Kind, Message, Reaction
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.people import distinct
from patzta.importers.run import Run
from patzta.importers.text import Json, an_object, objects, parsed, string

_HEAD = re.compile(rb'^\s*(?:\xef\xbb\xbf)?\s*\{\s*"guild"\s*:\s*\{')
_SUFFIXES: dict[str, AttachmentKind] = {
    "jpg": "photo", "jpeg": "photo", "png": "photo", "webp": "photo", "heic": "photo", "gif": "gif",
    "mp4": "video", "mov": "video", "webm": "video", "ogg": "audio", "mp3": "audio", "m4a": "audio", "wav": "audio",
}  # fmt: skip


def recognises(file: ExportFile) -> bool:
    """By what stands at the beginning."""
    return file.name.lower().endswith(".json") and bool(_HEAD.match(file.head()))


def read_exporter(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """One conversation a channel, from all the files that hold parts of it."""
    channels: defaultdict[str, list[ExportFile]] = defaultdict(list)
    for file in files:
        found = re.search(rb'"channel"\s*:\s*\{\s*"id"\s*:\s*"(\d+)"', file.head())
        channels[found[1].decode() if found else file.path].append(file)
    for parts in channels.values():
        channel = _Channel()
        for file in parts:
            try:
                channel.add(parsed(file.read()))
            except (*FAILURES, LookupError, TypeError, AttributeError) as error:
                run.skip(file.path, error)
                continue
            if channel.undated:
                run.skip(file.path, f"{channel.undated} of its messages have no time")
                channel.undated = 0
        if channel.records:
            yield channel.conversation()


class _Channel:
    """People are known by their ids: names change, and all deleted users share one."""

    def __init__(self) -> None:
        self.records: dict[str, tuple[datetime, Json]] = {}  # by id: exports of a channel may overlap
        self.undated = 0
        self._names: dict[str, str] = {}
        self._title: str | None = None

    def add(self, data: Any) -> None:
        """What one file holds. Raises LookupError or TypeError if it is something else."""
        records = objects(data["messages"])
        self._title = string(data["channel"].get("name")) or self._title
        for record in records:
            time = _time(record.get("timestamp"))
            if time is None:
                self.undated += 1
                continue
            self.records[string(record.get("id")) or f"#{len(self.records)}"] = time, record
            self._person(record.get("author"))
            for reaction in objects(record.get("reactions")):
                for user in objects(reaction.get("users")):
                    self._person(user)

    def conversation(self) -> Conversation:
        """All of it, oldest first."""
        self._names = distinct(self._names)
        ordered = sorted(self.records.items(), key=lambda item: item[1][0])
        index = {number: place for place, (number, _) in enumerate(ordered)}
        messages = tuple(self._message(record, time, index) for _, (time, record) in ordered)
        return Conversation("discord", self._title, tuple(dict.fromkeys(self._names.values())), messages)

    def _person(self, user: Any) -> str:
        if not isinstance(user, dict):
            return ""
        data = an_object(user)
        key = string(data.get("id"))
        if key not in self._names:
            self._names[key] = string(data.get("nickname")) or string(data.get("name")) or "Deleted User"
        return key

    def _message(self, record: Json, time: datetime, index: dict[str, int]) -> Message:
        reference = an_object(record.get("reference"))
        forwarded = reference.get("type") == "Forward" or bool(record.get("forwardedMessage"))
        original = an_object(record.get("forwardedMessage")) or record
        stickers = objects(original.get("stickers"))
        return Message(
            author=self._names.get(self._person(record.get("author"))),
            time=time,
            text=string(record.get("content")) or (string(original.get("content")) if forwarded else ""),
            kind=_kind(string(record.get("type"))),
            attachments=(
                *(_attachment(string(item.get("fileName"))) for item in objects(original.get("attachments"))),
                *(Attachment("sticker") for _ in stickers),
            ),
            reactions=tuple(
                Reaction(self._names[self._person(user)], emoji)
                for item in objects(record.get("reactions"))
                if (emoji := _emoji(item.get("emoji")))
                for user in objects(item.get("users"))
            ),
            reply_to=None if forwarded else index.get(string(reference.get("messageId"))),
            edited=bool(record.get("timestampEdited")),
            forwarded=forwarded,
        )


def _kind(name: str) -> Kind:
    """Other kinds than these two are notices, also those that are printed as a number."""
    return "message" if name in ("Default", "Reply") else "call" if name == "Call" else "system"


def _emoji(value: Any) -> str:
    """Custom ones as people type them: ``:name:``."""
    data = an_object(value)
    name = string(data.get("name"))
    return f":{name}:" if name and data.get("id") else name


def _attachment(name: str) -> Attachment:
    kind = _SUFFIXES.get(name.rpartition(".")[2].lower(), "file")
    return Attachment(kind, name or None if kind == "file" else None)


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
