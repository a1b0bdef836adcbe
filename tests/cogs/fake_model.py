"""A generate service that says what a test tells it to, when the test lets it."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from patzta.chat.transcript import EndOfMessage
from patzta.inference import BrokenModel
from patzta.inference.contract import Piece, Request, Started, Status, Stop


class FakeModel:
    """``script`` is what it says next.

    ``turn`` and ``go`` hold it back before it starts and before it speaks, ``pause_after_first`` after a message.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.script: list[Piece | Exception] = []
        self.turn = asyncio.Event()
        self.go = asyncio.Event()
        self.pause_after_first = asyncio.Event()
        self.cancelled = 0
        self.reset()

    def reset(self) -> None:
        self.requests.clear()
        self.script = []
        self.double = "Nobody"
        self.speaks = "fake"
        self.turn.set()
        self.go.set()
        self.pause_after_first.set()
        self.cancelled = 0

    async def stream(self, request: Request) -> AsyncGenerator[Piece]:
        self.requests.append(request)
        try:
            await self.turn.wait()
            yield Started()
            await self.go.wait()
            for piece in self.script:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
                if isinstance(piece, EndOfMessage):
                    await self.pause_after_first.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        yield Stop("end")

    async def ready(self) -> Status:
        return await self.status()

    async def status(self) -> Status:
        return Status("ready", f"/models/{self.speaks}", self.double, "0123456789ab", "nf4", 3 * 2**30, 1, 2, 41.7)

    async def models(self) -> list[str]:
        return ["fake", "other"]

    async def use(self, name: str) -> Status:
        if name not in await self.models():
            raise BrokenModel(Path(name), "there is no such model", "/model list names those there are")
        self.speaks = name
        return await self.status()
