"""The steps that leave messages out, each with a name, a reason and a switch.

What nobody typed, what was not the person's own words and what a double cannot send always goes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from patzta.chat.conversation import Conversation, Message
from patzta.chat.placeholders import links

_CORRECTION = re.compile(r"\*{1,2}[^\s*][^*\n]{0,40}|[^\s*]+\*")
_POINTER = re.compile(r"\.|\^+|\u2191+|this ?\^+", re.I)

Drops = Callable[[Message], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One reason to leave a message out. ``drops`` is asked once for each message, in order."""

    name: str
    about: str
    drops: Drops


ALWAYS = (
    Step("call", "calls, after which people go on from what was said aloud", lambda message: message.kind == "call"),
    Step("unsent", "messages that were taken back", lambda message: message.kind == "unsent"),
    Step("forwarded", "somebody else's words, passed on", lambda message: message.forwarded),
    Step("empty", "messages with nothing in them", lambda message: not message.text and not message.attachments),
)

SWITCHES = {
    "too-long": "walls of text, mostly pasted",
    "corrections": "“*word”, which only mends the message above",
    "pointers": "“.”, “^” and such, which only point at a message",
    "overused": "the double's most common messages: some are kept, so that it does not say them all the time",
    "near-duplicates": "long messages that the double sent several times, such as chain letters; the first one stays",
    "language": "sessions in which the double writes another language than those wanted (--languages)",
    "avoid": "addresses of the web and own patterns: a placeholder stands for them, which the model never writes",
    "privacy": "personal data: a placeholder stands for them",
}
"""What a user can switch off. The last three work on texts or whole sessions, not on single messages."""


def steps(
    threads: Sequence[Conversation],
    double: str,
    skip: Iterable[str],
    *,
    longest: int = 2000,
    overused_share: float = 0.01,
    seed: int = 0,
) -> list[Step]:
    """The steps that are switched on, in their order."""
    attached = Step(
        "attachments", "what the double sent without a word: it can send no attachments",
        lambda message: message.author == double and not message.text,
    )  # fmt: skip
    made: dict[str, Callable[[], Drops]] = {
        "too-long": lambda: lambda message: len(message.text) > longest,
        "corrections": lambda: lambda message: bool(_CORRECTION.fullmatch(message.text)),
        "pointers": lambda: lambda message: bool(_POINTER.fullmatch(message.text.strip())),
        "overused": lambda: _overused(threads, double, overused_share, seed),
        "near-duplicates": lambda: _near_duplicates(double),
    }
    switched = [Step(name, SWITCHES[name], make()) for name, make in made.items() if name not in skip]
    return [*ALWAYS, attached, *switched]


def folded(text: str) -> str:
    """What two messages share that differ in case, accents, repeated letters, emoji and punctuation only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in plain if character.isalnum() or character.isspace())
    return " ".join(re.sub(r"(.)\1{2,}", r"\1", letters).split()) or plain.strip()


def _overused(threads: Sequence[Conversation], double: str, share: float, seed: int) -> Drops:
    """Down-samples what makes up more than ``share`` of the double's messages to about that share."""
    own = Counter(
        folded(message.text)
        for thread in threads
        for message in thread.messages
        if message.author == double and message.kind == "message" and message.text
    )
    most = max(share * own.total(), 20)
    chance = {text: most / count for text, count in own.items() if count > most}
    seen: Counter[str] = Counter()

    def drops(message: Message) -> bool:
        if message.author != double or not message.text:
            return False
        text = folded(message.text)
        if text not in chance:
            return False
        seen[text] += 1
        return _draw(seed, text, seen[text]) >= chance[text]

    return drops


def _draw(seed: int, text: str, number: int) -> float:
    """A number from 0 to 1 that is the same in every run."""
    digest = hashlib.blake2b(f"{seed}\0{number}\0{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _near_duplicates(double: str) -> Drops:
    """Equal when folded from 60 characters on; similar (MinHash, Jaccard 0.8 of word pairs) from 80 on."""
    from datasketch import MinHash, MinHashLSH

    seen: set[str] = set()
    index: Any = MinHashLSH(threshold=0.8, num_perm=64)

    def drops(message: Message) -> bool:
        text = folded(message.text) if message.author == double and len(message.text) >= 60 else ""
        if not text or links(message.text) == [(0, len(message.text))]:
            return False
        if text in seen:
            return True
        seen.add(text)
        if len(text) < 80:
            return False
        words = text.split()
        sketch: Any = MinHash(num_perm=64, seed=1)
        sketch.update_batch([f"{first} {second}".encode() for first, second in pairwise(words)])
        if index.query(sketch):
            return True
        index.insert(len(seen), sketch)
        return False

    return drops
