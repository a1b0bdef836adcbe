r"""Telegram Desktop's `result.json`: one chat, or all of an account, read as a stream.

The file is not always JSON: it has control characters as ``\x0B``, which are rewritten on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any, cast

import ijson

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Kind, Message, Reaction
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.people import distinct
from patzta.importers.run import Run
from patzta.importers.text import Json, an_object, objects, string
from patzta.importers.times import WallClock, by_time, from_milliseconds

_TYPES = (
    r"saved_messages|replies|verification_codes|personal_chat|bot_chat|(?:private|public)_(?:super)?(?:group|channel)"
)
_HEAD = re.compile(rf'"type"\s*:\s*"(?:{_TYPES})"|"(?:left_)?chats"\s*:\s*\{{\s*"about"'.encode())
_MEDIA: dict[str, AttachmentKind] = {
    "sticker": "sticker",
    "video_message": "video",
    "voice_message": "audio",
    "animation": "gif",
    "video_file": "video",
    "audio_file": "audio",
}
_KEYS: dict[str, AttachmentKind] = {
    "contact_information": "contact",
    "location_information": "location",
    "live_location_period_seconds": "location",
    "game": "unknown",
    "invoice_information": "unknown",
    "giveaway_information": "unknown",
}
_CHATS = frozenset({"", "chats.list.item", "left_chats.list.item"})
_DEEPEST = 500
_DELETED = "Deleted Account"
_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\x([0-9A-Fa-f]{2})")


def recognises(file: ExportFile) -> bool:
    """By the name that Telegram gives, or by what stands at the beginning."""
    if not file.name.lower().endswith(".json"):
        return False
    head = file.head()
    return bool(_HEAD.search(head)) or (file.name == "result.json" and b'"guild"' not in head)


def read_telegram(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """The chats with their people, one at a time."""
    for file in files:
        chats = _Chats(run)
        try:
            with file.open() as stream:
                yield from chats.read(_Repaired(stream))
        except (*FAILURES, ijson.JSONError) as error:
            run.skip(file.path, error)
            yield from chats.rest()
        if chats.undated:
            run.skip(file.path, f"{chats.undated} of its messages have no time")
        if not chats.found:
            run.skip(file.path, "holds no chat of Telegram")


class _Repaired:
    r"""A stream in which ``\x0B`` became ``\u000B``."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._kept = b""

    def read(self, size: int = -1) -> bytes:
        while True:
            block = self._stream.read(size)
            data = self._kept + block
            # An escape that the block's end may have cut waits for the rest, with the backslashes before it.
            cut = re.search(rb"\\+[^\\]{0,2}\Z", data) if block else None
            end = cut.start() if cut else len(data)
            data, self._kept = data[:end], data[end:]
            if data or not block:
                return _ESCAPE.sub(rb"\1\\u00\2", data) if b"\\x" in data else data


class _Chats:
    """Puts chats together from the events of a JSON parser, so that a file of any size takes the room of one chat."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._owner: dict[str, Any] = {}
        self._chat: _Chat | None = None
        self._base = ""  # where the chat at hand stands
        self._message: Any = None  # the builder of the message at hand
        self._depth = 0  # of that message
        self.undated = 0
        self.found = False

    def read(self, stream: _Repaired) -> Iterator[Conversation]:
        """All chats but the last one. Raises ijson.JSONError or ValueError where the file is damaged."""
        path: list[str] = []  # the keys on the way to the value at hand, "item" in lists
        for event, value in ijson.basic_parse(stream, use_float=True):
            if event == "map_key":
                path[-1] = value
                if self._message is not None:
                    self._message.event(event, value)
                continue
            if event in ("end_map", "end_array"):
                path.pop()
            if self._message is not None:
                self._of_message(event, value, len(path))
            elif len(path) <= 5:
                yield from self._of_chat(event, value, ".".join(path))
            if event in ("start_map", "start_array"):
                path.append("item" if event == "start_array" else "")
                if len(path) > _DEEPEST:
                    raise ValueError(f"nested more than {_DEEPEST} levels deep")

    def _of_message(self, event: str, value: Any, depth: int) -> None:
        assert self._message is not None
        self._message.event(event, value)
        if event == "end_map" and depth == self._depth:
            assert self._chat is not None
            self._chat.add(self._message.value)
            self._message = None

    def _of_chat(self, event: str, value: Any, path: str) -> Iterator[Conversation]:
        parent, _, key = path.rpartition(".")
        if event == "start_map" and path in _CHATS:
            self._base = path
            self._chat = _Chat(self._run, self._owner)
        elif event == "end_map" and path == self._base:
            yield from self.rest()
        elif self._chat and event == "start_map" and path == f"{self._base}.messages.item".lstrip("."):
            self._message, self._depth = ijson.ObjectBuilder(), path.count(".") + 1
            self._message.event(event, value)
        elif event in ("string", "number") and parent == "personal_information":
            self._owner[key] = value
        elif self._chat and event == "string" and parent == self._base and key in ("name", "type"):
            self._chat.header[key] = value

    def rest(self) -> Iterator[Conversation]:
        """The chat at hand, as far as it was read."""
        chat, self._chat = self._chat, None
        if chat and chat.header.get("type"):
            self.found = True
            self.undated += chat.undated
            if conversation := chat.conversation():
                yield conversation

    def _add(self, record: Json) -> None:
        assert self._chat is not None
        self._chat.add(record)


class _Chat:
    """One chat. People are known by their ids: names change, and deleted accounts have none."""

    def __init__(self, run: Run, owner: dict[str, Any]) -> None:
        self._run, self._owner = run, owner
        self._clock = WallClock(run.zone)
        self._messages: list[tuple[Message, str]] = []
        self._index: dict[int, int] = {}
        self._replies: dict[int, int] = {}
        self._names: dict[str, str] = {}
        self.header: dict[str, Any] = {}
        self.undated = 0

    def add(self, record: Json) -> None:
        """One message as the file has it."""
        if record.get("type") == "unsupported":
            return
        time = self._time(record)
        if time is None:
            self.undated += 1
            return
        service = record.get("type") == "service"
        author = self._person(record, "actor" if service else "from")
        if isinstance(number := record.get("id"), int):
            self._index[number] = len(self._messages)
        if isinstance(replied := record.get("reply_to_message_id"), int) and "reply_to_peer_id" not in record:
            self._replies[len(self._messages)] = replied
        self._messages.append((_message(record, time, service, self._reactions(record)), author))

    def conversation(self) -> Conversation | None:
        """All of it, with a name of its own for each person; None for chats with machines."""
        if self.header["type"] in ("bot_chat", "verification_codes", "replies") or not self._messages:
            return None
        if user := self._owner.get("user_id"):
            name = self._names.get(f"user{user}") or string(self._owner.get("first_name"))
            self._run.owners.setdefault("telegram", name)
        names = distinct(self._names)
        order = sorted(range(len(self._messages)), key=lambda index: by_time(self._messages[index][0]))
        place = {old: new for new, old in enumerate(order)}
        messages = [self._finished(old, names, place) for old in order]
        return Conversation("telegram", string(self.header.get("name")) or None, tuple(names.values()), tuple(messages))

    def _finished(self, old: int, names: dict[str, str], place: dict[int, int]) -> Message:
        message, author = self._messages[old]
        replied = self._index.get(self._replies.get(old, -1))
        return Message(
            names.get(author),
            message.time,
            message.text,
            message.kind,
            message.attachments,
            tuple(Reaction(names[reaction.author], reaction.emoji) for reaction in message.reactions),
            None if replied is None else place[replied],
            message.edited,
            message.forwarded,
        )

    def _time(self, record: Json) -> datetime | None:
        stamp = record.get("date_unixtime")
        if isinstance(stamp, str) and stamp.isascii() and stamp.isdigit():
            return from_milliseconds(int(stamp[:12]) * 1000)
        try:
            return self._clock.utc(datetime.fromisoformat(record["date"]).replace(tzinfo=None))
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    def _person(self, record: Json, role: str) -> str:
        key = str(record.get(f"{role}_id") or record.get(role) or "")
        if key:
            self._names[key] = string(record.get(role)) or self._names.get(key) or _DELETED
        return key

    def _reactions(self, record: Json) -> tuple[Reaction, ...]:
        """Those whose authors are named; their ids stand in for the names."""
        return tuple(
            Reaction(self._person(who, "from"), string(item["emoji"]))
            for item in objects(record.get("reactions"))
            if string(item.get("emoji"))
            for who in objects(item.get("recent"))
            if who.get("from_id") or who.get("from")
        )


def _message(record: Json, time: datetime, service: bool, reactions: tuple[Reaction, ...]) -> Message:
    action = record.get("action")
    kind: Kind = "message"
    if service:
        kind = "call" if action in ("phone_call", "group_call") else "system"
    elif "poll" in record or "todo_list" in record:
        kind = "system"
    edited = str(record.get("edited") or "1970").partition("-")[0] != "1970" if "edited" in record else False
    text = string(action).replace("_", " ") if service else _text(record.get("text"))
    forwarded = "forwarded_from" in record
    return Message(None, time, text, kind, tuple(_attachments(record)), reactions, None, edited, forwarded)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(string(part) or string(an_object(part).get("text")) for part in cast(list[Any], value))
    return string(value)


def _attachments(record: Json) -> Iterator[Attachment]:
    if "photo" in record:
        yield Attachment("photo")
    if "file" in record:
        kind = _MEDIA.get(string(record.get("media_type")), "file")
        yield Attachment(kind, string(record.get("file_name")) or None if kind == "file" else None)
    for key, kind in _KEYS.items():
        if key in record:
            yield Attachment(kind)
            return
