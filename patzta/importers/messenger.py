"""Messenger and Instagram: "Download your information" in JSON, and Messenger's export of encrypted chats.

    <root>/<section>/<thread>/message_<n>.json    n = 1 is the newest part
    <root>/…/autofill_information.json            the owner's name, among other things
    <Name>_<n>.json                               an end-to-end encrypted chat

A thread may be spread over several archives, and several exports of one account may overlap: everything that is known
of a thread becomes one history. An encrypted chat of two goes on with the chat that the same two had before.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from patzta.chat.conversation import Conversation, Message
from patzta.importers.encrypted import is_encrypted_part, read_encrypted
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.meta import Part, meta_string, read_part
from patzta.importers.run import Run
from patzta.importers.text import objects, parsed, string
from patzta.importers.times import by_time

SECTIONS = frozenset({"inbox", "archived_threads", "filtered_threads", "message_requests", "e2ee_cutover"})

_PROFILES = frozenset({"autofill_information.json", "personal_information.json", "instagram_profile_information.json"})
_PARTICIPANTS = re.compile(rb'"participants"\s*:\s*(\[[^\]]*\])')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a classic file stands: the export that it is of, the section, the thread, the number of the part."""

    root: str
    section: str
    thread: str
    number: int


@dataclass(slots=True)
class Thread:
    """The files of one thread, by the export that they are of."""

    exports: dict[str, list[tuple[int, ExportFile]]]
    encrypted: list[ExportFile]


def recognises(file: ExportFile) -> bool:
    """Whether ``file`` is part of such an export of Messenger."""
    return not _of_instagram(file) and _recognises(file)


def recognises_instagram(file: ExportFile) -> bool:
    """Whether ``file`` is part of such an export of Instagram: only names of folders tell."""
    return _of_instagram(file) and _recognises(file)


def _recognises(file: ExportFile) -> bool:
    return _place(file) is not None or file.name in _PROFILES or is_encrypted_part(file)


def _of_instagram(file: ExportFile) -> bool:
    return "instagram" in file.path.lower() or "instagram" in file.origin.rpartition("/")[2].lower()


def _place(file: ExportFile) -> Place | None:
    parts = file.path.split("/")
    number = re.fullmatch(r"message_(\d{1,6})\.json", parts[-1])
    if not number:
        return None
    if len(parts) >= 3 and parts[-3] in SECTIONS:
        return Place("/".join([file.origin, *parts[:-3]]), parts[-3], parts[-2], int(number[1]))
    if len(parts) <= 2:  # a thread's folder, or the folder of a section, was named
        return Place(file.origin, "", parts[0] if len(parts) == 2 else file.origin, int(number[1]))
    return None


def read_messenger(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """All threads, one at a time."""
    return _read(files, run, "messenger")


def read_instagram(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """All threads, one at a time."""
    return _read(files, run, "instagram")


def _read(files: Sequence[ExportFile], run: Run, source: str) -> Iterator[Conversation]:
    for file in files:
        if file.name in _PROFILES and (name := _owner(file)):
            run.owners.setdefault(source, name)
    for thread in _threads(files, run):
        if conversation := _conversation(thread, source, run):
            yield conversation


def _threads(files: Sequence[ExportFile], run: Run) -> list[Thread]:
    threads: dict[tuple[str, ...], Thread] = {}
    for file in files:
        if place := _place(file):
            # A thread that was archived keeps its id; names without one are only unique in a section.
            lasting = re.search(r"_\d{6,}$", place.thread)
            key = (place.thread,) if lasting else (place.section, place.thread)
            thread = threads.setdefault(key, Thread({}, []))
            thread.exports.setdefault(f"{place.root}/{place.section}", []).append((place.number, file))
    encrypted = [file for file in files if not _place(file) and file.name not in _PROFILES]
    return [*threads.values(), *_join(threads, encrypted, run)]


def _join(classic: dict[tuple[str, ...], Thread], encrypted: list[ExportFile], run: Run) -> Iterator[Thread]:
    """Give each encrypted chat to the classic one that it goes on with; gives those that have none."""
    candidates: defaultdict[frozenset[str], list[Thread]] = defaultdict(list)
    for thread in classic.values() if encrypted else ():
        newest = min(chain.from_iterable(thread.exports.values()), key=lambda part: part[0])[1]
        candidates[frozenset(_names(newest))].append(thread)
    for people, files in _by_people(encrypted):
        fitting = candidates.get(people, []) if len(people) == 2 else []
        moved = [thread for thread in fitting if any("/e2ee_cutover" in export for export in thread.exports)]
        fitting = moved if len(moved) == 1 else fitting
        if len(fitting) == 1:
            fitting[0].encrypted.extend(files)
        else:
            if fitting:
                run.note(f"{files[0].path} could go on with several chats of the same two names; it stays by itself")
            yield Thread({}, files)


def _by_people(files: Iterable[ExportFile]) -> Iterator[tuple[frozenset[str], list[ExportFile]]]:
    """Encrypted files of the same chat together: of the same two people, in different exports."""
    named = [(frozenset(_names(file)), file) for file in files]
    per_export = Counter((people, file.origin) for people, file in named)
    groups: defaultdict[tuple[frozenset[str], str], list[ExportFile]] = defaultdict(list)
    for people, file in named:
        unique = len(people) == 2 and per_export[people, file.origin] == 1
        groups[people, "" if unique else file.name].append(file)
    return ((people, group) for (people, _), group in groups.items())


def _names(file: ExportFile) -> list[str]:
    """The participants, from the beginning of the file where they mostly stand."""
    try:
        found = _PARTICIPANTS.search(file.head())
        people = json.loads(found[1]) if found else parsed(file.read())["participants"]
    except (*FAILURES, LookupError, TypeError):
        return []  # reading it will tell what is wrong
    if people and isinstance(people, list) and isinstance(people[0], str):
        return [string(name) for name in people]  # pyright: ignore[reportUnknownVariableType]
    return [meta_string(person.get("name")) for person in objects(people)]


def _conversation(thread: Thread, source: str, run: Run) -> Conversation | None:
    parts: list[Part] = []
    for files in thread.exports.values():
        oldest_first = sorted(files, key=lambda part: part[0], reverse=True)
        parts += [part for _, file in oldest_first if (part := read_part(file, run))]
    parts += [part for file in thread.encrypted if (part := read_encrypted(file, run))]
    if not parts:
        return None
    messages = _united([part.messages for part in parts])
    title = next((part.title for part in reversed(parts) if part.title), None)
    return Conversation(source, title, tuple(dict.fromkeys(chain(*(part.participants for part in parts)))), messages)


def _united(parts: list[list[Message]]) -> tuple[Message, ...]:
    """Oldest first, once each. A file repeats nothing: what looks equal in it was said twice."""
    if len(parts) == 1:
        return tuple(sorted(parts[0], key=by_time))
    united: list[Message] = []
    known: set[tuple[object, ...]] = set()
    withdrawn: set[tuple[object, ...]] = set()  # what was unsent between two exports stays unsent
    # Newest first: later exports have the later reactions.
    for part in sorted(filter(None, parts), key=lambda part: max(map(by_time, part)), reverse=True):
        keys = [(message.time, message.author, message.text, message.attachments) for message in part]
        united += [
            message for message, key in zip(part, keys, strict=True) if key not in known and key[:2] not in withdrawn
        ]
        known.update(keys)
        withdrawn.update(key[:2] for message, key in zip(part, keys, strict=True) if message.kind == "unsent")
    return tuple(sorted(united, key=by_time))


def _owner(file: ExportFile) -> str | None:
    """From the account's own page."""
    try:
        data = parsed(file.read())
        if file.name == "autofill_information.json":
            return meta_string(data["autofill_information_v2"]["FULL_NAME"][0]) or None
        [profile] = data["profile_user"]
        return meta_string(profile["string_map_data"]["Name"]["value"]) or None
    except (*FAILURES, LookupError, TypeError):
        return None
