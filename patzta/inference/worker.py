"""The worker: a process that owns the model and serves one bot over a local socket.

``python -m patzta.inference.worker MODEL --fd FD --threads N`` serves the connected socket that it inherits as ``FD``
at once, loads the model meanwhile, and ends when the bot hangs up.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import socket
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patzta.chat.placeholders import Swallow
from patzta.chat.transcript import Attached, Reader
from patzta.errors import PatztaError
from patzta.inference import BrokenModel, wire
from patzta.inference.contract import Piece, Started, Status, Stop
from patzta.inference.identity import identity
from patzta.inference.persona import remedy

if TYPE_CHECKING:
    from patzta.inference.engine import Engine

log = logging.getLogger("patzta.worker")


def load_engine(path: Path, threads: int) -> Engine:
    """Import torch and load: seconds, so it is done in a thread, when the socket listens already."""
    from patzta.inference.engine import Engine

    try:
        return Engine(path, threads or max(1, (os.cpu_count() or 2) // 2))
    except PatztaError:
        raise
    except Exception as error:  # a damaged file fails in a different library each time
        raise BrokenModel(path, f"cannot be loaded ({error})", remedy(path)) from error


class Worker:
    """Serves requests in the order in which they come, one at a time."""

    def __init__(self, path: Path, threads: int) -> None:
        self._path = path
        # Before anything is loaded: what is edited from now on is not what runs here.
        self._identity = identity(path, threads)
        self._engine = asyncio.create_task(asyncio.to_thread(load_engine, path, threads))
        self._model = asyncio.Lock()
        self._running: dict[int, threading.Event] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to the bot until it hangs up."""
        tasks: set[asyncio.Task[None]] = set()
        try:
            while message := await wire.receive(reader):
                task = asyncio.create_task(self._answer(message, writer))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        finally:
            self._cancel_all()
            writer.close()

    def _cancel_all(self) -> None:
        for cancelled in self._running.values():
            cancelled.set()

    async def _answer(self, message: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        number = message["id"]
        try:
            match message["do"]:
                case "hello":
                    wire.send(writer, {"id": number, "identity": self._identity})
                case "quiet":
                    self._cancel_all()
                    async with self._model:
                        wire.send(writer, {"id": number})
                case "ready":
                    await asyncio.shield(self._engine)
                    wire.send(writer, {"id": number, **_packed(self._status())})
                case "status":
                    wire.send(writer, {"id": number, **_packed(self._status())})
                case "cancel":
                    if cancelled := self._running.get(message["request"]):
                        cancelled.set()
                case "generate":
                    await self._generate(number, message, writer)
                case other:
                    wire.send(writer, {"id": number, "error": f"unknown message '{other}'"})
        except PatztaError as error:
            wire.send(writer, {"id": number, "error": str(error)})
        except Exception as error:
            log.exception("request %s failed", number)
            wire.send(writer, {"id": number, "error": f"{type(error).__name__}: {error}"})
        with contextlib.suppress(ConnectionError):
            await writer.drain()

    def _status(self) -> Status:
        queued = len(self._running)
        if not self._engine.done():
            return Status("loading", str(self._path), queued=queued)
        if error := self._engine.exception():
            return Status("failed", str(self._path), queued=queued, detail=str(error))
        return Status("ready", str(self._path), self._engine.result().persona.name, queued)

    async def _generate(self, number: int, message: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        request = wire.unpack_request(message)
        cancelled = self._running[number] = threading.Event()
        try:
            engine = await asyncio.shield(self._engine)
            async with self._model:
                if cancelled.is_set():
                    return
                say = _Speaker(number, writer)
                say.pieces([Started()])
                reason = await asyncio.to_thread(engine.generate, request, say.from_thread, cancelled)
                await say.finish(Stop(reason))
        finally:
            del self._running[number]


class _Speaker:
    """Turns the model's text into pieces for one request."""

    def __init__(self, number: int, writer: asyncio.StreamWriter) -> None:
        self._number = number
        self._writer = writer
        self._reader = Reader()
        self._swallow = Swallow()
        self._loop = asyncio.get_running_loop()

    def from_thread(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._read, text)

    def _read(self, text: str) -> None:
        # A double can send no attachment, so what it writes of one is dropped.
        self.pieces([piece for piece in self._reader.feed(self._swallow.feed(text)) if not isinstance(piece, Attached)])

    def pieces(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            wire.send(self._writer, {"id": self._number, **wire.pack_piece(piece)})

    async def finish(self, stop: Stop) -> None:
        await asyncio.sleep(0)  # texts that the thread sent last are read first
        self.pieces([piece for piece in self._reader.close() if not isinstance(piece, Attached)])
        self.pieces([stop])


def _packed(status: Status) -> dict[str, Any]:
    return {field: getattr(status, field) for field in Status.__slots__}


async def main(model: Path, threads: int, fd: int) -> None:
    """Serve until the bot hangs up."""
    worker = Worker(model, threads)
    await worker.serve(*await asyncio.open_unix_connection(sock=socket.socket(fileno=fd), limit=wire.LIMIT))
    # A thread may be deep in the model: nothing of it is worth waiting for.
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    warnings.simplefilter("ignore", FutureWarning)  # among libraries, about each other's next versions
    for chatty in ("transformers", "bitsandbytes", "torchao"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    asyncio.run(main(chosen.model, chosen.threads, chosen.fd))
