"""Strangers who write for the first time: the owner is told, and lets them in or not."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ext import commands

from patzta.framework import ChangeRefused
from patzta.framework.bot import Bot
from patzta.framework.changes import Origin, change_level
from patzta.framework.gate import DATABASE, requires
from patzta.framework.owners import tell_owners
from patzta.permissions import Level
from patzta.store import refusals

CUSTOM_ID = r"stranger:(?P<verdict>allow|ignore):(?P<user>\d+)"
VERDICTS = {"allow": Level.VISIBLE, "ignore": Level.IGNORED}
DONE = {"allow": "may chat with me now", "ignore": "stays ignored"}
STYLES = {"allow": discord.ButtonStyle.success, "ignore": discord.ButtonStyle.secondary}


@requires(Level.ADMIN)
class Verdict(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"stranger:(?P<verdict>allow|ignore):(?P<user>\d+)"
):
    """A button that decides about one stranger, also on messages from before a restart."""

    def __init__(self, verdict: str, user_id: int) -> None:
        custom_id = f"stranger:{verdict}:{user_id}"
        super().__init__(discord.ui.Button(label=verdict.title(), style=STYLES[verdict], custom_id=custom_id))
        self._verdict = verdict
        self._user_id = user_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        return cls(match["verdict"], int(match["user"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Give the level; the message then says so."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        origin = Origin("notice", interaction.guild_id, interaction.channel_id, interaction.id)
        level, database = VERDICTS[self._verdict], bot.services.get(DATABASE)
        try:
            await change_level(database, bot.gate, interaction.user.id, self._user_id, level, origin)
        except ChangeRefused as error:
            await bot.gate.note_denial(interaction.user.id, "stranger")
            await interaction.response.send_message(str(error), ephemeral=True)
        else:
            text = f"<@{self._user_id}> {DONE[self._verdict]}. Change it with `/permissions set`."
            await interaction.response.edit_message(content=text, view=None)


class Strangers(commands.Cog):
    """Tells the owner."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @commands.Cog.listener()
    async def on_stranger(self, message: discord.Message) -> None:
        """Tell of each stranger once; never what they wrote."""
        stranger = message.author
        if self._bot.settings.notice and await self._is_new(stranger.id):
            view = discord.ui.View(timeout=None)
            for verdict in VERDICTS:
                view.add_item(Verdict(verdict, stranger.id))
            where = "a direct message" if message.guild is None else f"{message.guild.name}"
            text = f"{stranger.mention} ({stranger.name}) wrote to me in {where}. I ignored it; may they chat with me?"
            await tell_owners(self._bot, self._bot.settings, text, view)

    async def _is_new(self, user_id: int) -> bool:
        # Written before anything is sent: of two messages at once only one is told of.
        async with self._bot.services.get(DATABASE).write() as session:
            return await refusals.note_stranger(session, user_id)
