"""Messenger's "Download your information" in JSON, as one unpacked folder.

    <any root>/<section>/<thread>/message_<n>.json    n = 1 is the newest part
    <any root>/autofill_information.json              the owner's name, among other things

Only these files are read; links are never followed. There is no official description of the format.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Kind, Message, Reaction
from patzta.importers.errors import NotAnExport
from patzta.importers.imported import Imported, Skipped
from patzta.importers.mojibake import repair_all
from patzta.importers.sentences import known_sentences

SECTIONS = frozenset({"inbox", "archived_threads", "filtered_threads", "message_requests", "e2ee_cutover"})

_LISTS: dict[str, AttachmentKind] = {
    "photos": "photo",
    "videos": "video",
    "audio_files": "audio",
    "gifs": "gif",
    "files": "file",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNREADABLE = (OSError, ValueError, RecursionError)  # ValueError covers bad JSON and bad UTF-8

Json = dict[str, Any]


def read_messenger(folder: Path) -> Imported:
    """All threads under ``folder``. A file that cannot be read is skipped; the others are read all the same.

    Raises NotAnExport if there is no thread at all.
    """
    files = list(_files(folder))
    threads: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path in files:
        if re.fullmatch(r"message_\d+\.json", path.name) and path.parent.parent.name in SECTIONS:
            threads[path.parent.parent.name, path.parent.name].append(path)
    if not threads:
        raise NotAnExport(
            folder, "Messenger export: unpack what Facebook's “Download your information” gives in the format JSON"
        )
    skipped: list[Skipped] = []
    conversations = [thread for key in sorted(threads) if (thread := _thread(threads[key], skipped))]
    return Imported(tuple(conversations), tuple(skipped), _owner(files, conversations))


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if not (path := Path(root, name)).is_symlink())


def _thread(paths: list[Path], skipped: list[Skipped]) -> Conversation | None:
    """One thread from its parts, which may lie under several roots and overlap."""
    parts: list[Json] = []
    for path in sorted(paths, key=_part_number, reverse=True):
        part = _load(path)
        if isinstance(part, Skipped):
            skipped.append(part)
            continue
        parts.append(part)
        if undated := sum(_time(item) is None for item in _objects(part["messages"])):
            skipped.append(Skipped(path, f"{undated} messages without a time"))
    if not parts:
        return None
    records = sorted(_united(parts), key=lambda record: record["timestamp_ms"])
    authors = [_string(record.get("sender_name")) for record in records]
    listed = [_string(person.get("name")) for part in parts for person in _objects(part["participants"])]
    people = tuple(dict.fromkeys(name for name in [*listed, *authors] if name))
    title = next((part["title"] for part in reversed(parts) if _string(part.get("title"))), None)
    return Conversation("messenger", title, people, tuple(_message(record, people) for record in records))


def _load(path: Path) -> Json | Skipped:
    try:
        data = repair_all(json.loads(path.read_bytes()))
    except _UNREADABLE as error:
        return Skipped(path, f"{type(error).__name__}: {error}")
    if not isinstance(data, dict) or not {"participants", "messages"} <= data.keys():
        return Skipped(path, "not a thread: it lacks participants or messages")
    return data  # pyright: ignore[reportUnknownVariableType]


def _part_number(path: Path) -> int:
    return int(path.stem.removeprefix("message_"))


def _united(parts: Iterable[Json]) -> Iterator[Json]:
    """The dated messages, oldest part first, each part oldest first, what an earlier part had left out."""
    seen: set[str] = set()  # what another part of an overlapping export gave; one part repeats nothing
    for part in parts:
        records = [record for record in _objects(part["messages"]) if _time(record) is not None]
        if records and records[0]["timestamp_ms"] >= records[-1]["timestamp_ms"]:
            records.reverse()
        keys = [repr([record.get(key) for key in ("timestamp_ms", "sender_name", "content")]) for record in records]
        yield from (record for record, key in zip(records, keys, strict=True) if key not in seen)
        seen.update(keys)


def _message(record: Json, people: Sequence[str]) -> Message:
    author = _string(record.get("sender_name")) or None
    text = _string(record.get("content"))
    attachments = tuple(_attachments(record))
    kind = _kind_by_fields(record)
    if kind is None:
        others = [name for name in people if name != author]
        meaning = known_sentences().meaning(text, author, others) if text else None
        kind = meaning.kind if meaning else "message"
        if meaning and meaning.attachment:
            text = ""
            if not attachments or meaning.attachment == "location":
                attachments = (Attachment(meaning.attachment),)
    return Message(
        author=author,
        time=_time(record),
        text="" if kind == "unsent" else text,
        kind=kind,
        attachments=() if kind == "unsent" else attachments,
        reactions=tuple(_reactions(record)),
    )


def _kind_by_fields(record: Json) -> Kind | None:
    """What the fields say; None where only the sentence can tell."""
    if record.get("is_unsent") or record.get("is_taken_down"):
        return "unsent"
    if record.get("call_duration") is not None or record.get("missed") or record.get("type") == "Call":
        return "call"
    if record.get("users") or record.get("type") in {"Subscribe", "Unsubscribe"}:
        return "system"
    return None


def _attachments(record: Json) -> Iterator[Attachment]:
    for key, kind in _LISTS.items():
        for item in _objects(record.get(key)):
            yield Attachment(kind, _file_name(_string(item.get("uri"))) if kind == "file" else None)
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
    for item in _objects(record.get("reactions")):
        actor, emoji = _string(item.get("actor")), _string(item.get("reaction"))
        if actor and emoji:
            yield Reaction(actor, emoji)


def _time(record: Json) -> datetime | None:
    stamp = record.get("timestamp_ms")
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 < stamp < 10**14:
        return None
    return _EPOCH + timedelta(milliseconds=stamp)


def _objects(value: Any) -> list[Json]:
    """The objects in a list; exports have null in place of a list or of its items."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []  # pyright: ignore


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _owner(files: Iterable[Path], conversations: Iterable[Conversation]) -> str | None:
    """From the account's own page, else the one name that all talks of two share."""
    for path in files:
        if path.name == "autofill_information.json" and (name := _autofill_name(path)):
            return name
    pairs = [set(thread.participants) for thread in conversations if len(thread.participants) == 2]
    shared = set[str].intersection(*pairs) if pairs else set[str]()
    return shared.pop() if len(shared) == 1 else None


def _autofill_name(path: Path) -> str | None:
    try:
        return _string(repair_all(json.loads(path.read_bytes()))["autofill_information_v2"]["FULL_NAME"][0]) or None
    except (*_UNREADABLE, LookupError, TypeError):
        return None
