"""What one cog may ask of the cog that talks: to look at a place, and to speak there as the double."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

import discord

from patzta.chat.conversation import Conversation
from patzta.services import ServiceKey

TextPlace = discord.TextChannel | discord.Thread | discord.DMChannel


@dataclass(frozen=True, slots=True)
class Context:
    """What the double sees of a place, oldest message first; ``people`` are the others whose words are in it."""

    messages: tuple[discord.Message, ...]
    conversation: Conversation
    people: frozenset[int]


class TalkService(Protocol):
    """The double's eyes and voice."""

    async def look(self, place: TextPlace, until: int | None = None) -> Context:
        """What it sees there, up to the message ``until``. Raises discord.HTTPException."""
        ...

    async def speak(
        self,
        place: TextPlace,
        context: Context,
        nonce: int,
        first: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> list[discord.Message]:
        """Go on with the context; gives the messages sent, whose nonces are made of ``nonce``.

        ``first`` is called before the first message or reaction. Raises InferenceError or discord.HTTPException.
        """
        ...


TALK: ServiceKey[TalkService] = ServiceKey("talk")
