"""What can be done with a message: answer it, answer it anew, take an answer back."""

from __future__ import annotations

import asyncio
import contextlib

import discord
from discord import app_commands

from cogs.communication._judgements import keep
from cogs.communication._talk import Talk
from cogs.communication._triggers import is_text_place
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE, requires
from patzta.framework.talking import TextPlace
from patzta.inference import InferenceError
from patzta.permissions import Level
from patzta.store import places
from patzta.store.places import Answer

NOT_SEEN = "I do not see that message: it is hidden, from before a reset, or by somebody whom I ignore."
NO_ANSWER = "That is no answer of mine, or an old one."
NOT_YOURS = "Only the person whom it answers, or a mod, may do that."
ENOUGH = "That was a lot within an hour: I need a break."


class Menus:
    """The commands in the menu of a message."""

    def __init__(self, bot: Bot, talk: Talk) -> None:
        self._bot = bot
        self._talk = talk

    def commands(self) -> list[app_commands.ContextMenu]:
        """All of them, to be added to the bot's tree."""
        named = {"Answer this": self.answer, "Regenerate": self.regenerate, "Delete this answer": self.delete}
        return [app_commands.ContextMenu(name=name, callback=callback) for name, callback in named.items()]

    @requires(Level.VISIBLE)
    async def answer(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Have a message answered, whoever it is for."""
        await interaction.response.defer(ephemeral=True)
        if place := await self._place(interaction):
            await self._answer(interaction, place, message.id)

    @requires(Level.VISIBLE)
    async def regenerate(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Take an answer back and give another one."""
        await interaction.response.defer(ephemeral=True)
        place, given = await self._place(interaction), await self._given(interaction, message)
        if given and place:
            await self._dislike(place, given, message.id, interaction.user.id)
            await self._take_back(place, given)
            await self._answer(interaction, place, given.answers)

    @requires(Level.VISIBLE)
    async def delete(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Take an answer back: the whole burst."""
        await interaction.response.defer(ephemeral=True)
        place, given = await self._place(interaction), await self._given(interaction, message)
        if given and place:
            await self._take_back(place, given)
            await interaction.delete_original_response()

    async def _place(self, interaction: discord.Interaction) -> TextPlace | None:
        """Where the menu was opened; None, and the user is told, where nothing can be said."""
        assert interaction.channel_id
        # An interaction's own channel is only a part of one in direct chats.
        place = self._bot.get_channel(interaction.channel_id) or await self._bot.fetch_channel(interaction.channel_id)
        if is_text_place(place):
            return place
        await interaction.followup.send(NOT_SEEN)
        return None

    async def _given(self, interaction: discord.Interaction, message: discord.Message) -> Answer | None:
        """The answer that the message belongs to; None, and the user is told, where they may not touch it."""
        async with self._bot.services.get(DATABASE).read() as session:
            given = await places.answer(session, message.id)
        if given is None:
            await interaction.followup.send(NO_ANSWER)
            return None
        mod = (await self._bot.gate.decide(interaction.user.id, Level.MOD)).allowed
        if not mod and interaction.user.id != given.user_id:
            await interaction.followup.send(NOT_YOURS)
            return None
        return given

    async def _dislike(self, place: TextPlace, given: Answer, message_id: int, judge_id: int) -> None:
        """Who wants another answer did not like this one."""
        async with self._bot.services.get(DATABASE).read() as session:
            burst = await places.answers_to(session, given.answers)
        with contextlib.suppress(discord.HTTPException):
            texts = [(await place.fetch_message(part.message_id)).content for part in burst]
            context = await self._talk.look(place, until=given.answers)
            await keep(self._bot, context, texts, message_id, judge_id, -1)

    async def _take_back(self, place: TextPlace, given: Answer) -> None:
        async with self._bot.services.get(DATABASE).write() as session:
            burst = await places.answers_to(session, given.answers)
            await places.forget_burst(session, given.answers)
        for part in burst:
            with contextlib.suppress(discord.HTTPException):
                await place.get_partial_message(part.message_id).delete()

    async def _answer(self, interaction: discord.Interaction, place: TextPlace, message_id: int) -> None:
        now = asyncio.get_running_loop().time()
        if not self._talk.limits.allow(interaction.user.id, place.id, now):
            await interaction.followup.send(ENOUGH)
            return
        async with self._bot.places[place.id].alone():
            context = await self._talk.look(place, until=message_id)
            if not context.messages or context.messages[-1].id != message_id:
                await interaction.followup.send(NOT_SEEN)
                return
            try:
                said = await self._talk.speak(place, context, interaction.id)
            except InferenceError as error:
                await interaction.followup.send(f"\N{WARNING SIGN} {error}")
                return
        asked = context.messages[-1]
        async with self._bot.services.get(DATABASE).write() as session:
            for message in said:
                await places.note_answer(session, Answer(message.id, place.id, asked.id, asked.author.id))
        await interaction.delete_original_response()
