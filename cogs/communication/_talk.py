"""The double's eyes and voice together: what other cogs may use, too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any

import discord

from cogs.communication._limits import Limits
from cogs.communication._looking import Eyes
from cogs.communication._voice import Typing, Voice
from patzta.chat.transcript import EndOfMessage, Reacted, Replied, Text
from patzta.framework.bot import Bot
from patzta.framework.talking import Context, TextPlace
from patzta.inference.contract import GENERATE, Request, Started


class Talk:
    """See ``TalkService``."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self.eyes = Eyes(bot)
        self.limits = Limits(bot.settings.communication.per_user, bot.settings.communication.per_place)

    async def look(self, place: TextPlace, until: int | None = None) -> Context:
        """See ``TalkService``."""
        return await self.eyes.look(place, await self.eyes.mark(place), until)

    async def speak(
        self,
        place: TextPlace,
        context: Context,
        nonce: int,
        first: Callable[[], Coroutine[Any, Any, None]] | None = None,
        said: Callable[[discord.Message], Coroutine[Any, Any, None]] | None = None,
    ) -> list[discord.Message]:
        """See ``TalkService``; ``said`` gets each message once it is sent."""
        voice = Voice(place, nonce, self._bot.settings.communication.pace, first)
        text, reply_to, told = "", None, 0
        service = self._bot.services.get(GENERATE)
        async with Typing(place) as typing, aclosing(service.stream(self.request(context, place.id))) as pieces:
            async for piece in pieces:
                match piece:
                    case Started():
                        typing.start()
                    case Text():
                        if not text and voice.said:
                            typing.renew()
                        text += piece.text
                    case Replied():
                        reply_to = _back([*context.messages, *voice.said], piece.back)
                    case Reacted():
                        if message := _back([*context.messages, *voice.said], piece.back):
                            await voice.react(message, piece.emoji)
                    case EndOfMessage():
                        await voice.say(text, reply_to)
                        text, reply_to = "", None
                        for message in voice.said[told:]:
                            told += 1
                            if said:
                                await said(message)
                    case _:
                        pass
        return voice.said

    def request(self, context: Context, place: int | None) -> Request:
        """What the model is asked."""
        settings, me = self._bot.settings.model, self._bot.user
        assert me
        return Request(
            context.conversation,
            me.name,
            settings.temperature,
            settings.top_p,
            settings.max_new_tokens,
            str(place or ""),
        )


def _back(messages: list[discord.Message], back: int) -> discord.Message | None:
    """The ``back``-th last message; None where the model names one that does not exist."""
    return messages[-back] if back <= len(messages) else None
