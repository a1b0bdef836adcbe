"""A chat between people, free of where it came from: what importers write and what a double is asked to go on with.

On disk a conversation is one line of ``conversations.jsonl``; ``to_json`` and ``from_json`` define that form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

import orjson

Kind = Literal["message", "system", "call", "unsent"]
AttachmentKind = Literal["photo", "video", "audio", "gif", "sticker", "file", "share", "location", "contact", "unknown"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something sent that is not text; ``name`` is a file name where one is known."""

    kind: AttachmentKind
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that ``author`` put on a message."""

    author: str
    emoji: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Only ``kind == "message"`` is something that a person wrote.

    ``time`` is aware and in UTC; ``reply_to`` is an index into the messages of the same conversation.
    """

    author: str | None
    time: datetime | None
    text: str = ""
    kind: Kind = "message"
    attachments: tuple[Attachment, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    reply_to: int | None = None
    edited: bool = False
    forwarded: bool = False

    def to_json(self) -> dict[str, Any]:
        """The message as a JSON object, keys in the documented order."""
        return {
            "author": self.author,
            "time": self.time and format_time(self.time),
            "text": self.text,
            "kind": self.kind,
            "attachments": self.attachments and [{"kind": item.kind, "name": item.name} for item in self.attachments],
            "reactions": self.reactions and [{"author": item.author, "emoji": item.emoji} for item in self.reactions],
            "reply_to": self.reply_to,
            "edited": self.edited,
            "forwarded": self.forwarded,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Message:
        """Read what ``to_json`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            author=data["author"],
            time=None if data["time"] is None else parse_time(data["time"]),
            text=data["text"],
            kind=data["kind"],
            attachments=tuple(Attachment(item["kind"], item["name"]) for item in data["attachments"]),
            reactions=tuple(Reaction(item["author"], item["emoji"]) for item in data["reactions"]),
            reply_to=data["reply_to"],
            edited=data["edited"],
            forwarded=data["forwarded"],
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread: what the same people wrote to each other, oldest message first."""

    source: str
    title: str | None
    participants: tuple[str, ...]
    messages: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """The conversation as a JSON object, keys in the documented order."""
        return {
            "source": self.source,
            "title": self.title,
            "participants": list(self.participants),
            "messages": [message.to_json() for message in self.messages],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Conversation:
        """Read what ``to_json`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            source=data["source"],
            title=data["title"],
            participants=tuple(data["participants"]),
            messages=tuple(Message.from_json(item) for item in data["messages"]),
        )

    def renamed(self, names: Mapping[str, str]) -> Conversation:
        """The same with other names for some people; two of one name become one. Texts stay."""
        people = tuple(dict.fromkeys(names.get(name, name) for name in self.participants))
        return Conversation(
            self.source, self.title, people, tuple(_renamed(message, names) for message in self.messages)
        )

    def slice(self, start: int, end: int) -> Conversation:
        """The messages from ``start`` to before ``end``, their replies pointing at the new indices."""
        cut = tuple(_moved(message, start) for message in self.messages[start:end])
        return Conversation(self.source, self.title, self.participants, cut)


def _renamed(message: Message, names: Mapping[str, str]) -> Message:
    reactions = tuple(Reaction(names.get(item.author, item.author), item.emoji) for item in message.reactions)
    return replace(message, author=names.get(message.author or "", message.author), reactions=reactions)


def _moved(message: Message, start: int) -> Message:
    if message.reply_to is None:
        return message
    target = message.reply_to - start
    return replace(message, reply_to=target if target >= 0 else None)


def format_time(time: datetime) -> str:
    """UTC with milliseconds: ``2023-01-02T03:04:05.678Z``."""
    utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    return utc.isoformat("T", "milliseconds")[:-6] + "Z"


def parse_time(text: str) -> datetime:
    """Read what ``format_time`` wrote. Raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)


def write_jsonl(conversations: Iterable[Conversation], file: IO[bytes]) -> int:
    """Write one conversation a line, piece by piece; gives their number."""
    count = 0
    for conversation in conversations:
        head = orjson.dumps(replace(conversation, messages=()).to_json()).removesuffix(b"]}")
        file.write(head)
        for start in range(0, len(conversation.messages), 1000):
            stretch = conversation.messages[start : start + 1000]
            file.write(b"," if start else b"")
            file.write(b",".join([orjson.dumps(message.to_json()) for message in stretch]))
        file.write(b"]}\n")
        count += 1
    return count


def read_jsonl(path: Path) -> Iterator[Conversation]:
    """Read a ``conversations.jsonl`` lazily. Raises KeyError, TypeError or ValueError at a bad line."""
    with path.open("rb") as lines:
        for line in lines:
            yield Conversation.from_json(orjson.loads(line))
