"""iMessage, as imessage-exporter writes it as text: blocks of a time, a sender and lines, with blank lines between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from patzta.chat.conversation import Attachment, Conversation, Message, Reaction
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.run import ME, Run
from patzta.importers.text import decoded, tidy
from patzta.importers.times import WallClock

_TIME = re.compile(r"(?P<time>[A-Z][a-z]{2} \d{2}, \d{4} +\d{1,2}:\d{2}:\d{2} [AP]M)(?P<rest>.*)")
_REACTION = re.compile(r"(?P<what>\S+) by (?P<who>.+)")
_TAPBACKS = {"Loved": "❤", "Liked": "👍", "Disliked": "👎", "Laughed": "😂", "Emphasized": "‼", "Questioned": "❓"}
_AGAIN = "This message responded to an earlier message."
_UNSENT = re.compile(r".*\bunsent (?:this|a) message|.*deleted from the conversation", re.I)
_FILE = re.compile(r"\S.*\.(?P<suffix>heic|jpe?g|png|gif|mov|mp4|caf|m4a|pdf|vcf)", re.I)


def recognises(file: ExportFile) -> bool:
    """By the first line."""
    first = file.head().decode("utf-8", "ignore").lstrip("\ufeff\n\r ")
    return file.name.lower().endswith(".txt") and bool(_TIME.match(first))


def read_imessage(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """One conversation a file."""
    for file in files:
        run.owners.setdefault("imessage", ME)
        try:
            lines = tidy(decoded(file.read())).splitlines()
        except FAILURES as error:
            run.skip(file.path, error)
            continue
        messages = list(_messages(lines, WallClock(run.zone)))
        people = tuple(dict.fromkeys(message.author for message in messages if message.author))
        if not messages:
            run.skip(file.path, "no message of imessage-exporter in it")
        yield Conversation("imessage", file.name.rpartition(".")[0] or None, people, tuple(messages))


def _messages(lines: Sequence[str], clock: WallClock) -> Iterator[Message]:
    """Replies stand twice: indented under what they answer, which is passed over, and in their place."""
    block: list[str] = []
    for line in [*lines, "Jan 01, 2001 1:00:00 AM"]:
        if _TIME.match(line):
            if block and (message := _message(block, clock)):
                yield message
            block = []
        if not line.startswith("    "):
            block.append(line)


def _message(block: Sequence[str], clock: WallClock) -> Message | None:
    header = _TIME.match(block[0])
    if not header:
        return None
    local = datetime.strptime(" ".join(header["time"].split()), "%b %d, %Y %I:%M:%S %p")  # noqa: DTZ007
    time = clock.utc(local)
    notice = re.sub(r"\(Read by .*?\)", "", header["rest"]).strip()
    if notice or len(block) < 2 or not block[1].strip():
        return Message(None, time, notice, "system") if notice else None
    author, body = block[1].strip(), [line for line in block[2:] if line != _AGAIN]
    reactions: list[Reaction] = []
    if "Reactions:" in body:
        at = body.index("Reactions:")
        body, given = body[:at], body[at + 1 :]
        found = (_REACTION.match(line.strip()) for line in given)
        reactions = [Reaction(match["who"], _TAPBACKS.get(match["what"], match["what"])) for match in found if match]
    if body and _UNSENT.match(body[0]):
        return Message(author, time, kind="unsent", reactions=tuple(reactions))
    files = [line for line in body if _FILE.fullmatch(line.strip())]
    text = "\n".join(line for line in body if line not in files).strip()
    return Message(author, time, text, attachments=tuple(Attachment("file") for _ in files), reactions=tuple(reactions))
