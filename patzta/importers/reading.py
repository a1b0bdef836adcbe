"""From the inputs that a user names to conversations: finds out what format each file is of, and has it read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple

from patzta.chat.conversation import Conversation
from patzta.importers import (
    discord_exporter,
    discord_package,
    imessage,
    messenger,
    meta_html,
    plain,
    signal,
    telegram,
    wechat,
    whatsapp,
)
from patzta.importers.errors import AmbiguousFormat, NotAnExport
from patzta.importers.files import ExportFile, find_files
from patzta.importers.run import ME, Run


class Format(NamedTuple):
    """A kind of export."""

    name: str
    about: str
    suffixes: tuple[str, ...]
    recognises: Callable[[ExportFile], bool]
    read: Callable[[Sequence[ExportFile], Run], Iterator[Conversation]]


FORMATS = (
    Format("messenger", "Messenger's download in JSON, also of encrypted chats", (".json",),
           messenger.recognises, messenger.read_messenger),
    Format("instagram", "Instagram's download in JSON", (".json",),
           messenger.recognises_instagram, messenger.read_instagram),
    Format("discord-package", "Discord's data package", (".json", ".csv"),
           discord_package.recognises, discord_package.read_package),
    Format("discord", "DiscordChatExporter's JSON", (".json",),
           discord_exporter.recognises, discord_exporter.read_exporter),
    Format("telegram", "Telegram Desktop's result.json", (".json",),
           telegram.recognises, telegram.read_telegram),
    Format("messenger-html", "Messenger's and Instagram's download in HTML", (".html", ".htm"),
           meta_html.recognises, meta_html.read_html),
    Format("signal", "Signal's own export and signal-export's", (".json", ".jsonl"),
           signal.recognises, signal.read_signal),
    Format("imessage", "imessage-exporter's texts", (".txt",),
           imessage.recognises, imessage.read_imessage),
    Format("wechat", "WeChat's messages in CSV", (".csv",),
           wechat.recognises, wechat.read_wechat),
    Format("whatsapp", "WhatsApp's “Export chat”", (".txt",),
           whatsapp.recognises, whatsapp.read_whatsapp),
    Format("text", "lines such as “User1: hello”", (".txt",),
           plain.recognises, plain.read_plain),
)  # fmt: skip


@dataclass(slots=True)
class Reading:
    """What was found, and how far it is read."""

    claims: dict[str, list[ExportFile]]  # by the name of a format
    size: int
    done: int = 0

    def counted(self, file: ExportFile) -> ExportFile:
        """The file, whose reading moves ``done``."""
        return replace(file, opener=lambda: _Counted(file.opener(), self))


class _Counted:
    """A stream that tells how much was read of it."""

    def __init__(self, stream: IO[bytes], reading: Reading) -> None:
        self._stream, self._reading = stream, reading

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._reading.done += len(data)
        return data

    def __enter__(self) -> _Counted:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def look(inputs: Sequence[Path], run: Run, wanted: str | None = None) -> Reading:
    """Find the files and their formats, or all those that can be of the format ``wanted``.

    Raises NotAnExport if there are none, AmbiguousFormat if a file can be of several formats.
    """
    files = find_files(inputs, run)
    claims: dict[str, list[ExportFile]] = {}
    for file in files:
        fitting = [format_.name for format_ in FORMATS if format_.recognises(file)]
        if wanted:
            fitting = [wanted] if wanted in fitting or _is_input(file, wanted) else []
        if len(fitting) > 1:
            raise AmbiguousFormat(file.path, fitting)
        if fitting:
            claims.setdefault(fitting[0], []).append(file)
        elif file.origin in map(str, inputs) and Path(file.origin).is_file():
            run.skip(file.path, "of no format that is known here")
    if not claims:
        for path in () if run.skipped else inputs:
            run.skip(path.name, "no chats found in it")
        raise NotAnExport(_nothing(inputs, wanted))
    return Reading(claims, sum(file.size for found in claims.values() for file in found))


def conversations(reading: Reading, run: Run) -> Iterator[Conversation]:
    """All conversations that have messages, one at a time, each file's failure noted in ``run``."""
    for format_ in FORMATS:
        files = [reading.counted(file) for file in reading.claims.get(format_.name, ())]
        if files:
            for conversation in format_.read(files, run):
                if conversation.messages:
                    yield _under_one_name(conversation, run)


def _is_input(file: ExportFile, wanted: str) -> bool:
    """A file that the user named together with its format needs no other sign."""
    suffixes = next(format_.suffixes for format_ in FORMATS if format_.name == wanted)
    return Path(file.origin).is_file() and file.path.lower().endswith(suffixes)


def _nothing(inputs: Sequence[Path], wanted: str | None) -> str:
    known = "; ".join(f"{format_.name}: {format_.about}" for format_ in FORMATS if wanted in (None, format_.name))
    return f"{', '.join(map(str, inputs))}: no chats found there. What can be read: {known}"


def _under_one_name(conversation: Conversation, run: Run) -> Conversation:
    """The owner's several names become the first of them."""
    own = {*run.me[1:], ME} if run.owners.get(conversation.source) == ME else set(run.me[1:])
    return conversation.renamed(dict.fromkeys(own, run.me[0])) if run.me and own else conversation
