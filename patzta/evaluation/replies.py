"""What the person really answered, with what stood before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from patzta.chat.conversation import Conversation
from patzta.chat.transcript import EndOfMessage, Text, Transcript, Turn, read, read_others


@dataclass(frozen=True, slots=True)
class Reply:
    """``context`` ends with a turn of the others; ``content`` is the double's turn after it, as a model writes it."""

    context: tuple[Turn, ...]
    content: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The messages of the burst."""
        return messages(self.content)

    @property
    def asked(self) -> str:
        """What the others said last."""
        said = read_others(self.context[-1].content)
        return "\n".join("".join(mark.text for mark in marks if isinstance(mark, Text)) for _, marks in said)


def replies(sessions: Iterable[Conversation], double: str) -> Iterator[Reply]:
    """Every place where the double says something to somebody, oldest first."""
    transcript = Transcript(double)
    for session in sessions:
        turns = transcript.turns(session)
        for place in range(1, len(turns), 2):
            reply = Reply(tuple(turns[:place]), turns[place].content)
            if any(reply.texts) and reply.asked:
                yield reply


def spread(found: Sequence[Reply], count: int) -> list[Reply]:
    """At most so many, evenly over the time."""
    count = min(count, len(found))
    return [found[number * len(found) // count] for number in range(count)]


def messages(content: str) -> tuple[str, ...]:
    """The texts in a turn as a model writes it; marks are left out."""
    found = [""]
    for mark in read(content):
        if isinstance(mark, Text):
            found[-1] += mark.text
        elif isinstance(mark, EndOfMessage):
            found.append("")
    return tuple(text.strip() for text in found if text.strip())


def whole(content: str) -> str:
    """The messages of a turn, a line each."""
    return "\n".join(messages(content))
