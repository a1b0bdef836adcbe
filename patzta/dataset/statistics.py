"""What is in a dataset, in numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path

from patzta.chat.conversation import Conversation, Message, read_jsonl
from patzta.dataset.errors import BrokenDataset
from patzta.dataset.languages import language

EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2764][\ufe0f\U0001f3fb-\U0001f3ff]*"
                    "(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?)*")  # fmt: skip


@dataclass(slots=True)
class Statistics:
    """Of one split or of all.

    Attributes:
        months: messages of the double and of the others by month, such as ``2024-05``.
        bursts: how many turns of the double have so many messages.
        replies: seconds from a message of somebody to the double's next one.
        languages: sessions by the language that the double writes in them.
        emoji: of the double, in texts and reactions.
        people: messages by author.
        characters: of all texts, windows that overlap counted twice, as training does.
    """

    months: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    bursts: Counter[int] = field(default_factory=Counter[int])
    replies: list[float] = field(default_factory=list[float])
    languages: Counter[str] = field(default_factory=Counter[str])
    emoji: Counter[str] = field(default_factory=Counter[str])
    people: Counter[str] = field(default_factory=Counter[str])
    characters: int = 0
    sessions: int = 0


def read_split(dataset: Path, split: str) -> Iterator[Conversation]:
    """The sessions of a split. Raises BrokenDataset."""
    path = dataset / f"{split}.jsonl"
    try:
        yield from read_jsonl(path)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BrokenDataset(path, f"not readable ({error})") from error


def statistics(sessions: Iterable[Conversation], double: str) -> Statistics:
    """Count; a message that two windows share counts once."""
    found = Statistics()
    seen: set[tuple[object, ...]] = set()
    for session in sessions:
        found.sessions += 1
        found.characters += sum(len(message.text) + 8 for message in session.messages)
        fresh = [message for message in session.messages if _is_new(message, seen)]
        _count(fresh, double, found)
        own = "\n".join(message.text for message in fresh if message.author == double)
        if code := language(own):
            found.languages[code] += 1
    found.months = dict(sorted(found.months.items()))
    return found


def _is_new(message: Message, seen: set[tuple[object, ...]]) -> bool:
    key = message.time, message.author, message.text
    if message.time and key in seen:
        return False
    seen.add(key)
    return True


def _count(messages: list[Message], double: str, found: Statistics) -> None:
    for message in messages:
        mine = message.author == double
        found.people[message.author or "?"] += 1
        if message.time:
            found.months.setdefault(f"{message.time:%Y-%m}", [0, 0])[not mine] += 1
        found.emoji.update(EMOJI.findall(message.text) if mine else ())
        found.emoji.update(reaction.emoji for reaction in message.reactions if reaction.author == double)
    for mine, turn in groupby(messages, key=lambda message: message.author == double):
        if mine:
            found.bursts[len(list(turn))] += 1
    for before, after in pairwise(messages):
        if before.author != double and after.author == double and before.time and after.time:
            found.replies.append((after.time - before.time).total_seconds())
