"""/blind start, results, stop: people say which of two replies is real."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import re
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from patzta.chat.transcript import EndOfMessage, Text
from patzta.evaluation import NoQuestions
from patzta.evaluation.blind import Question, Redaction, questions, wilson
from patzta.evaluation.plot import drawn
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE, requires
from patzta.inference import InferenceError
from patzta.inference.contract import GENERATE, Request
from patzta.inference.persona import Persona
from patzta.permissions import Level
from patzta.store import blind, people

LIMIT = 900
"""Characters of a reply or of the context that are shown."""
LABELS = {"first": "The first is real", "second": "The second is real"}
HELLO = (
    "! **Who wrote it?** Below are {count} places in old chats, without names, each with the reply that was really"
    " given and one by the double. Press what you believe; until `/blind stop` you can change it. Nobody sees who voted"
    " for what."
)


@requires(Level.VISIBLE)
class Vote(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"blind:(?P<item>\d+):(?P<choice>first|second)"):
    """A button below a question, also after a restart."""

    def __init__(self, item_id: int, choice: str) -> None:
        super().__init__(discord.ui.Button(label=LABELS[choice], custom_id=f"blind:{item_id}:{choice}"))
        self._item_id = item_id
        self._choice = choice

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        return cls(int(match["item"]), match["choice"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Count it."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        async with bot.services.get(DATABASE).write() as session:
            item = await blind.item(session, self._item_id)
            vote = await blind.find(session, item.blind_id) if item else None
            if item is None or vote is None or vote.ended_at:
                text = "This vote is over."
            elif interaction.user.id in item.people:
                text = "Your own words are in this one: leave it to the others."
            else:
                await blind.vote(session, item.id, interaction.user.id, first=self._choice == "first")
                text = "Counted."
        await interaction.response.send_message(text, ephemeral=True)


class BlindVotes(commands.GroupCog, name="blind"):
    """Who wrote it: the person, or the double?"""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        super().__init__()

    @app_commands.command()
    @app_commands.describe(count="how many questions")
    @requires(Level.ADMIN)
    async def start(self, interaction: discord.Interaction, count: app_commands.Range[int, 1, 30] = 10) -> None:
        """Ask people here which reply is real and which is the double's."""
        await interaction.response.defer(ephemeral=True)
        try:
            asked = await self._ask(interaction, count)
        except (NoQuestions, InferenceError, discord.Forbidden) as error:
            await interaction.followup.send(f"\N{WARNING SIGN} {error}", ephemeral=True)
            return
        await interaction.followup.send(f"{asked} questions stand here. `/blind results` counts.", ephemeral=True)

    async def _ask(self, interaction: discord.Interaction, count: int) -> int:
        """Write the questions; how many. Raises NoQuestions, InferenceError, discord.HTTPException."""
        settings, dice = self._bot.settings, random.SystemRandom()
        persona = await asyncio.to_thread(Persona.read, settings.model.path)
        async with self._bot.services.get(DATABASE).read() as session:
            known = [person for person in await people.known(session) if person.alias and person.consents]
        users = {person.alias or "": person.user_id for person in known}
        path = settings.dataset / "test.jsonl"
        found = await asyncio.to_thread(questions, path, persona.name, users, count, dice)
        # Before anything is shown, so that a model that fails leaves nothing half asked.
        replies = [await self._reply(question) for question in found]
        assert interaction.channel_id
        channel = self._bot.get_partial_messageable(interaction.channel_id)
        async with self._bot.services.get(DATABASE).write() as session:
            blind_id = await blind.begin(session, channel.id, settings.model.path.name, persona.fingerprint)
        await channel.send(HELLO.format(count=len(found)))
        for number, (question, reply) in enumerate(zip(found, replies, strict=True), 1):
            real_first = dice.random() < 1 / 2
            whose = {users[name] for name in question.people}
            async with self._bot.services.get(DATABASE).write() as session:
                item_id = await blind.add(session, blind_id, whose, real_first=real_first)
            text = shown(number, question, reply, real_first=real_first)
            view = discord.ui.View(timeout=None)
            for choice in LABELS:
                view.add_item(Vote(item_id, choice))
            message = await channel.send(text, view=view)
            async with self._bot.services.get(DATABASE).write() as session:
                await blind.asked(session, item_id, message.id)
        return len(found)

    async def _reply(self, question: Question) -> str:
        """The double's reply to the context. Raises InferenceError."""
        settings, parts = self._bot.settings.model, list[str]()
        request = Request(
            question.context, question.double, settings.temperature, settings.top_p, settings.max_new_tokens
        )
        async for piece in self._bot.services.get(GENERATE).stream(request):
            if isinstance(piece, Text):
                parts.append(piece.text)
            elif isinstance(piece, EndOfMessage):
                parts.append("\n")
        return "".join(parts).strip()

    @app_commands.command()
    @requires(Level.ADMIN)
    async def results(self, interaction: discord.Interaction) -> None:
        """Show how the newest vote stands."""
        await interaction.response.defer(ephemeral=True)
        async with self._bot.services.get(DATABASE).read() as session:
            newest = await blind.newest(session)
            result = await blind.result(session, newest.id) if newest else None
        if newest is None or result is None:
            await interaction.followup.send("There was no vote yet: `/blind start`.", ephemeral=True)
            return
        low, high = wilson(result.fooled, result.votes)
        text = (
            f"**{result.fooled} of {result.votes}** votes took the double for the person (95 % interval {low:.0%} to"
            f" {high:.0%}); {result.voters} people, {result.items} questions, model `{newest.model}`"
            f" `{newest.adapter[:8]}`, {'over' if newest.ended_at else 'still open'}."
        )
        picture = await drawn(result.fooled, result.votes)
        await interaction.followup.send(text, file=discord.File(io.BytesIO(picture), "blind.png"), ephemeral=True)

    @app_commands.command()
    @requires(Level.ADMIN)
    async def stop(self, interaction: discord.Interaction) -> None:
        """End the newest vote."""
        async with self._bot.services.get(DATABASE).write() as session:
            newest = await blind.newest(session)
            if newest:
                await blind.end(session, newest.id)
        text = "The vote is over: `/blind results`." if newest else "There was no vote yet: `/blind start`."
        await interaction.response.send_message(text, ephemeral=True)

    @commands.Cog.listener()
    async def on_consent(self, user_id: int, given: bool) -> None:
        """Questions with the words of somebody who no longer agrees go."""
        if given:
            return
        async with self._bot.services.get(DATABASE).write() as session:
            gone = await blind.withdraw(session, user_id)
        for channel_id, message_id in gone:
            with contextlib.suppress(discord.HTTPException):
                await self._bot.get_partial_messageable(channel_id).get_partial_message(message_id).delete()


def shown(number: int, question: Question, reply: str, *, real_first: bool) -> str:
    """The text of a question; it begins with what hides it from the double."""
    redaction = Redaction(question)
    context = "\n".join(f"**{who or 'The person'}**: {_plain(text)}" for who, text in redaction.context(question))
    real, made = "\n".join(map(redaction.text, question.real)), redaction.text(reply)
    replies = (real, made) if real_first else (made, real)
    quoted = ["\n".join(f"> {_plain(line)}" for line in text[: LIMIT // 2].splitlines() or ["…"]) for text in replies]
    return f"! **{number}.**\n{context[-LIMIT:]}\n\n**first**\n{quoted[0]}\n**second**\n{quoted[1]}"


def _plain(text: str) -> str:
    return discord.utils.escape_markdown(text)
