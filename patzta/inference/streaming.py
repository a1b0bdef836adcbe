"""From tokens or text that come bit by bit to pieces of an answer."""

# transformers gives only part of its types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from patzta.chat.placeholders import Swallow
from patzta.chat.transcript import Attached, EndOfMessage, Mark, Reader, Text
from patzta.inference.contract import Piece


class Decoder:
    """Gives text on as soon as its bytes are whole: a character may be spread over several tokens.

    A tokenizer may write a token otherwise at the beginning, so some before it are decoded along.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._known = self._told = 0

    def feed(self, ids: Sequence[int]) -> str:
        """What is certain now."""
        self._ids += ids
        before, now = self._decoded(self._ids[self._known : self._told]), self._decoded(self._ids[self._known :])
        if now.endswith("\ufffd"):
            return ""
        self._known, self._told = self._told, len(self._ids)
        return now[len(before) :].replace("\ufffd", "")

    def _decoded(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=True))


class Avoid:
    """Keeps back messages in which one of ``patterns`` stands; those before and after are said."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._pattern = re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None
        self._held: list[Mark] = []

    def feed(self, marks: Sequence[Mark]) -> list[Mark]:
        """What may be said; with patterns, a message is judged when it is whole."""
        if self._pattern is None:
            return list(marks)
        said: list[Mark] = []
        for mark in marks:
            self._held.append(mark)
            if isinstance(mark, EndOfMessage):
                said += self.close()
        return said

    def close(self) -> list[Mark]:
        """The rest, if it may be said."""
        held, self._held = self._held, []
        text = "".join(mark.text for mark in held if isinstance(mark, Text))
        return [] if self._pattern and self._pattern.search(text) else held


class TextSpeaker:
    """Turns text into pieces, without placeholders, attachments and what is to be avoided."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._swallow, self._reader, self._avoid = Swallow(), Reader(), Avoid(patterns)

    def feed(self, text: str) -> list[Piece]:
        """What can be said after this."""
        return self._pieces(self._reader.feed(self._swallow.feed(text)))

    def close(self) -> list[Piece]:
        """What is left at the end."""
        return self._pieces(self._reader.close()) + _sendable(self._avoid.close())

    def _pieces(self, marks: Sequence[Mark]) -> list[Piece]:
        return _sendable(self._avoid.feed(marks))


class Speaker:
    """The same for tokens."""

    def __init__(self, tokenizer: Any, patterns: Sequence[str] = ()) -> None:
        self._decoder, self._text = Decoder(tokenizer), TextSpeaker(patterns)

    def feed(self, ids: Sequence[int]) -> list[Piece]:
        """What can be said after these."""
        return self._text.feed(self._decoder.feed(ids))

    def close(self) -> list[Piece]:
        """What is left at the end."""
        return self._text.close()


def _sendable(marks: Sequence[Mark]) -> list[Piece]:
    """A double can send no attachment, so what it writes of one is dropped."""
    return [mark for mark in marks if not isinstance(mark, Attached)]
