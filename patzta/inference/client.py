"""The bot's side of the worker: starts it, keeps it, and offers it as the generate service."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from patzta.inference import GenerationFailed, WorkerLost, wire
from patzta.inference.contract import Piece, Request, Status, Stop

log = logging.getLogger("patzta.inference")


class WorkerClient:
    """One worker process and the connection to it. Started when first needed, and again after it died."""

    def __init__(self, model: Path, threads: int = 0) -> None:
        self._model = model
        self._threads = threads
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._starting = asyncio.Lock()
        self._closed = False
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id, None when there is none."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Have a worker and a connection. Raises WorkerLost."""
        async with self._starting:
            if self._closed:
                raise WorkerLost("The bot is ending.")
            if self._listener and not self._listener.done():
                return
            await self._stop_process()
            # A socket's path may have 107 bytes at the most, so it does not lie in the checkout.
            folder = Path(tempfile.mkdtemp(prefix="patzta-"))
            try:
                reader, self._writer = await self._connect(folder / "worker")
            finally:
                shutil.rmtree(folder)  # an open connection outlives the name of its socket
            self._listener = asyncio.create_task(self._listen(reader), name="model worker")
        hello = await self._ask({"do": "hello"})
        if hello.get("version") != wire.VERSION:
            raise WorkerLost("The model worker is of another version: start the bot again.")

    async def _connect(self, socket: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "patzta.inference.worker", str(socket), str(self._model)),
            *("--threads", str(self._threads)),
            stdout=asyncio.subprocess.PIPE,
            # Ctrl-C in a terminal reaches the bot alone; the worker ends with its connection.
            start_new_session=True,
        )
        assert self._process.stdout
        try:
            if await self._process.stdout.readline() != b"listening\n":
                raise WorkerLost("The model worker did not start; the log above says why.")  # noqa: TRY301
            return await asyncio.open_unix_connection(socket, limit=wire.LIMIT)
        except BaseException:
            # Without a connection it would not know that it is no longer wanted.
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            raise

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while message := await wire.receive(reader):
                if answers := self._answers.get(message["id"]):
                    answers.put_nowait(message)
        except WorkerLost:
            log.exception("the connection to the model worker broke")
        for answers in self._answers.values():
            answers.put_nowait({"lost": True})

    async def stream(self, request: Request) -> AsyncGenerator[Piece]:
        """See ``GenerateService.stream``."""
        await self.start()
        identity = next(self._ids)
        answers = self._answers[identity] = asyncio.Queue()
        try:
            self._send({"id": identity, "do": "generate", **wire.pack_request(request)})
            while True:
                piece = wire.unpack_piece(_checked(await answers.get()))
                yield piece
                if isinstance(piece, Stop):
                    return
        finally:
            del self._answers[identity]
            # Harmless when the request is done.
            with contextlib.suppress(WorkerLost):
                self._send({"id": next(self._ids), "do": "cancel", "request": identity})

    async def status(self) -> Status:
        """See ``GenerateService.status``."""
        if not self._listener or self._listener.done():
            return Status("starting", str(self._model))
        return _status(await self._ask({"do": "status"}))

    async def ready(self) -> Status:
        """See ``GenerateService.ready``."""
        await self.start()
        return _status(await self._ask({"do": "ready"}))

    async def close(self) -> None:
        """End the worker for good."""
        self._closed = True
        async with self._starting:
            await self._stop_process()

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        identity = next(self._ids)
        answers = self._answers[identity] = asyncio.Queue()
        try:
            self._send({"id": identity, **message})
            return _checked(await answers.get())
        finally:
            del self._answers[identity]

    def _send(self, message: dict[str, Any]) -> None:
        if not self._writer or not self._listener or self._listener.done():
            raise WorkerLost("The model worker is gone; the next message starts it again.")
        wire.send(self._writer, message)

    async def _stop_process(self) -> None:
        if self._writer:
            self._writer.close()
        if self._listener:
            await self._listener
        if self._process:
            try:
                await asyncio.wait_for(self._process.wait(), timeout=5)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        self._writer = self._listener = self._process = None


def _status(answer: dict[str, Any]) -> Status:
    return Status(**{key: value for key, value in answer.items() if key != "id"})


def _checked(message: dict[str, Any]) -> dict[str, Any]:
    if "lost" in message:
        raise WorkerLost("The model worker ended in the middle of an answer; the next message starts it again.")
    if "error" in message:
        raise GenerationFailed(message["error"])
    return message
