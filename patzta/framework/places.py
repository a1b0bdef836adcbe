"""Whose turn it is in a place (a channel, a thread, a direct chat). Survives a reload of the cogs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Place:
    """One answer at a time; what arrives meanwhile is answered together, by the answer to the ``newest`` message."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self.newest = 0
        self.waiting = 0
        """Messages that are being answered or wait for it."""

    async def answer(self, message_id: int, answer: Callable[[], Awaitable[None]]) -> None:
        """Call ``answer`` when the place is free, unless a newer message will be answered instead."""
        self.newest = max(self.newest, message_id)
        self.waiting += 1
        try:
            async with self._turn:
                if message_id == self.newest:
                    await answer()
        finally:
            self.waiting -= 1


class Places:
    """All places, made when first spoken in."""

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}

    def busy(self) -> list[int]:
        """How many messages are being answered or wait, for each place where any does."""
        return [place.waiting for place in self._places.values() if place.waiting]

    def __getitem__(self, place_id: int) -> Place:
        return self._places.setdefault(place_id, Place())
