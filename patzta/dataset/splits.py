"""Which sessions are trained on, and which are held out: by time, whole sessions, nothing of the one in the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from patzta.chat.conversation import Conversation
from patzta.dataset.names import bare

SPAN = 8
"""Words in a row that must not be in both, if a name or a number is among them: what a model can learn by heart."""


def split_by_time(sessions: Iterable[Conversation], *shares: float) -> list[list[Conversation]]:
    """Oldest sessions first; ``shares`` are those of the last parts, each at least one session while there are enough.

    ``split_by_time(sessions, 0.05, 0.05)`` gives the oldest 90 %, then 5 %, then the newest 5 %.
    """
    rest = sorted(sessions, key=_began)
    parts: list[list[Conversation]] = []
    total = len(rest)
    for share in reversed(shares):
        count = min(max(1, round(total * share)), max(0, len(rest) - 1)) if share > 0 else 0
        parts.append(rest[len(rest) - count :])
        rest = rest[: len(rest) - count]
    return [rest, *reversed(parts)]


def _began(session: Conversation) -> float:
    """Unix seconds; sessions without times count as the oldest."""
    return min((message.time.timestamp() for message in session.messages if message.time), default=0.0)


def without_leaks(held_out: Iterable[Conversation], train: Iterable[Conversation]) -> tuple[list[Conversation], int]:
    """The held-out sessions that share no telling span with ``train``, and how many do."""
    known = {span for session in train for span in telling_spans(session)}
    sessions = list(held_out)
    kept = [session for session in sessions if known.isdisjoint(telling_spans(session))]
    return kept, len(sessions) - len(kept)


def telling_spans(session: Conversation) -> Iterator[int]:
    """Hashes of the spans of words in a turn that hold a digit, a participant's name, or what looks like a name."""
    names = {bare(part) for person in session.participants for part in person.split()}
    for _, messages in groupby(session.messages, key=lambda message: message.author):
        words: list[str] = []
        telling: list[bool] = []
        for message in messages:
            for place, word in enumerate(re.findall(r"\w+", message.text)):
                words.append(bare(word))
                telling.append(any(map(str.isdigit, word)) or words[-1] in names or (place > 0 and word[0].isupper()))
        for start in range(len(words) - SPAN + 1):
            if any(telling[start : start + SPAN]):
                yield hash(tuple(words[start : start + SPAN]))
