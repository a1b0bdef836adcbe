"""Plain text: simulated conversations that somebody wrote by hand.

    User1: hello                  a blank line begins another conversation,
    Me: hi, who is this?          a line without a speaker goes on with the message above

What stands before a colon is a speaker if it begins a conversation, comes at least twice in the file, is the owner's
name, or is one of `Me`, `User`, `User1`, `User2`, …
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from patzta.chat.conversation import Conversation, Message
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.run import ME, Run
from patzta.importers.text import decoded, tidy

_LINE = re.compile(r"(?P<name>[^\W\d_][^:\n]{0,39}):[ \t]+(?P<text>.*)")
_KNOWN = re.compile(rf"User ?\d*|{ME}")


def recognises(file: ExportFile) -> bool:
    """A text whose first line has a speaker."""
    lines = file.head().decode("utf-8-sig", "ignore").lstrip().splitlines()
    return file.name.lower().endswith(".txt") and bool(lines) and bool(_LINE.fullmatch(lines[0].rstrip()))


def read_plain(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """A conversation for each stretch of lines without a blank one. They have no times."""
    for file in files:
        try:
            lines = [line.rstrip() for line in tidy(decoded(file.read())).split("\n")]
        except FAILURES as error:
            run.skip(file.path, error)
            continue
        found = [_LINE.fullmatch(line) for line in lines]
        often = Counter(line["name"] for line in found if line)
        speakers = {name for name, count in often.items() if count > 1 or _KNOWN.fullmatch(name) or name in run.me}
        speakers |= {line["name"] for above, line in zip(["", *lines], found, strict=False) if line and not above}
        if not speakers:
            run.skip(file.path, "no line of it begins with a speaker and a colon")
            continue
        for spoken, stretch in groupby(lines, key=bool):
            if spoken and (messages := _messages(stretch, speakers)):
                people = tuple(dict.fromkeys(message.author for message in messages if message.author))
                yield Conversation("text", None, people, tuple(messages))


def _messages(lines: Iterator[str], speakers: set[str]) -> list[Message]:
    said: list[tuple[str, list[str]]] = []
    for line in lines:
        match = _LINE.fullmatch(line)
        if match and match["name"] in speakers:
            said.append((match["name"], [match["text"].strip()]))
        elif said:
            said[-1][1].append(line)
    return [Message(name, None, "\n".join(texts)) for name, texts in said]
