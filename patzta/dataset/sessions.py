"""Threads are cut into sessions: stretches that a double can learn from as a whole.

A session ends at a long pause, at a call, and wherever a whole turn was removed, so that nobody seems to answer what
they did not. A removed message beside others of the same burst only leaves the burst.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import PAUSE_FROM


def sessions(thread: Conversation, removed: Sequence[bool], gap: timedelta) -> Iterator[Conversation]:
    """The sessions of what is left of a thread; ``removed`` says for each message whether it is to go.

    Notices that nobody typed are passed over.
    """
    kept: list[int] = []
    for turn in _turns(thread):
        left = [index for index in turn if not removed[index]]
        if kept and (not left or _pause(thread, kept[-1], left[0]) >= gap):
            yield _picked(thread, kept)
            kept = []
        kept += left
    if kept:
        yield _picked(thread, kept)


def _turns(thread: Conversation) -> Iterator[list[int]]:
    """The bursts: what one person wrote in a row, without a pause that the transcript would show. A call is a turn."""
    turn: list[int] = []
    for index, message in enumerate(thread.messages):
        if message.kind == "system":
            continue
        if turn and not _goes_on(thread, turn[-1], index):
            yield turn
            turn = []
        turn.append(index)
    if turn:
        yield turn


def _goes_on(thread: Conversation, before: int, after: int) -> bool:
    first, second = thread.messages[before], thread.messages[after]
    same = first.author == second.author and "call" not in (first.kind, second.kind)
    return same and _pause(thread, before, after) < PAUSE_FROM


def _pause(thread: Conversation, before: int, after: int) -> timedelta:
    first, second = thread.messages[before].time, thread.messages[after].time
    return timedelta(0) if first is None or second is None else second - first


def _picked(thread: Conversation, indices: Sequence[int]) -> Conversation:
    """The messages at ``indices``; replies to others lose their pointer."""
    place = {old: new for new, old in enumerate(indices)}
    messages = tuple(_pointing(thread.messages[old], place) for old in indices)
    return replace(thread, messages=messages)


def _pointing(message: Message, place: dict[int, int]) -> Message:
    return message if message.reply_to is None else replace(message, reply_to=place.get(message.reply_to))


def windows(session: Conversation, double: str, budget: int, overlap: int, most: int = 100) -> Iterator[Conversation]:
    """Stretches of at most ``budget`` characters and ``most`` messages, cut where double and others take turns.

    Each begins with about ``overlap`` characters that the one before ended with. A single turn with more characters
    stays whole; one with more messages does not.
    """
    messages = session.messages
    speaks = [message.author == double for message in messages]
    borders = [0]
    for index in range(1, len(messages)):
        if speaks[index] != speaks[index - 1] or index - borders[-1] >= most:
            borders.append(index)
    borders.append(len(messages))
    sizes = [
        (sum(len(message.text) + 8 for message in messages[start:end]), end - start) for start, end in pairwise(borders)
    ]
    for start, fresh, end in _spans(sizes, (budget, most), (overlap, most // 4)):
        window = session.slice(borders[start], borders[end])
        if acts(session.slice(borders[fresh], borders[end]), double):
            yield window


def acts(session: Conversation, double: str) -> bool:
    """Whether the double did something in it: wrote, or reacted to a message."""
    return any(
        message.author == double or any(reaction.author == double for reaction in message.reactions)
        for message in session.messages
    )


Size = tuple[int, int]  # characters and messages


def _spans(sizes: Sequence[Size], budget: Size, overlap: Size) -> Iterator[tuple[int, int, int]]:
    """(first turn, first turn not seen before, turn after the last) of each window."""
    start = fresh = 0
    while fresh < len(sizes):
        end = fresh + 1
        while end < len(sizes) and _fits(sizes[start : end + 1], budget):
            end += 1
        yield start, fresh, end
        fresh = start = end
        while end < len(sizes) and start > 0 and _fits(sizes[start - 1 : end], overlap):
            start -= 1
        # What is repeated must leave room for a turn that is not.
        while start < fresh < len(sizes) and not _fits(sizes[start : fresh + 1], budget):
            start += 1


def _fits(sizes: Sequence[Size], budget: Size) -> bool:
    return sum(size[0] for size in sizes) <= budget[0] and sum(size[1] for size in sizes) <= budget[1]
