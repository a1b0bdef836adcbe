"""An OpenAI-compatible server, asked over HTTP: what it streams, and a sentence for each way in which it fails."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from patzta.inference import Busy, GenerationFailed, InferenceError, NotReady
from patzta.inference.contract import Stop

CONNECT, HANG = 10.0, 60.0
"""Seconds in which a connection must be there, and a next byte."""
PAUSES = (0.5, 1.0, 2.0)
"""Seconds before each further try, while nothing was answered."""
LONGEST_WAIT = 10.0
"""Seconds that a server may ask to be left alone; one that asks for more is not asked again."""
LONGEST_LINE = 2**20
"""Bytes."""

_TOO_LONG = re.compile(r"context|too long|maximum.{0,20}length", re.I)


class _Passing(Exception):
    """May be over in ``wait`` seconds; ``fault`` if it is not."""

    def __init__(self, fault: InferenceError, wait: float = 0.0) -> None:
        super().__init__(str(fault))
        self.fault, self.wait = fault, wait


class Server:
    """The server at ``url``, which ends in ``/v1`` as a rule; ``key`` is sent along unless it is empty."""

    def __init__(self, url: str, key: str = "") -> None:
        self.url = url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._session: aiohttp.ClientSession | None = None

    async def names(self, pauses: Sequence[float] = PAUSES) -> list[str]:
        """The models that it serves. Raises Busy, NotReady or GenerationFailed."""
        async with self._answer("GET", "models", pauses=pauses) as response:
            try:
                return [str(model["id"]) for model in (await response.json(content_type=None))["data"]]
            except (ValueError, KeyError, TypeError) as error:
                raise self._nonsense(str(error)) from error

    async def load_adapter(self, name: str, folder: Path) -> None:
        """Have it serve the adapter in ``folder`` as ``name``. Raises Busy or GenerationFailed."""
        async with self._answer("POST", "load_lora_adapter", {"lora_name": name, "lora_path": str(folder)}) as response:
            await response.read()

    async def complete(self, body: dict[str, Any]) -> AsyncGenerator[str | Stop]:
        """The text of an answer bit by bit, some of it empty, and a Stop at last; leaving early ends the connection.

        Raises Busy, NotReady or GenerationFailed.
        """
        async with self._answer("POST", "chat/completions", {**body, "stream": True}) as response:
            async for line in response.content:
                for part in self._parts(line):
                    yield part
                    if isinstance(part, Stop):
                        return
        raise self._half()

    async def close(self) -> None:
        """Break off whatever is being answered."""
        if self._session:
            await self._session.close()

    @asynccontextmanager
    async def _answer(
        self, method: str, path: str, body: dict[str, Any] | None = None, pauses: Sequence[float] = PAUSES
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        response = await self._reached(method, path, body, iter(pauses))
        try:
            yield response
        except TimeoutError as error:
            raise self._hangs() from error
        except aiohttp.ClientError as error:
            raise self._half() from error
        except HttpProcessingError as error:
            raise self._nonsense("a line without an end") from error
        finally:
            # Servers take a connection that ends for the wish to be left alone.
            response.close()

    async def _reached(
        self, method: str, path: str, body: dict[str, Any] | None, pauses: Iterator[float]
    ) -> aiohttp.ClientResponse:
        while True:
            try:
                return await self._tried(method, path, body)
            except _Passing as passing:
                if (pause := next(pauses, None)) is None:
                    raise passing.fault from passing
                await asyncio.sleep(max(pause, passing.wait))

    async def _tried(self, method: str, path: str, body: dict[str, Any] | None) -> aiohttp.ClientResponse:
        if self._session is None:
            patience = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=HANG)
            unbounded = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(
                connector=unbounded, headers=self._headers, timeout=patience, read_bufsize=LONGEST_LINE
            )
        try:
            response = await self._session.request(method, f"{self.url}/{path}", json=body)
            if response.ok:
                return response
            async with response:
                said = await response.text(errors="replace")
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise _Passing(self._unreachable(error)) from error
        except TimeoutError as error:
            raise self._hangs() from error
        except aiohttp.ClientConnectionError as error:
            raise _Passing(self._unreachable(error)) from error
        except aiohttp.ClientError as error:
            raise self._nonsense(str(error)) from error
        raise await self._refusal(response, path, _message(said), str((body or {}).get("model", "")))

    async def _refusal(self, response: aiohttp.ClientResponse, path: str, said: str, model: str) -> Exception:
        match response.status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return GenerationFailed(f"{self.url} refuses the key: set the right one in the config, [model] key.")
            case HTTPStatus.NOT_FOUND:
                return await self._not_found(path, model)
            case HTTPStatus.TOO_MANY_REQUESTS:
                return self._crowded(_seconds(response.headers.get("Retry-After", "")))
            case HTTPStatus.SERVICE_UNAVAILABLE:
                return _Passing(NotReady(f"{self.url} is not ready yet ({said}); try again in a while."))
            case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return _Passing(GenerationFailed(f"{self.url} failed ({status}: {said}); see the server's log."))
            case _ if _TOO_LONG.search(said):
                return GenerationFailed(
                    f"The chat is too long for {self.url} ({said}): set a lower context under [model] in the config,"
                    " or start the server with a longer one."
                )
            case status:
                return GenerationFailed(f"{self.url} refused the request ({status}: {said}).")

    async def _not_found(self, path: str, model: str) -> GenerationFailed:
        if path == "load_lora_adapter":
            return GenerationFailed(
                f"{self.url} loads no adapters while it runs: start vLLM with --enable-lora and the variable"
                " VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, or name the adapter in --lora-modules."
            )
        if path != "models":
            try:
                return self.unknown(model, await self.names(()))
            except GenerationFailed:
                pass
        return GenerationFailed(
            f"{self.url} is no OpenAI-compatible server: check [model] url, which ends in /v1 as a rule."
        )

    def unknown(self, model: str, names: Sequence[str]) -> GenerationFailed:
        """That there is no such model, and which there are."""
        there = f"it has {', '.join(names)}" if names else "it lists none"
        return GenerationFailed(f"{self.url} has no model '{model}', {there}: set [model] served in the config.")

    def _crowded(self, wait: float) -> Exception:
        after = f"in {wait:.0f} s" if wait else "in a while"
        busy = Busy(f"{self.url} has too much to do; try again {after}.")
        return busy if wait > LONGEST_WAIT else _Passing(busy, wait)

    def _unreachable(self, error: Exception) -> GenerationFailed:
        return GenerationFailed(
            f"{self.url} cannot be reached ({error}): start the server, or set [model] url in the config."
        )

    def _hangs(self) -> GenerationFailed:
        return GenerationFailed(f"{self.url} said nothing for {HANG:.0f} s: see the server's log, or start it again.")

    def _half(self) -> GenerationFailed:
        return GenerationFailed(f"{self.url} broke off in the middle of an answer: ask again, or see the server's log.")

    def _nonsense(self, what: str) -> GenerationFailed:
        return GenerationFailed(
            f"{self.url} does not answer as an OpenAI-compatible server does ({what[:100]}): check [model] url."
        )

    def _parts(self, line: bytes) -> list[str | Stop]:
        """What a line of the event stream says; "" where it only shows that the server is at it."""
        text = line.decode("utf-8", "replace").strip()
        if not text or text.startswith((":", "event:", "id:", "retry:")):
            return [""]
        data = text.removeprefix("data:").strip()
        if data == text:
            raise self._nonsense(text)
        if data == "[DONE]":
            return [Stop("end")]
        try:
            return self._chunk(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._nonsense(data) from error

    def _chunk(self, chunk: dict[str, Any]) -> list[str | Stop]:
        if chunk.get("error"):
            raise GenerationFailed(f"{self.url} broke off the answer: {_message(json.dumps(chunk))}")
        if not chunk["choices"]:  # counts of tokens
            return [""]
        choice = chunk["choices"][0]
        text, reason = str(choice.get("delta", {}).get("content") or ""), choice.get("finish_reason")
        if reason in {"abort", "error"}:
            raise self._half()
        return [text, Stop("length" if reason == "length" else "end")] if reason else [text]


def _message(said: str) -> str:
    """What an error says, in one short line; servers put it in various places."""
    try:
        found: Any = json.loads(said)
    except ValueError:
        found = said
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and key in found:
            found = found[key]  # pyright: ignore[reportUnknownVariableType]
    return " ".join(str(found).split())[:200]  # pyright: ignore[reportUnknownArgumentType]


def _seconds(text: str) -> float:
    """Of a Retry-After; a date, which servers of models do not send, counts as none."""
    return float(text) if text.isascii() and text.isdigit() else 0.0
