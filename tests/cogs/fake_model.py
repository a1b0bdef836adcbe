"""A generate service that says what a test tells it to, when the test lets it."""

import asyncio
from collections.abc import AsyncGenerator

from patzta.inference.contract import Piece, Request, Started, Status, Stop


class FakeModel:
    """``script`` is what it says next; ``turn`` and ``go`` hold it back before it starts, and before it speaks."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.script: list[Piece | Exception] = []
        self.turn = asyncio.Event()
        self.go = asyncio.Event()
        self.cancelled = 0
        self.reset()

    def reset(self) -> None:
        self.requests.clear()
        self.script = []
        self.turn.set()
        self.go.set()

    async def stream(self, request: Request) -> AsyncGenerator[Piece]:
        self.requests.append(request)
        await self.turn.wait()
        yield Started()
        await self.go.wait()
        for piece in self.script:
            if isinstance(piece, Exception):
                raise piece
            yield piece
        yield Stop("end")

    async def ready(self) -> Status:
        return await self.status()

    async def status(self) -> Status:
        return Status("ready", "fake", "Nobody")
