"""A server of OpenAI's protocol that says what a test wants, a client of it, and what both need."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import Text
from patzta.inference.contract import Piece, Request
from patzta.inference.persona import Persona, Sampling
from patzta.inference.remote import RemoteModel

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKENS = [
    {"content": "<|im_start|>", "special": True},
    {"content": "<|im_end|>", "special": True},
    {"content": "<tool>", "special": False},
    {"content": "\n\n", "special": False},
]


def request(*texts: str, **more) -> Request:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    messages = tuple(Message("Bára", now, text) for text in texts)
    return Request(Conversation("test", None, ("Bára", "Vilém"), messages), "Vilém", **more)


def model_folder(folder: Path, name: str = "Vilém", avoid: tuple[str, ...] = ()) -> Path:
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text(json.dumps({"added_tokens": TOKENS}))
    Persona(name, "base", "0", "f00d", Sampling(0.7, 0.9, 0, 50), avoid=avoid).write(folder)
    return folder


def chunk(text: str = "", reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def says(*parts: bytes, then: Callable[[web.Request], object] | None = None) -> Handler:
    """Streams these; ``then`` is what happens before the stream ends."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for part in parts:
            await response.write(part)
        if then:
            happens = then(request)
            if asyncio.iscoroutine(happens):
                await happens
        return response

    return handler


def waits(_request: web.Request) -> Awaitable[object]:
    return asyncio.Event().wait()


def refuses(status: int, body: object = "", **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=json.dumps(body), headers=headers)

    return handler


FINE = says(chunk(""), chunk("ahoj"), chunk(" 🙂", "stop"), b"data: [DONE]\n\n")


class Server:
    """Answers a request for an answer by the next of ``handlers``, by the last one again and again."""

    def __init__(self) -> None:
        self.handlers: list[Handler] = [FINE]
        self.loading: Handler = says(b"Success")
        self.names: Handler | list[str] = ["me", "other"]
        self.asked: list[tuple[dict, str]] = []
        self.left = asyncio.Event()
        self.url = ""

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((await request.json(), request.headers.get("Authorization", "")))
        handler = self.handlers.pop(0) if len(self.handlers) > 1 else self.handlers[0]
        try:
            return await handler(request)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise

    async def models(self, request: web.Request) -> web.StreamResponse:
        if callable(self.names):
            return await self.names(request)
        return web.json_response({"object": "list", "data": [{"id": name} for name in self.names]})

    async def load(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((await request.json(), ""))
        return await self.loading(request)


async def told(remote: RemoteModel, *texts: str, **more) -> list[Piece]:
    return [piece async for piece in remote.stream(request(*(texts or ("ahoj",)), **more))]


def words(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))
