"""What of a thread a double can learn from: cleaned sessions in which it wrote, in windows of bounded length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from patzta.chat.conversation import Conversation, Message


def cleaned(thread: Conversation, double: str, dropped: Counter[str]) -> Conversation:
    """The thread without what nobody typed and without what the double could not do; counts reasons in ``dropped``.

    The double can send no attachments, so it must not learn to announce them.
    """
    kept: list[Message] = []
    place: dict[int, int] = {}  # old index -> new index
    for index, message in enumerate(thread.messages):
        mine = message.author == double
        if reason := _unwanted(message, mine):
            dropped[reason] += 1
            continue
        if mine and message.attachments:
            dropped["attachments beside the double's texts"] += len(message.attachments)
            message = replace(message, attachments=())  # noqa: PLW2901
        place[index] = len(kept)
        kept.append(replace(message, reply_to=place.get(-1 if message.reply_to is None else message.reply_to)))
    return replace(thread, messages=tuple(kept))


def _unwanted(message: Message, mine: bool) -> str | None:
    if message.kind != "message":
        return f"messages of the kind “{message.kind}”"
    if message.forwarded:
        return "forwarded messages"
    if mine and message.attachments and not message.text:
        return "attachments that the double sent without a text"
    return None if message.text or message.attachments else "empty messages"


def own_sessions(thread: Conversation, double: str, gap: timedelta, dropped: Counter[str]) -> Iterator[Conversation]:
    """The sessions of a cleaned thread in which the double wrote."""
    for session in thread.sessions(gap):
        if any(message.author == double for message in session.messages):
            yield session
        else:
            dropped["messages in sessions in which the double did not write"] += len(session.messages)


def windows(session: Conversation, double: str, budget: int, overlap: int) -> Iterator[Conversation]:
    """Stretches of at most ``budget`` characters, cut where the double and the others take turns.

    Each begins with about ``overlap`` characters that the one before ended with. A longer single turn stays whole.
    """
    messages = session.messages
    speaks = [message.author == double for message in messages]
    borders = [0, *(index for index in range(1, len(messages)) if speaks[index] != speaks[index - 1]), len(messages)]
    sizes = [sum(len(message.text) + 8 for message in messages[start:end]) for start, end in pairwise(borders)]
    for start, fresh, end in _spans(sizes, budget, overlap):
        if any(speaks[borders[fresh] : borders[end]]):
            yield session.slice(borders[start], borders[end])


def _spans(sizes: Sequence[int], budget: int, overlap: int) -> Iterator[tuple[int, int, int]]:
    """(first turn, first turn not seen before, turn after the last) of each window."""
    start = fresh = 0
    while fresh < len(sizes):
        end = fresh + 1
        while end < len(sizes) and sum(sizes[start : end + 1]) <= budget:
            end += 1
        yield start, fresh, end
        fresh = start = end
        while end < len(sizes) and start > 0 and sum(sizes[start - 1 : end]) <= overlap:
            start -= 1


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
