"""The bot's side of the worker: finds or starts it, keeps to it, and offers it as the generate service."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncGenerator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from patzta.inference import BrokenModel, Busy, GenerationFailed, WorkerLost, process, wire
from patzta.inference.contract import Piece, Request, Serving, Status, Stop
from patzta.inference.identity import differing, identity, stamp
from patzta.inference.persona import FILE

log = logging.getLogger("patzta.inference")

GREETING = 20.0
"""Seconds in which a worker must say who it is."""
LONGEST_PAUSE = 60.0
"""Seconds between two starts of a worker that keeps ending."""


class WorkerClient:
    """The worker of ``folder``, shared by all bots that name it. Found or started when first needed, and after it died.

    ``model`` is what it is to begin with; ``keep`` how many seconds it stays when no bot is there.
    """

    def __init__(
        self, model: Path, folder: Path, threads: int = 0, serving: Serving | None = None, keep: float = 600.0
    ) -> None:
        self._model, self._folder = model, folder
        self._settings: dict[str, Any] = {
            "model": str(model), "threads": threads, "serving": asdict(serving or Serving()), "keep": float(keep)
        }  # fmt: skip
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._starting = asyncio.Lock()
        self._closed = ""
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._pid: int | None = None
        self._deaths = 0
        self._not_before = 0.0
        self._chosen: Path | None = None
        """What ``use`` named last; a worker that is started anew begins with it."""

    @property
    def pid(self) -> int | None:
        """The worker's process id, None when there is none."""
        return self._pid if self._connected() else None

    def _connected(self) -> bool:
        return bool(self._listener and not self._listener.done())

    async def start(self) -> None:
        """Have a worker and a connection. Raises WorkerLost."""
        async with self._starting:
            if self._closed:
                raise WorkerLost(self._closed)
            if self._connected():
                return
            await self._hang_up()
            if (pause := self._not_before - asyncio.get_running_loop().time()) > 0:
                raise WorkerLost(
                    f"The model worker keeps ending; next try in {pause:.0f} s. {self._folder / process.LOG} says why."
                )
            if not await self._found():
                await self._greet(*await process.start(self._folder, self._settings))
                if self._chosen:
                    await self._use(self._chosen)

    async def _found(self) -> bool:
        """Whether a worker that runs already will do; another one is ended, its answers in hand first."""
        connection = await process.connect(self._folder)
        if connection is None:
            return False
        pid = process.pid_of(connection[1])
        try:
            async with asyncio.timeout(GREETING):
                wrong = await self._greet(*connection)
            if not wrong:
                log.info("found the model worker again")
                return True
            log.info("the model worker is replaced: other %s", ", ".join(wrong))
            await self._ask({"do": "end", "whoever": True})
        except (WorkerLost, GenerationFailed, TimeoutError, KeyError) as error:
            log.info("the model worker is replaced: %s", str(error) or "it does not answer")
        await self._hang_up()
        await process.ended(pid)
        return False

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[str]:
        """In what it differs from what is wanted."""
        self._writer, self._pid = writer, process.pid_of(writer)
        self._listener = asyncio.create_task(self._listen(reader), name="model worker")
        hello = await self._ask({"do": "hello"})
        wrong = differing(await asyncio.to_thread(identity, self._settings), hello["identity"])
        changed = hello["model"] == str(self._model) and hello["files"] != await asyncio.to_thread(stamp, self._model)
        if not wrong and (changed or hello["started_with"] != str(self._model)):
            await self._ask({"do": "use", "model": str(self._model), "start": True})
        return wrong

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

    async def models(self) -> list[str]:
        """Model folders beside the one of the config."""
        return await asyncio.to_thread(
            lambda: sorted(path.parent.name for path in self._model.parent.glob(f"*/{FILE}"))
        )

    async def use(self, name: str) -> Status:
        """See ``GenerateService.use``: the name of a folder beside the one of the config."""
        if name not in await self.models():
            raise BrokenModel(self._model.parent / name, "there is no such model", "/model list names those there are")
        await self.start()
        model = self._model.parent / name
        status = await self._use(model)
        self._chosen = model
        return status

    async def _use(self, model: Path) -> Status:
        return _status(await self._ask({"do": "use", "model": str(model)}))

    async def close(self) -> None:
        """End the worker, unless another bot uses it."""
        self._closed = "The bot is ending."
        async with self._starting:
            if self._connected() and self._pid:
                pid, alone = self._pid, False
                with contextlib.suppress(WorkerLost, GenerationFailed, TimeoutError):
                    async with asyncio.timeout(GREETING):
                        alone = bool((await self._ask({"do": "end"}))["ends"])
                await self._hang_up()
                if alone:
                    await process.ended(pid)

    async def detach(self) -> None:
        """Leave the worker to the program that replaces this one. Running generations are broken off."""
        self._closed = "The bot is starting anew."
        async with self._starting:
            await self._hang_up()

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
        self._writer = self._listener = self._pid = None


def _status(answer: dict[str, Any]) -> Status:
    return Status(**{key: value for key, value in answer.items() if key != "id"})


def _checked(message: dict[str, Any]) -> dict[str, Any]:
    if "lost" in message:
        raise WorkerLost("The model worker ended in the middle of an answer; the next message starts it again.")
    if "busy" in message:
        raise Busy(message["error"])
    if "error" in message:
        raise GenerationFailed(message["error"])
    return message
