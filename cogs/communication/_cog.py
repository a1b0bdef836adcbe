"""The cog: listens, decides whether the double is spoken to, and says what the model writes."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import TypeGuard

import discord
from discord import app_commands
from discord.ext import commands

from cogs.communication._context import as_conversation, is_said, seen_by
from patzta.chat.transcript import EndOfMessage, Reacted, Text
from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.framework.logs import about
from patzta.inference import InferenceError
from patzta.inference.contract import GENERATE, Request, Started, Stop
from patzta.permissions import Level, Source

log = logging.getLogger("patzta.communication")

HISTORY = 60
"""How many messages back the double looks at most."""
MESSAGE_LIMIT = 2000
"""Characters that Discord takes in one message."""
SORRY = "! I can't answer right now, something is wrong with my model. Please try again in a minute."

Place = discord.TextChannel | discord.Thread | discord.DMChannel


class Communication(commands.Cog):
    """Answers people where the double is spoken to."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @property
    def _me(self) -> discord.ClientUser:
        assert self._bot.user
        return self._bot.user

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that speaks to the double and comes from someone visible."""
        place = message.channel
        if message.author.bot or not is_said(message, self._me) or not self._is_spoken_to(place, message):
            return
        about(channel=place.id, user=message.author.id, request=message.id)
        if await self._bot.invokes(message):
            return
        decision = await self._bot.gate.decide(message.author.id, Level.VISIBLE)
        if decision.source is Source.DEFAULT and not decision.allowed:
            self._bot.dispatch("stranger", message)
        if decision.allowed:
            await self._bot.places[place.id].answer(message.id, partial(self._answer, message, place))

    def _is_spoken_to(self, place: object, message: discord.Message) -> TypeGuard[Place]:
        prefix = f"{self._bot.settings.name}-direct"
        match place:
            case discord.DMChannel():
                return True
            case discord.Thread() if place.owner_id == self._me.id:
                return True
            case discord.TextChannel() | discord.Thread():
                channel = place.parent if isinstance(place, discord.Thread) else place
                category = channel.category if channel else None
                named = [item.name for item in (place, channel, category) if item]
                return any(name.startswith(prefix) for name in named) or self._me in message.mentions
            case _:
                return False

    async def _is_visible(self, user_id: int) -> bool:
        return (await self._bot.gate.decide(user_id, Level.VISIBLE)).allowed

    async def _answer(self, message: discord.Message, place: Place) -> None:
        try:
            history = [item async for item in place.history(limit=HISTORY)][::-1]
            # The message may have been deleted meanwhile.
            if seen := await seen_by(history, self._me, self._is_visible):
                await self._speak_or_excuse(place, seen)
        except discord.HTTPException:
            # A channel that was deleted or closed to the bot meanwhile must not end the listener.
            log.exception("not answered")
        finally:
            self._bot.dispatch("answered", message)

    async def _speak_or_excuse(self, place: Place, seen: Sequence[discord.Message]) -> None:
        try:
            await self._speak(place, seen)
        except InferenceError as error:
            if not self._bot.closing:
                log.error("no answer: %s", error)  # noqa: TRY400  the text tells all
                await place.send(SORRY)

    async def _speak(self, place: Place, seen: Sequence[discord.Message]) -> None:
        settings = self._bot.settings.model
        request = Request(
            as_conversation(seen, self._me),
            self._me.name,
            settings.temperature,
            settings.top_p,
            settings.max_new_tokens,
        )
        text = ""
        spoken = list(seen)
        service = self._bot.services.get(GENERATE)
        async with AsyncExitStack() as while_typing, aclosing(service.stream(request)) as pieces:
            async for piece in pieces:
                match piece:
                    case Started():
                        await while_typing.enter_async_context(place.typing())
                    case Text():
                        text += piece.text
                    case EndOfMessage():
                        spoken += await self._send(place, text)
                        text = ""
                    case Reacted():
                        await self._react(spoken, piece)
                    case Stop():
                        pass

    async def _send(self, place: Place, text: str) -> list[discord.Message]:
        whole = text.strip()
        parts = [whole[start : start + MESSAGE_LIMIT] for start in range(0, len(whole), MESSAGE_LIMIT)]
        return [await place.send(part) for part in parts if part.strip()]

    async def _react(self, spoken: Sequence[discord.Message], reaction: Reacted) -> None:
        # The model may name a message or an emoji that does not exist.
        if reaction.back <= len(spoken):
            with contextlib.suppress(discord.HTTPException, TypeError):
                await spoken[-reaction.back].add_reaction(reaction.emoji)

    @app_commands.command()
    @app_commands.describe(name="the thread's name")
    @app_commands.guild_only()
    @requires(Level.VISIBLE)
    async def thread(self, interaction: discord.Interaction, name: app_commands.Range[str, 1, 100]) -> None:
        """Make a thread to chat with the double in."""
        if not isinstance(interaction.channel, discord.TextChannel):
            await interaction.response.send_message("Threads can be made in text channels only.", ephemeral=True)
            return
        await interaction.response.defer(ephemeral=True)
        made = await interaction.channel.create_thread(name=name, type=discord.ChannelType.public_thread)
        await made.add_user(interaction.user)
        await interaction.followup.send(f"Here it is: {made.mention}", ephemeral=True)
