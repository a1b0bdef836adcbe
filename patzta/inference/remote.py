"""The generate service by an OpenAI-compatible server, such as vLLM or llama.cpp's, which may be anywhere.

It runs in the bot's process. The server has the weights and the tokenizer; what makes a double of them is done here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from patzta.chat.transcript import Transcript
from patzta.inference import Busy, InferenceError, NotReady
from patzta.inference.completions import Server
from patzta.inference.contract import Piece, Request, Serving, Started, Status, Stop
from patzta.inference.persona import FILE, Persona, remedy
from patzta.inference.prompt import hide_links, prompt_messages
from patzta.inference.repeats import READ_BACK, text_repeats
from patzta.inference.spoken import Spoken, added_tokens
from patzta.inference.streaming import TextSpeaker

CHARACTERS = 3
"""So many make a token at least, in the languages that people chat in; only the server can count."""
GLANCE = 5.0
"""Seconds in which a server must answer whether it is there."""


@dataclass(frozen=True, slots=True)
class Double:
    """What the server calls it, and what its folder says of it."""

    served: str
    persona: Persona
    tokens: Mapping[str, bool]

    @classmethod
    def read(cls, folder: Path, served: str) -> Double:
        """Raises BrokenModel."""
        return cls(served, Persona.read(folder, remedy(folder)), added_tokens(folder))


class RemoteModel:
    """The double in ``folder``, which the server at ``url`` has under the name ``served``. Raises BrokenModel.

    Of ``serving`` the context, the number of chats at a time and the queue count.
    """

    def __init__(self, folder: Path, url: str, served: str, key: str = "", serving: Serving | None = None) -> None:
        self._folder, self._serving = folder, serving or Serving()
        self._double = Double.read(folder, served)
        self._server = Server(url, key)
        self._seats = asyncio.Semaphore(self._serving.together)
        self._queued = self._answering = 0

    async def stream(self, request: Request) -> AsyncGenerator[Piece]:
        """See ``GenerateService.stream``."""
        body, answer, started = self._body(request), Answer(self._double), False
        async with self._turn(), contextlib.aclosing(self._server.complete(body)) as parts:
            async for part in parts:
                if not started:
                    started = True
                    yield Started()
                for piece in answer.feed(part):
                    yield piece
                    if isinstance(piece, Stop):
                        return

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        if self._queued >= self._serving.queue:
            raise Busy(f"{self._queued} others are waiting already.")
        self._queued += 1
        try:
            await self._seats.acquire()
        finally:
            self._queued -= 1
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1
            self._seats.release()

    def _body(self, request: Request) -> dict[str, Any]:
        usual = self._double.persona.sampling
        new = min(request.max_new_tokens or usual.max_new_tokens, self._serving.context // 2)
        transcript = Transcript(request.double, self._double.tokens)
        budget = CHARACTERS * (self._serving.context - new)
        return {
            "model": self._double.served,
            "messages": prompt_messages(transcript, hide_links(request.conversation), budget),
            "max_tokens": new,
            "temperature": request.temperature or usual.temperature,
            "top_p": request.top_p or usual.top_p,
        }

    async def ready(self) -> Status:
        """See ``GenerateService.ready``."""
        while True:
            # The server's own pauses lie between the looks.
            with contextlib.suppress(NotReady):
                self._check(await self._server.names())
                return self._status("ready")

    async def status(self) -> Status:
        """See ``GenerateService.status``."""
        try:
            async with asyncio.timeout(GLANCE):
                self._check(await self._server.names(()))
        except NotReady as error:
            return self._status("starting", str(error))
        except (InferenceError, TimeoutError) as error:
            return self._status("failed", str(error) or f"{self._server.url} does not answer.")
        return self._status("ready")

    def _check(self, names: list[str]) -> None:
        # A server that lists none may load what it is asked for.
        if names and self._double.served not in names:
            raise self._server.unknown(self._double.served, names)

    def _status(self, state: Literal["starting", "ready", "failed"], detail: str = "") -> Status:
        persona = self._double.persona
        return Status(
            state,
            self._double.served,
            persona.name,
            persona.fingerprint,
            queued=self._queued,
            serving=self._answering,
            detail=detail,
        )

    async def models(self) -> list[str]:
        """What the server has, and the folders beside the one of the config, which it may load.

        Raises InferenceError when it cannot be asked.
        """
        served = await self._server.names(())
        return [*served, *sorted(await asyncio.to_thread(self._folders) - {*served, self._folder.name})]

    def _folders(self) -> set[str]:
        return {path.parent.name for path in self._folder.parent.glob(f"*/{FILE}")}

    async def use(self, name: str) -> Status:
        """See ``GenerateService.use``: a model of the server, or an adapter beside the folder of the config.

        An adapter's folder must have the same path at the server.
        """
        names = await self._server.names()
        known = name in await asyncio.to_thread(self._folders)
        if name not in names and not known:
            raise self._server.unknown(name, names)
        folder = self._folder.parent / name if known else self._folder
        double = await asyncio.to_thread(Double.read, folder, name)
        if name not in names:
            await self._server.load_adapter(name, folder.resolve())
        self._double = double
        return self._status("ready")

    async def close(self) -> None:
        """Break off whatever is being answered; the server stays."""
        await self._server.close()

    async def detach(self) -> None:
        """The same: nothing here outlives the bot."""
        await self.close()


class Answer:
    """Turns a server's text into pieces, a Stop at last: where the server stops, or where the words end before."""

    def __init__(self, double: Double) -> None:
        self._spoken, self._speaker = Spoken(double.tokens), TextSpeaker(double.persona.avoid)
        self._end = ""

    def feed(self, part: str | Stop) -> list[Piece]:
        """What can be said now."""
        if isinstance(part, Stop):
            return [*self._speaker.feed(self._spoken.close()), *self._speaker.close(), part]
        said = self._spoken.feed(part)
        pieces = self._speaker.feed(said)
        self._end = (self._end + said)[-READ_BACK:]
        if self._spoken.ended:
            return [*pieces, *self._speaker.close(), Stop("end")]
        if said and text_repeats(self._end):
            return [*pieces, *self._speaker.close(), Stop("repeat")]
        return pieces
