"""A chat that is to be gone on with, and the row of the slots in which it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from patzta.inference.repeats import repeats

Reason = Literal["end", "length", "repeat", "cancelled"]


@dataclass(slots=True, eq=False)
class Chat:
    """A request to go on after ``ids``, with at most ``limit`` tokens.

    ``place`` is whose turn it is counted as. ``said`` is called in the batcher's thread with new tokens, ``ended``
    once, with a reason or with what went wrong. Whoever waits no longer sets ``cancelled``.
    """

    ids: list[int]
    limit: int
    said: Callable[[list[int]], object]
    ended: Callable[[Reason | Exception], object]
    place: str = ""
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    cancelled: bool = False
    prompt: int = field(init=False)

    def __post_init__(self) -> None:
        self.prompt = len(self.ids)

    def finished(self, ends: frozenset[int], length: int) -> Reason | None:
        """Why there is nothing more to be written, if so."""
        written = len(self.ids) - self.prompt
        if written and self.ids[-1] in ends:
            return "end"
        if written >= self.limit or len(self.ids) >= length:
            return "length"
        return "repeat" if repeats(self.ids[self.prompt :]) else None


@dataclass(slots=True, eq=False)
class Row:
    """A row of the slots: the tokens in it, who uses it, when it was used last."""

    ids: list[int] = field(default_factory=list[int])
    chat: Chat | None = None
    used: float = 0.0

    @property
    def left(self) -> int:
        """Tokens of its chat that are not read yet."""
        return len(self.chat.ids) - len(self.ids) if self.chat else 0

    def next(self, count: int) -> list[int]:
        """The first of them."""
        return self.chat.ids[len(self.ids) : len(self.ids) + count] if self.chat else []


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many items both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
