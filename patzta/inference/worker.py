"""The worker: a process that owns the model and serves bots over a local socket.

``python -m patzta.inference.worker FOLDER`` is started by a bot and outlives it: a bot that starts again finds it by
the socket in FOLDER. It takes its settings from standard input, loads the model while it listens already, and ends when
no bot has been there for a while, or when it is asked to.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patzta.commandline import usual_threads
from patzta.errors import PatztaError
from patzta.inference import Busy, WorkerLost, wire
from patzta.inference.contract import Piece, Serving, Started, Status, Stop
from patzta.inference.identity import identity, stamp
from patzta.inference.passing import in_passing
from patzta.inference.process import LOCK, LOG, SOCKET

if TYPE_CHECKING:
    from patzta.inference.chats import Reason
    from patzta.inference.engine import Engine

log = logging.getLogger("patzta.worker")

DRAINING = 60.0
"""Seconds that answers in hand get when the worker is to be replaced."""


def load_engine(path: Path, threads: int, serving: Serving) -> Engine:
    """Import torch and load: seconds, so it is done in a thread, when the socket listens already."""
    from patzta.inference.engine import Engine

    return Engine(path, threads or usual_threads(), serving)


class Worker:
    """Serves all connections. ``settings`` is what the bot that started it wants: model, threads, serving, keep."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._model = Path(settings["model"])
        self._keep = float(settings["keep"])
        self._threads, self._serving = int(settings["threads"]), Serving(**settings["serving"])
        # Before anything is loaded: what is edited from now on is not what runs here.
        self._identity, self._stamp = identity(settings), stamp(self._model)
        self._started_with = str(settings["model"])
        self._engine = self._load(self._model)
        self._changing = asyncio.Lock()
        self._cancel: dict[tuple[int, int], Callable[[], object]] = {}
        self._bots = 0
        self._alone = asyncio.get_running_loop().time()
        self.ending = asyncio.Event()

    def _load(self, path: Path) -> asyncio.Future[Engine]:
        return asyncio.wrap_future(in_passing(load_engine, path, self._threads, self._serving))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to a bot until it hangs up."""
        tasks: set[asyncio.Task[None]] = set()
        self._bots += 1
        connection = id(writer)
        try:
            while message := await wire.receive(reader):
                task = asyncio.create_task(self._answer(connection, message, writer))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        finally:
            self._bots -= 1
            self._alone = asyncio.get_running_loop().time()
            for (whose, _), cancel in list(self._cancel.items()):
                if whose == connection:
                    cancel()
            writer.close()

    async def wait(self) -> None:
        """Until it is asked to end, or has been alone for too long."""
        loop = asyncio.get_running_loop()
        while not self.ending.is_set():
            left = self._keep if self._bots else self._alone + self._keep - loop.time()
            if left <= 0:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self.ending.wait()

    async def drain(self) -> None:
        """Let the answers in hand come to their end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAINING):
                while self._cancel:  # noqa: ASYNC110  a second more or less does not matter here
                    await asyncio.sleep(0.05)

    async def _answer(self, connection: int, message: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        number = message["id"]
        try:
            match message["do"]:
                case "hello":
                    about = {"started_with": self._started_with, "model": str(self._model), "files": self._stamp}
                    wire.send(writer, {"id": number, "identity": self._identity, **about})
                case "ready":
                    await asyncio.shield(self._engine)
                    wire.send(writer, {"id": number, **_packed(self._status())})
                case "status":
                    wire.send(writer, {"id": number, **_packed(self._status())})
                case "use":
                    if message.get("start"):
                        self._started_with = message["model"]
                    await self._use(Path(message["model"]))
                    wire.send(writer, {"id": number, **_packed(self._status())})
                case "cancel":
                    if cancel := self._cancel.get((connection, message["request"])):
                        cancel()
                case "end":
                    ends = self._bots == 1 or bool(message.get("whoever"))
                    wire.send(writer, {"id": number, "ends": ends})
                    if ends:
                        self.ending.set()
                case "generate":
                    await self._generate(connection, number, message, writer)
                case other:
                    wire.send(writer, {"id": number, "error": f"unknown message '{other}'"})
        except Busy as error:
            wire.send(writer, {"id": number, "error": str(error), "busy": True})
        except PatztaError as error:
            wire.send(writer, {"id": number, "error": str(error)})
            if isinstance(error, WorkerLost):  # nothing is loaded any more: a new process is to begin
                self.ending.set()
        except Exception as error:
            log.exception("request %s failed", number)
            wire.send(writer, {"id": number, "error": f"{type(error).__name__}: {error}"})
        with contextlib.suppress(ConnectionError):
            await writer.drain()

    def _status(self) -> Status:
        queued = len(self._cancel)
        if not self._engine.done():
            return Status("loading", str(self._model), queued=queued)
        if error := self._engine.exception():
            return Status("failed", str(self._model), queued=queued, detail=str(error))
        from patzta.inference.engine import memory

        engine = self._engine.result()
        return Status(
            "ready",
            str(engine.path),
            engine.persona.name,
            engine.persona.fingerprint,
            engine.serving.quantisation,
            memory(),
            engine.queued,
            engine.in_hand,
            round(engine.speed(), 1),
        )

    async def _use(self, path: Path) -> None:
        """Another model; requests that come meanwhile wait for it. Raises InferenceError."""
        async with self._changing:
            marked = stamp(path)
            try:
                engine = await asyncio.shield(self._engine)
            except PatztaError:  # the first one could not be loaded
                self._engine = self._load(path)
                await asyncio.shield(self._engine)
            else:
                changed = asyncio.wrap_future(in_passing(engine.use, path))
                self._engine = asyncio.create_task(_after(changed, engine))
                await asyncio.shield(self._engine)
                await changed  # whoever asked is told what went wrong
            self._model, self._stamp = path, marked

    async def _generate(
        self, connection: int, number: int, message: dict[str, Any], writer: asyncio.StreamWriter
    ) -> None:
        key, loop = (connection, number), asyncio.get_running_loop()
        done: asyncio.Future[Reason] = loop.create_future()
        if len(self._cancel) >= self._serving.queue + self._serving.together:
            raise Busy(f"{len(self._cancel)} others are being answered or wait already.")
        self._cancel[key] = done.cancel  # while the model is loaded
        say = _Saying(number, writer)
        try:
            engine = await asyncio.shield(self._engine)
            if done.cancelled():
                return
            self._cancel[key] = engine.submit(
                wire.unpack_request(message),
                lambda pieces: loop.call_soon_threadsafe(say.pieces, pieces),
                lambda reason: loop.call_soon_threadsafe(_end, done, reason),
            )
            reason = await done
            if reason != "cancelled":
                say.pieces([Stop(reason)])
        finally:
            del self._cancel[key]


class _Saying:
    """Sends pieces to a bot; before the first one, that the model is at it."""

    def __init__(self, number: int, writer: asyncio.StreamWriter) -> None:
        self._number, self._writer, self._begun = number, writer, False

    def pieces(self, pieces: Sequence[Piece]) -> None:
        for piece in pieces if self._begun else (Started(), *pieces):
            wire.send(self._writer, {"id": self._number, **wire.pack_piece(piece)})
        self._begun = True


async def _after(changed: asyncio.Future[None], engine: Engine) -> Engine:
    """The engine once it is done, whether with the new model or the old one."""
    await asyncio.wait([changed])
    return engine


def _end(done: asyncio.Future[Reason], reason: Reason | Exception) -> None:
    if done.done():
        return
    if isinstance(reason, Exception):
        done.set_exception(reason)
    else:
        done.set_result(reason)


def _packed(status: Status) -> dict[str, Any]:
    return {field: getattr(status, field) for field in Status.__slots__}


async def main(folder: Path, settings: dict[str, Any], listening: Callable[[], None]) -> None:
    """Serve until nobody wants it any more, and end the process."""
    worker = Worker(settings)
    path = folder / SOCKET
    path.unlink(missing_ok=True)
    # Through the folder's descriptor: a socket's own path may have 107 bytes only.
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    server = await asyncio.start_unix_server(worker.serve, f"/proc/self/fd/{descriptor}/{SOCKET}", limit=wire.LIMIT)
    listening()
    await worker.wait()
    server.close()
    path.unlink(missing_ok=True)
    await worker.drain()
    # A thread may be deep in the model: nothing of it is worth waiting for.
    os._exit(0)


def run(folder: Path) -> None:
    """Leave whoever started it, see that it is the only one, and serve."""
    settings = json.load(sys.stdin)
    ready, tell = os.pipe()
    if os.fork():
        os.close(tell)
        os.read(ready, 1)  # until it listens, or has ended
        os._exit(0)
    os.close(ready)
    os.setsid()
    lock = (folder / LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os._exit(0)  # another one was faster
    output = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number in (0, 1, 2):
        os.dup2(output if number else os.open(os.devnull, os.O_RDONLY), number)
    asyncio.run(main(folder, settings, lambda: os.close(tell)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    warnings.simplefilter("ignore", FutureWarning)  # among libraries, about each other's next versions
    for chatty in ("transformers", "bitsandbytes", "torchao"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    run(chosen.folder)
