"""The cog that listens, and decides whether the double is spoken to."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from functools import partial
from typing import Any

import discord
from discord.ext import commands, tasks

from cogs.communication._answers import Answers
from cogs.communication._catch_up import missed
from cogs.communication._context import HIDDEN, is_said
from cogs.communication._talk import Talk
from cogs.communication._triggers import is_direct, is_silent, is_text_place
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.framework.logs import about
from patzta.framework.talking import TextPlace
from patzta.permissions import Level, Source
from patzta.store import places
from patzta.store.places import Mark

log = logging.getLogger("patzta.communication")

ENOUGH = f"{HIDDEN} That was a lot within an hour: I need a break, please write again later."


class Communication(commands.Cog):
    """Answers people where the double is spoken to."""

    state_version = 1

    def __init__(self, bot: Bot, talk: Talk) -> None:
        self._bot = bot
        self._settings = bot.settings.communication
        self._answers = Answers(bot, talk)
        self._limits = talk.limits
        self._was_silent = False

    def export_state(self) -> Any:
        """How much was answered within the last hour."""
        return self._limits.export()

    def import_state(self, _version: int, state: Any) -> None:
        """Take that over."""
        self._limits.take_over(state)

    async def cog_load(self) -> None:
        """Watch the hours of silence."""
        self._watch_silence.start()

    async def cog_unload(self) -> None:
        """Watch them no longer."""
        self._watch_silence.cancel()

    @property
    def _me(self) -> discord.ClientUser:
        assert self._bot.user
        return self._bot.user

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Answer what came while the bot was away."""
        await self._catch_up()

    @tasks.loop(seconds=20)
    async def _watch_silence(self) -> None:
        silent, self._was_silent = self._was_silent, self._is_silent()
        if silent and not self._was_silent:
            await self._catch_up()

    async def _catch_up(self) -> None:
        messages = await missed(self._bot, self._settings.catch_up)
        await asyncio.gather(*map(self.on_message, messages))

    def _is_silent(self) -> bool:
        return is_silent(self._settings.silent, datetime.now())  # noqa: DTZ005  people mean their own clock

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that speaks to the double and comes from someone visible."""
        place = message.channel
        if not is_text_place(place) or not self._is_spoken_to(place, message):
            return
        about(channel=place.id, user=message.author.id, request=message.id)
        if await self._bot.invokes(message) or not await self._is_visible(message):
            return
        mark = await self._known(place, message)
        if message.id <= mark.answered or self._bot.places[place.id].waits(message.id) or self._is_silent():
            return
        if await self._has_break(place, message, mark):
            return
        respond = partial(self._answers.respond, place)
        await self._bot.places[place.id].answer(message.id, message.author.id, respond)

    def _is_spoken_to(self, place: TextPlace, message: discord.Message) -> bool:
        if message.author == self._me or not is_said(message, self._me, self._settings.bots):
            return False
        if not message.author.bot:
            self._limits.person_wrote(place.id)
        if not is_direct(place, self._bot.settings.name, self._me) and self._me not in message.mentions:
            return False
        return not message.author.bot or self._limits.may_answer_bot(place.id)

    async def _is_visible(self, message: discord.Message) -> bool:
        if message.author.id in self._settings.bots:
            return True
        decision = await self._bot.gate.decide(message.author.id, Level.VISIBLE)
        if decision.source is Source.DEFAULT and not decision.allowed:
            self._bot.dispatch("stranger", message)
        return decision.allowed

    async def _known(self, place: TextPlace, message: discord.Message) -> Mark:
        """How far the place is answered; a direct chat is remembered."""
        async with self._bot.services.get(DATABASE).read() as session:
            mark = await places.find(session, place.id)
        if isinstance(place, discord.DMChannel) and mark.user_id is None:
            async with self._bot.services.get(DATABASE).write() as session:
                await places.meet(session, place.id, message.author.id)
        return mark

    async def _has_break(self, place: TextPlace, message: discord.Message, mark: Mark) -> bool:
        """Whether it is muted or has said enough; the message is settled by that."""
        muted = mark.muted_until is not None and mark.muted_until > discord.utils.utcnow()
        now = asyncio.get_running_loop().time()
        if not muted and self._limits.allow(message.author.id, place.id, now):
            return False
        async with self._bot.services.get(DATABASE).write() as session:
            await places.finish(session, place.id, message.id)
        if not muted and self._limits.tell(place.id, now):
            await place.send(ENOUGH)
        self._bot.dispatch("answered", message)
        return True

    @commands.Cog.listener()
    async def on_raw_typing(self, event: discord.RawTypingEvent) -> None:
        """Let people finish."""
        if place := self._bot.places.known(event.channel_id):
            place.typing(event.user_id)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Answer what the message says now."""
        if place := self._bot.places.known(event.channel_id):
            place.changed(event.message_id)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Answer nothing that is gone."""
        if place := self._bot.places.known(event.channel_id):
            place.withdrawn(event.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """The same for many."""
        if place := self._bot.places.known(event.channel_id):
            for message_id in event.message_ids:
                place.withdrawn(message_id)
