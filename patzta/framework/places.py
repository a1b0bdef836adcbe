"""Whose turn it is in a place (a channel, a thread, a direct chat). Survives a reload of the cogs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from patzta.chat.patience import Patience


class Turn:
    """The answer in the making, to the messages ``ids``. Once it ``speaks`` it is not interrupted any more."""

    def __init__(self, ids: frozenset[int]) -> None:
        self.ids = ids
        self.speaks = False

    @property
    def newest(self) -> int:
        """The newest message that it answers."""
        return max(self.ids)


Respond = Callable[[Turn], Coroutine[Any, Any, None]]


class Place:
    """One answer at a time: to a whole burst, thought over again when somebody writes on before it speaks."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._pending: dict[int, int] = {}
        self._first = self._last = 0.0
        self._carrier: object = None
        self._free = asyncio.Lock()
        self._turn: Turn | None = None
        self._answering: asyncio.Task[None] | None = None

    def alone(self) -> asyncio.Lock:
        """Held while something is said there."""
        return self._free

    @property
    def waiting(self) -> int:
        """Messages that are being answered or wait for it."""
        return len(self._pending)

    def waits(self, message_id: int) -> bool:
        """Whether the message is being answered or waits for it."""
        return message_id in self._pending

    async def answer(self, message_id: int, author_id: int, respond: Respond) -> None:
        """Have a message answered together with the burst that it belongs to.

        Whoever wrote last carries the burst: ``respond`` of the newest message is called, and earlier calls return.
        Raises what ``respond`` raises; its messages are not tried again then.
        """
        carrier = self._carrier = object()
        self._hear(message_id, author_id)
        while self._pending and await self._over(carrier):
            async with self._free:
                if self._pending and self._carrier is carrier:
                    await self._take_turn(respond)

    def typing(self, author_id: int) -> None:
        """Somebody types: a burst of theirs goes on."""
        if author_id in self._pending.values():
            self._last = _now()

    def changed(self, message_id: int) -> None:
        """A message was edited: an answer to it is thought over again."""
        if message_id in self._pending:
            self._last = _now()
            self._interrupt(message_id)

    def withdrawn(self, message_id: int) -> None:
        """A message was deleted: it needs no answer."""
        self._interrupt(message_id)
        self._pending.pop(message_id, None)

    def _hear(self, message_id: int, author_id: int) -> None:
        self._last = _now()
        if not self._pending or (self._turn and self._turn.speaks and self._turn.ids >= self._pending.keys()):
            self._first = self._last
        self._pending[message_id] = author_id
        self._interrupt()

    def _interrupt(self, message_id: int | None = None) -> None:
        """Have the answer thought over again, unless it speaks, took too long, or is not about that message."""
        turn = self._turn
        if not turn or not self._answering or turn.speaks or _now() >= self._first + self._patience.longest:
            return
        if message_id is None or message_id in turn.ids:
            self._answering.cancel()

    async def _over(self, carrier: object) -> bool:
        """Wait for the end of the burst; False when somebody else carries it."""
        while self._carrier is carrier:
            left = min(self._last + self._patience.quiet, self._first + self._patience.longest) - _now()
            if left <= 0:
                return True
            await asyncio.sleep(left)
        return False

    async def _take_turn(self, respond: Respond) -> None:
        turn = self._turn = Turn(frozenset(self._pending))
        task = self._answering = asyncio.create_task(respond(turn))
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise
        finally:
            self._turn = self._answering = None
        if task.cancelled():
            return
        for message_id in turn.ids:
            self._pending.pop(message_id, None)
        # What came meanwhile is a burst of its own.
        self._first = self._last
        task.result()


class Places:
    """All places, made when first spoken in."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._places: dict[int, Place] = {}

    def busy(self) -> list[int]:
        """How many messages are being answered or wait, for each place where any does."""
        return [place.waiting for place in self._places.values() if place.waiting]

    def known(self, place_id: int) -> Place | None:
        """The place, where it was spoken in."""
        return self._places.get(place_id)

    def __getitem__(self, place_id: int) -> Place:
        return self._places.setdefault(place_id, Place(self._patience))


def _now() -> float:
    return asyncio.get_running_loop().time()
