"""Saying something in a place: typing, messages that come out once, reactions."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

import aiohttp
import discord

from patzta.chat.split import split
from patzta.framework.talking import TextPlace

MESSAGE_LIMIT = 2000
"""Characters that Discord takes in one message."""
TYPING_LASTS = 9.0
"""Seconds after which the sign is renewed: Discord shows it for ten, or until the next message."""
PAUSES = (1.0, 2.0, 4.0)
"""Seconds between attempts to send when Discord or the network fails."""
UNREACHABLE = (discord.DiscordServerError, aiohttp.ClientError, OSError)


class Typing:
    """Shows "is typing" from ``start`` until the block ends, whatever ends it."""

    def __init__(self, place: TextPlace) -> None:
        self._place = place
        self._task: asyncio.Task[None] | None = None
        self._renew = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    def start(self) -> None:
        """Show it from now on."""
        self._task = self._task or asyncio.create_task(self._show())

    def renew(self) -> None:
        """Show it again: a message was sent, and another one is being made."""
        self._renew.set()

    async def _show(self) -> None:
        while True:
            # A place where it may not be shown can still be one where it may speak.
            with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
                await self._place.typing()
            self._renew.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TYPING_LASTS):
                    await self._renew.wait()


class Voice:
    """One answer's messages. Their nonces are ``nonce`` and a number: sent again, they do not become two messages.

    ``pace`` is in characters a second, 0 being as fast as can be; ``first`` is called before anything is said.
    """

    def __init__(
        self, place: TextPlace, nonce: int, pace: float, first: Callable[[], Coroutine[Any, Any, None]] | None
    ) -> None:
        self._place = place
        self._nonce = nonce
        self._pace = pace
        self._first = first
        self._free_at = 0.0
        self.said: list[discord.Message] = []

    async def say(self, text: str, reply_to: discord.Message | None = None) -> None:
        """Send a text, in as many messages as it takes; a blank one is not sent. Raises discord.HTTPException."""
        for part in split(self._with_emoji(text), MESSAGE_LIMIT):
            await self._begin()
            await self._type(part)
            self.said.append(await self._send(part, reply_to))
            reply_to = None

    async def react(self, message: discord.Message, emoji: str) -> None:
        """Put a reaction on a message; one that cannot be is left out, since a model may invent emoji."""
        await self._begin()
        with contextlib.suppress(discord.HTTPException, TypeError):
            await message.add_reaction(self._custom(emoji) or emoji)

    async def _begin(self) -> None:
        first, self._first = self._first, None
        if first:
            await first()

    async def _type(self, text: str) -> None:
        if not self._pace:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(now, self._free_at) + len(text) / self._pace
        await asyncio.sleep(self._free_at - now)

    async def _send(self, text: str, reply_to: discord.Message | None) -> discord.Message:
        nonce = f"{self._nonce}.{len(self.said)}"
        reference = reply_to.to_reference(fail_if_not_exists=False) if reply_to else None
        for pause in PAUSES:
            try:
                return await self._deliver(text, nonce, reference)
            except UNREACHABLE:
                await asyncio.sleep(pause)
        return await self._deliver(text, nonce, reference)

    async def _deliver(self, text: str, nonce: str, reference: discord.MessageReference | None) -> discord.Message:
        if reference:
            return await self._place.send(text, nonce=nonce, reference=reference)
        return await self._place.send(text, nonce=nonce)

    def _with_emoji(self, text: str) -> str:
        return re.sub(r"(?<!<)(?<!<a):\w+:", lambda name: self._custom(name[0]) or name[0], text)

    def _custom(self, name: str) -> str | None:
        """The server's emoji that is typed as ``:name:``."""
        emojis = self._place.guild.emojis if self._place.guild else ()
        return next((str(emoji) for emoji in emojis if f":{emoji.name}:" == name and emoji.is_usable()), None)
