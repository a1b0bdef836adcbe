"""Signal: its own plaintext export (`main.jsonl`), and signal-export's `<chat>/data.json`, both an object a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from patzta.chat.conversation import Attachment, Conversation, Kind, Message, Reaction
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.people import distinct
from patzta.importers.run import ME, Run
from patzta.importers.text import Json, an_object, items, objects, parsed, string
from patzta.importers.times import WallClock, by_time, from_milliseconds


def recognises(file: ExportFile) -> bool:
    """By the name and what stands at the beginning."""
    if file.name == "main.jsonl":
        return True
    return file.name == "data.json" and bool(re.match(rb'\s*\{[^{\[]*"(?:date|sender|body)"\s*:', file.head()))


def read_signal(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """One conversation a chat."""
    for file in files:
        run.owners.setdefault("signal", ME)
        records = list(_records(file, run))
        if file.name.endswith(".jsonl"):
            yield from _own(file, records, run)
        elif records:
            yield _exported(file, records, run)


def _records(file: ExportFile, run: Run) -> Iterator[Json]:
    bad = 0
    try:
        with file.open() as stream:
            for line in stream.read().splitlines():
                try:
                    record = an_object(parsed(line)) if line.strip() else {}
                except (ValueError, RecursionError):
                    bad += 1
                    continue
                if record:
                    yield record
    except FAILURES as error:
        run.skip(file.path, error)
    if bad:
        run.skip(file.path, f"{bad} of its lines are no JSON")


def _exported(file: ExportFile, records: list[Json], run: Run) -> Conversation:
    """What signal-export wrote, which appends to its file: a second run of it doubles everything."""
    clock = WallClock(run.zone)
    unique = {repr(sorted(record.items(), key=str)): record for record in records}
    messages: list[Message] = []
    for record in unique.values():
        try:
            local = datetime.fromisoformat(string(record.get("date")))
            time = clock.utc(local.replace(tzinfo=None)) if local.tzinfo is None else local.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        messages.append(_of_exporter(record, time))
    if missing := len(unique) - len(messages):
        run.skip(file.path, f"{missing} of its messages have no time")
    folder = file.path.rpartition("/")[0].rpartition("/")[2]
    people = tuple(dict.fromkeys(message.author for message in messages if message.author))
    return Conversation("signal", folder or None, people, tuple(sorted(messages, key=by_time)))


def _of_exporter(record: Json, time: datetime) -> Message:
    kind: Kind = "unsent" if record.get("deleted") else "call" if record.get("call") else "message"
    sticker = (Attachment("sticker"),) if an_object(record.get("sticker")) else ()
    files = tuple(Attachment("file", string(item.get("name")) or None) for item in objects(record.get("attachments")))
    reactions = tuple(
        Reaction(who, emoji)
        for pair in items(record.get("reactions"))
        if len(both := items(pair)) == 2 and (who := string(both[0])) and (emoji := string(both[1]))
    )
    text = "" if kind == "unsent" else string(record.get("body")).rstrip()
    return Message(string(record.get("sender")) or None, time, text, kind, (*sticker, *files), reactions)


@dataclass(slots=True)
class _Chat:
    title: str | None = None
    messages: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])


def _own(file: ExportFile, records: list[Json], run: Run) -> Iterator[Conversation]:
    """What Signal itself wrote: recipients, chats and their items refer to each other by ids."""
    names: dict[str, str] = {}
    chats: dict[str, _Chat] = {}
    recipient_of: dict[str, str] = {}
    undated = 0
    for record in records:
        if person := an_object(record.get("recipient")):
            names[str(person.get("id"))] = _name(person)
        elif chat := an_object(record.get("chat")):
            recipient_of[str(chat.get("id"))] = str(chat.get("recipientId"))
        elif item := an_object(record.get("chatItem")):
            time = from_milliseconds(_number(item.get("dateSent")))
            if time is None:
                undated += 1
                continue
            author = "me" if "outgoing" in item else str(item.get("authorId"))
            chats.setdefault(str(item.get("chatId")), _Chat()).messages.append((author, _of_signal(item, time)))
    if undated:
        run.skip(file.path, f"{undated} of its messages have no time")
    names = {**distinct({key: name for key, name in names.items() if name}), "me": ME}
    for chat_id, chat in chats.items():
        messages = tuple(_by(names.get(author), message) for author, message in chat.messages)
        people = tuple(dict.fromkeys(message.author for message in messages if message.author))
        title = names.get(recipient_of.get(chat_id, ""))
        yield Conversation("signal", title, people, tuple(sorted(messages, key=by_time)))


def _by(author: str | None, message: Message) -> Message:
    return Message(author, message.time, message.text, message.kind, message.attachments)


def _of_signal(item: Json, time: datetime) -> Message:
    standard = an_object(item.get("standardMessage"))
    if "remoteDeletedMessage" in item:
        return Message(None, time, kind="unsent")
    if not standard and "stickerMessage" not in item:
        return Message(None, time, kind="system")
    files = tuple(Attachment("file") for _ in objects(standard.get("attachments")))
    sticker = (Attachment("sticker"),) if "stickerMessage" in item else ()
    return Message(None, time, string(an_object(standard.get("text")).get("body")), "message", (*files, *sticker))


def _name(person: Json) -> str:
    contact = an_object(person.get("contact"))
    given = [string(contact.get(key)) for key in ("profileGivenName", "profileFamilyName")]
    group = an_object(an_object(an_object(person.get("group")).get("snapshot")).get("title"))
    return " ".join(filter(None, given)) or string(group.get("title")) or str(contact.get("e164") or "")


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
