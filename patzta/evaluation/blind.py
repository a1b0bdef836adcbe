"""Blind votes: a held-out context with the real reply and the double's, and people say which one is real."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase

from patzta.chat.conversation import Conversation, Message, read_jsonl
from patzta.evaluation import NoQuestions

SHOWN = 8
"""Messages of the context that voters see."""
HIDDEN = "▒▒▒"
NOBODY = (
    "nothing in it is from people who have agreed. Tie people to their names in the data with `/alias`, and ask them to"
    " press *Agree* in `/privacy`."
)
_PRIVATE = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[ \-/]?\d){5,}")
"""Addresses, e-mails, and numbers of six digits and more."""


@dataclass(frozen=True, slots=True)
class Question:
    """``context`` ends where ``double`` replied with the burst ``real``."""

    context: Conversation
    real: tuple[str, ...]
    double: str

    @property
    def people(self) -> frozenset[str]:
        """The others whose words are in the context."""
        return frozenset(message.author for message in self.context.messages if message.author) - {self.double}


def questions(held_out: Path, double: str, agreed: Collection[str], count: int, dice: random.Random) -> list[Question]:
    """At most ``count`` questions, one from a session, about people in ``agreed`` alone, in random order.

    ``held_out`` is a ``test.jsonl``. Raises NoQuestions.
    """
    try:
        sessions = list(read_jsonl(held_out))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoQuestions(held_out, f"cannot be read ({error}); name a dataset under [evaluation] dataset.") from error
    dice.shuffle(sessions)
    found: list[Question] = []
    for session in sessions:
        possible = [question for question in _cut(session, double) if question.people <= set(agreed)]
        if possible and len(found) < count:
            found.append(dice.choice(possible))
    if not found:
        raise NoQuestions(held_out, NOBODY)
    return found


def _cut(session: Conversation, double: str) -> Iterator[Question]:
    """Every place where the double replies with text to others."""
    for index, message in enumerate(session.messages):
        if index and message.author == double and session.messages[index - 1].author != double:
            burst = _burst(session.messages[index:], double)
            if burst:
                yield Question(session.slice(0, index), burst, double)


def _burst(messages: tuple[Message, ...], double: str) -> tuple[str, ...]:
    texts: list[str] = []
    for message in messages:
        if message.author != double:
            break
        if message.kind != "message" or message.attachments:
            # A photo would give the real one away.
            return ()
        texts.append(message.text)
    return tuple(text for text in texts if text)


class Redaction:
    """Takes out of texts who people are: names become letters; numbers and addresses become blocks."""

    def __init__(self, question: Question) -> None:
        others = sorted(question.people)
        self._letters = {name: ascii_uppercase[index % 26] for index, name in enumerate(others)}
        self._double = question.double
        words = {part: letter for name, letter in self._letters.items() for part in name.split() if len(part) > 2}
        self._words = words | {part: "…" for part in question.double.split() if len(part) > 2}
        names = "|".join(map(re.escape, sorted(self._words, key=len, reverse=True)))
        self._names = re.compile(rf"\b(?:{names})\w{{0,2}}\b", re.IGNORECASE) if names else None

    def text(self, text: str) -> str:
        """A text without names, numbers and addresses. Nicknames cannot be known, and stay."""
        hidden = _PRIVATE.sub(HIDDEN, text)
        return self._names.sub(self._letter, hidden) if self._names else hidden

    def context(self, question: Question) -> list[tuple[str, str]]:
        """The last messages before the reply: a letter, or nothing for the person in question, and the text."""
        said = [message for message in question.context.messages if message.kind == "message"][-SHOWN:]
        return [(self._letters.get(message.author or "", ""), self._shown(message)) for message in said]

    def _shown(self, message: Message) -> str:
        marks = [f"[{item.kind}]" for item in message.attachments]
        return " ".join([*marks, self.text(message.text)]).strip()

    def _letter(self, found: re.Match[str]) -> str:
        lower = found[0].lower()
        return next(letter for part, letter in self._words.items() if lower.startswith(part.lower()))


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share, at 95 %. E. B. Wilson, Journal of the American Statistical Association 22 (1927)."""
    if not trials:
        return 0.0, 1.0
    share = successes / trials
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
