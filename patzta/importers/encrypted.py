"""One file of Messenger's export of end-to-end encrypted chats (`messenger.com/secure_storage/dyi`).

    <Name>_<n>.json    {"participants": ["…"], "threadName": "<Name>_<n>", "messages": [{"senderName", "text", …}]}

Its strings are sound UTF-8, unlike those of the other export, so nothing is repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from patzta.chat.conversation import Attachment, AttachmentKind, Message, Reaction
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.meta import Part
from patzta.importers.run import Run
from patzta.importers.text import Json, objects, parsed, string
from patzta.importers.times import by_time, from_milliseconds

_SUFFIXES: dict[AttachmentKind, str] = {
    "photo": ".jpg .jpeg .png .heic .webp",
    "video": ".mp4 .mov .webm .3gp",
    "audio": ".ogg .aac .m4a .mp3 .opus .wav",
    "gif": ".gif",
}
_NOT_THERE = "Failed to download media"


def is_encrypted_part(file: ExportFile) -> bool:
    """Told by the participants, which are plain strings only here, or by a key that only this export has."""
    if not re.search(r"_\d+\.json$", file.name):
        return False
    head = file.head()
    return bool(re.search(rb'"participants"\s*:\s*\[\s*"|"threadName"\s*:', head))


def read_encrypted(file: ExportFile, run: Run) -> Part | None:
    """The part in ``file``; None, and reported, if it cannot be read."""
    try:
        data = parsed(file.read())
    except FAILURES as error:
        run.skip(file.path, error)
        return None
    if not isinstance(data, dict) or not isinstance(data.get("messages"), list):  # pyright: ignore[reportUnknownMemberType]
        run.skip(file.path, "not a thread: it lacks messages")
        return None
    part = _part(data)  # pyright: ignore[reportUnknownArgumentType]
    if missing := len(data["messages"]) - len(part.messages):  # pyright: ignore[reportUnknownArgumentType]
        run.skip(file.path, f"{missing} of its messages have no time")
    return part


def _part(data: Json) -> Part:
    messages = sorted(_messages(data), key=by_time)
    listed = data.get("participants")
    names = [string(name) for name in listed] if isinstance(listed, list) else []  # pyright: ignore
    authors = [message.author for message in messages]
    people = tuple(dict.fromkeys(name for name in [*names, *authors] if name))
    return Part(re.sub(r"_\d+$", "", string(data.get("threadName"))) or None, people, messages)


def _messages(data: Json) -> Iterator[Message]:
    for record in objects(data["messages"]):
        time = from_milliseconds(record.get("timestamp"))
        if time is None:
            continue
        author = string(record.get("senderName")) or None
        unsent = bool(record.get("isUnsent")) or record.get("type") == "placeholder"
        reactions = tuple(
            Reaction(actor, emoji)
            for item in objects(record.get("reactions"))
            if (actor := string(item.get("actor"))) and (emoji := string(item.get("reaction")))
        )
        if unsent:
            yield Message(author, time, kind="unsent", reactions=reactions)
        else:
            attachments = tuple(_kind(string(item.get("uri"))) for item in objects(record.get("media")))
            yield Message(author, time, string(record.get("text")), "message", attachments, reactions)


def _kind(uri: str) -> Attachment:
    suffix = "" if uri == _NOT_THERE else PurePosixPath(uri).suffix.lower()
    for kind, suffixes in _SUFFIXES.items():
        if suffix in suffixes.split():
            return Attachment(kind)
    return Attachment("file" if suffix else "unknown")
