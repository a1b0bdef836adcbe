"""Names of people: replaced by stable pseudonyms, in the list of speakers and inside texts alike.

A name is replaced where one of its parts stands as a word: also without accents, and in lower case if it is the name of
somebody in the chat at hand. Inflected and nicknames are not found.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from patzta.chat.conversation import Conversation

NOBODY = frozenset({
    "Facebook user", "Facebook User", "Instagram User", "Deleted User", "Deleted Account", "Uživatel Facebooku",
    "Uživatel Instagramu",
})  # fmt: skip
"""Shared by all deleted accounts: somebody else in every chat."""

SHORTEST = 3
"""Letters of a part of a name that is looked for in texts."""


class Pseudonyms:
    """Gives everybody but the double another name: the same in every build with the same seed."""

    def __init__(self, threads: Sequence[Conversation], double: str, seed: int = 0) -> None:
        self._double = double
        people = {name for thread in threads for name in _people(thread)} - {double, *NOBODY}
        taken: set[str] = {double}
        self._names: dict[str, str] = {}
        for name in sorted(people):
            self._names[name] = _free(f"{seed}\0{name}", taken)
        self._anywhere = self._parts(people)
        self._seed = seed

    def of_thread(self, thread: Conversation) -> Conversation:
        """The thread with its people renamed."""
        taken = {self._double, *self._names.values()}
        first = thread.messages[0].time if thread.messages else None
        here = dict(self._names)
        for name in sorted(NOBODY.intersection(_people(thread))):
            here[name] = _free(f"{self._seed}\0{name}\0{first}\0{sorted(_people(thread))}", taken)
        near = self._parts(set(_people(thread)) - {self._double, *NOBODY})
        renamed = thread.renamed(here)
        messages = tuple(replace(message, text=self._in_text(message.text, near)) for message in renamed.messages)
        return replace(renamed, title=None, messages=messages)

    def _in_text(self, text: str, near: dict[str, str]) -> str:
        def new(word: re.Match[str]) -> str:
            key = bare(word[0])
            found = near.get(key) or (self._anywhere.get(key) if word[0][0].isupper() else None)
            return word[0] if found is None else found if word[0][0].isupper() else found.lower()

        return re.sub(r"[^\W\d_]{%d,}" % SHORTEST, new, text)  # noqa: UP031

    def _parts(self, people: Iterable[str]) -> dict[str, str]:
        """By bare part of a name, the part that replaces it; what is part of the double's name stays."""
        own = {bare(part) for part in self._double.split()}
        parts: dict[str, str] = {}
        for name in sorted(people):
            first, *rest = re.findall(r"[^\W\d_]+", name) or [""]
            new_first, new_last = self._names[name].split()[:2]
            for part, new in ((first, new_first), *((part, new_last) for part in rest)):
                if len(part) >= SHORTEST and bare(part) not in own:
                    parts.setdefault(bare(part), new)
        return parts


def bare(word: str) -> str:
    """In lower case, without accents."""
    return "".join(mark for mark in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(mark))


@cache
def known_names() -> tuple[list[str], list[str]]:
    """First and last names to choose from."""
    first, last = Path(__file__).with_suffix(".txt").read_text("utf-8").split("\n\n")
    return first.split(), last.split()


def _people(thread: Conversation) -> list[str]:
    authors = [message.author for message in thread.messages]
    reactors = [reaction.author for message in thread.messages for reaction in message.reactions]
    return list(dict.fromkeys(name for name in [*thread.participants, *authors, *reactors] if name))


def _free(key: str, taken: set[str]) -> str:
    """A name that nobody has yet, by chance that is the same in every run."""
    first, last = known_names()
    for attempt in range(10_000):
        digest = hashlib.blake2b(f"{key}\0{attempt}".encode(), digest_size=8).digest()
        number = int.from_bytes(digest)
        name = f"{first[number % len(first)]} {last[number // len(first) % len(last)]}"
        if name not in taken:
            taken.add(name)
            return name
    raise AssertionError("more people than names")
