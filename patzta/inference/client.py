"""The bot's side of the worker: starts it, keeps it, and offers it as the generate service."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

from patzta.inference import GenerationFailed, WorkerLost, wire
from patzta.inference.contract import Piece, Request, Status, Stop
from patzta.inference.identity import differing, identity
from patzta.inference.process import WorkerProcess

log = logging.getLogger("patzta.inference")

GREETING = 20.0
"""Seconds in which a worker that was handed over must say who it is."""
QUIET = 5.0
"""Seconds that running generations get to end before the worker is handed over."""
LONGEST_PAUSE = 60.0
"""Seconds between two starts of a worker that keeps ending."""


class WorkerClient:
    """One worker process and the connection to it. Started when first needed, and again after it died.

    ``handed`` is what ``detach`` returned in the program before this one.
    """

    def __init__(self, model: Path, threads: int = 0, handed: Mapping[str, int] | None = None) -> None:
        self._model = model
        self._threads = threads
        self._handed = handed
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._starting = asyncio.Lock()
        self._closed = ""
        self._process: WorkerProcess | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._deaths = 0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The worker's process id, None when there is none."""
        return self._process.pid if self._process and self._process.runs() else None

    async def start(self) -> None:
        """Have a worker and a connection. Raises WorkerLost."""
        async with self._starting:
            if self._closed:
                raise WorkerLost(self._closed)
            if self._connected():
                return
            if self._handed:
                handed, self._handed = self._handed, None
                if await self._adopted(handed):
                    return
            await self._begin()

    def _connected(self) -> bool:
        return bool(self._listener and not self._listener.done())

    async def _begin(self) -> None:
        await self._drop()
        if (pause := self._not_before - asyncio.get_running_loop().time()) > 0:
            raise WorkerLost(f"The model worker keeps ending; it is tried again in {pause:.0f} s. The log says why.")
        await self._connect(WorkerProcess.start(self._model, self._threads))
        if wrong := await self._differences():
            raise WorkerLost(f"The model worker differs in {', '.join(wrong)}: start the bot again.")

    async def _adopted(self, handed: Mapping[str, int]) -> bool:
        """Whether the worker of the program before goes on serving; otherwise it is ended."""
        try:
            await self._connect(WorkerProcess.adopt(handed["pid"], handed["fd"]))
            async with asyncio.timeout(GREETING):
                wrong = await self._differences()
            if not wrong:
                log.info("picked the model worker up again")
                return True
            log.info("the model worker is replaced: other %s", ", ".join(wrong))
        except (WorkerLost, GenerationFailed, TimeoutError, KeyError) as error:
            log.info("the model worker is replaced: %s", str(error) or "it does not answer")
        await self._drop()
        self._deaths, self._not_before = 0, 0.0
        return False

    async def _differences(self) -> list[str]:
        hello = await self._ask({"do": "hello"})
        return differing(await asyncio.to_thread(identity, self._model, self._threads), hello.get("identity", {}))

    async def _connect(self, process: WorkerProcess) -> None:
        self._process = process
        process.socket.setblocking(False)  # noqa: FBT003
        reader, self._writer = await asyncio.open_unix_connection(sock=process.socket, limit=wire.LIMIT)
        self._listener = asyncio.create_task(self._listen(reader), name="model worker")

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while message := await wire.receive(reader):
                if answers := self._answers.get(message["id"]):
                    answers.put_nowait(message)
        except WorkerLost:
            log.exception("the connection to the model worker broke")
        if not self._closed:
            self._note_death()
        for answers in self._answers.values():
            answers.put_nowait({"lost": True})

    def _note_death(self) -> None:
        """The first one is followed by a start at once, the next ones by pauses of 1, 2, 4 … seconds."""
        pause = min(LONGEST_PAUSE, 2.0 ** (self._deaths - 1)) if self._deaths else 0.0
        self._not_before = asyncio.get_running_loop().time() + pause
        self._deaths += 1

    async def stream(self, request: Request) -> AsyncGenerator[Piece]:
        """See ``GenerateService.stream``."""
        await self.start()
        number = next(self._ids)
        answers = self._answers[number] = asyncio.Queue()
        try:
            self._send({"id": number, "do": "generate", **wire.pack_request(request)})
            while True:
                piece = wire.unpack_piece(_checked(await answers.get()))
                yield piece
                if isinstance(piece, Stop):
                    self._deaths = 0
                    return
        finally:
            del self._answers[number]
            # Harmless when the request is done.
            with contextlib.suppress(WorkerLost):
                self._send({"id": next(self._ids), "do": "cancel", "request": number})

    async def status(self) -> Status:
        """See ``GenerateService.status``."""
        if not self._connected():
            return Status("starting", str(self._model))
        return _status(await self._ask({"do": "status"}))

    async def ready(self) -> Status:
        """See ``GenerateService.ready``."""
        await self.start()
        return _status(await self._ask({"do": "ready"}))

    async def close(self) -> None:
        """End the worker for good."""
        self._closed = "The bot is ending."
        async with self._starting:
            await self._drop()

    async def detach(self) -> dict[str, int] | None:
        """Leave the worker running for the program that replaces this one; None where there is none to leave.

        Running generations are broken off; nothing of them reaches the successor.
        """
        self._closed = "The bot is starting anew."
        async with self._starting:
            if not self._connected() or not self._process or not self._writer:
                await self._drop()
                return None
            try:
                async with asyncio.timeout(QUIET):
                    await self._ask({"do": "quiet"})
            except (WorkerLost, GenerationFailed, TimeoutError):
                await self._drop()
                return None
            handed = self._process.hand_over()
            await self._hang_up()
            return handed

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        number = next(self._ids)
        answers = self._answers[number] = asyncio.Queue()
        try:
            self._send({"id": number, **message})
            return _checked(await answers.get())
        finally:
            del self._answers[number]

    def _send(self, message: dict[str, Any]) -> None:
        if not self._writer or not self._connected():
            raise WorkerLost("The model worker is gone; the next message starts it again.")
        wire.send(self._writer, message)

    async def _hang_up(self) -> None:
        if self._writer:
            self._writer.close()
        if self._listener:
            # Not ended by the other side: nothing more may be read here.
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        self._writer = self._listener = None

    async def _drop(self) -> None:
        await self._hang_up()
        if self._process:
            await self._process.end()
        self._process = None


def _status(answer: dict[str, Any]) -> Status:
    return Status(**{key: value for key, value in answer.items() if key != "id"})


def _checked(message: dict[str, Any]) -> dict[str, Any]:
    if "lost" in message:
        raise WorkerLost("The model worker ended in the middle of an answer; the next message starts it again.")
    if "error" in message:
        raise GenerationFailed(message["error"])
    return message
