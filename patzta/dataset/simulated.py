"""Conversations that somebody wrote by hand, to teach what the chats lack or to change what they teach."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from patzta.chat.conversation import Conversation, Message
from patzta.dataset.names import known_names
from patzta.importers.run import ME

_DUMMY = re.compile(r"\bUser ?\d*\b")


def copies(conversations: Iterable[Conversation], double: str, count: int, seed: int) -> Iterator[Conversation]:
    """Each conversation ``count`` times, the double in place of `Me`, other names in place of `User`, `User1`, …"""
    chance = random.Random(seed)
    for conversation in conversations:
        dummies = sorted({name for name in conversation.participants if _DUMMY.fullmatch(name)})
        for _ in range(count):
            names = dict(zip(dummies, chance.sample(known_names()[0], len(dummies)), strict=True))
            yield _renamed(conversation, {**names, ME: double})


def mixed_in(sessions: list[Conversation], simulated: Iterable[Conversation], seed: int) -> list[Conversation]:
    """The sessions in their order, the simulated ones anywhere between them."""
    mixed = list(sessions)
    chance = random.Random(seed)
    for conversation in simulated:
        mixed.insert(chance.randint(0, len(mixed)), conversation)
    return mixed


def _renamed(conversation: Conversation, names: dict[str, str]) -> Conversation:
    def in_text(message: Message) -> Message:
        return replace(message, text=_DUMMY.sub(lambda match: names.get(match[0], match[0]), message.text))

    renamed = conversation.renamed(names)
    return replace(renamed, messages=tuple(map(in_text, renamed.messages)))
