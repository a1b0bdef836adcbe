"""The commands around talking."""

from __future__ import annotations

from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands

from cogs.communication._context import names_of
from cogs.communication._talk import Talk
from cogs.communication._triggers import is_text_place
from patzta.chat.conversation import Conversation, Message
from patzta.chat.split import split
from patzta.chat.transcript import EndOfMessage, Reacted, Replied, Text
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE, requires
from patzta.framework.talking import Context
from patzta.inference import InferenceError
from patzta.inference.contract import GENERATE, Piece
from patzta.permissions import Level
from patzta.store import people, places

SHOWN = 1900
"""Characters of a raw answer that one message shows."""
LONGEST_MUTE = 7 * 24 * 60
"""Minutes."""


class TalkCommands(commands.Cog):
    """Threads, resets, names, silence, and the model without a chat."""

    def __init__(self, bot: Bot, talk: Talk) -> None:
        self._bot = bot
        self._talk = talk

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
        try:
            made = await interaction.channel.create_thread(name=name, type=discord.ChannelType.public_thread)
            await made.add_user(interaction.user)
        except discord.Forbidden:
            answer = "I may not make threads here: I need the permission *Create Public Threads*."
        else:
            answer = f"Here it is: {made.mention}"
        await interaction.followup.send(answer, ephemeral=True)

    @app_commands.command()
    @requires(Level.VISIBLE)
    async def reset(self, interaction: discord.Interaction) -> None:
        """Let the double forget everything above: it will not see earlier messages of this place."""
        place = interaction.channel
        if not is_text_place(place):
            await interaction.response.send_message("I do not talk in this kind of place.", ephemeral=True)
            return
        async with self._bot.services.get(DATABASE).write() as session:
            await places.reset(session, place.id, interaction.id)
        await interaction.response.send_message("\N{BROOM} I no longer see what stands above this line.")

    @app_commands.command()
    @app_commands.describe(prompt="what somebody says to the double")
    @requires(Level.MOD)
    async def generate(self, interaction: discord.Interaction, prompt: app_commands.Range[str, 1, 1500]) -> None:
        """Show what the model writes to a prompt, as it writes it."""
        await interaction.response.defer(ephemeral=True)
        me = self._bot.user
        assert me
        name = names_of([interaction.user], me, await self._talk.eyes.double(), {})[interaction.user.id]
        said = Conversation("discord", None, (name,), (Message(name, interaction.created_at, prompt),))
        request = self._talk.request(Context((), said, frozenset()), interaction.channel_id)
        try:
            pieces = [_shown(piece) async for piece in self._bot.services.get(GENERATE).stream(request)]
        except InferenceError as error:
            await interaction.followup.send(f"\N{WARNING SIGN} {error}", ephemeral=True)
            return
        text = "".join(pieces) or "(nothing)"
        for part in split(text, SHOWN):
            await interaction.followup.send(part, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(user="who", name="their name in the training data; empty: their name on Discord")
    @requires(Level.MOD)
    async def alias(
        self, interaction: discord.Interaction, user: discord.User, name: app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        """Tell the double whom it knows a user as."""
        async with self._bot.services.get(DATABASE).write() as session:
            await people.name(session, user.id, name)
        known = f"is **{discord.utils.escape_markdown(name)}** to me" if name else "has their own name again"
        await interaction.response.send_message(f"{user.mention} {known}.", ephemeral=True)

    @app_commands.command()
    @app_commands.describe(minutes="for how long; 0 ends it")
    @requires(Level.MOD)
    async def mute(self, interaction: discord.Interaction, minutes: app_commands.Range[int, 0, LONGEST_MUTE]) -> None:
        """Keep the double silent in this place for a while."""
        until = discord.utils.utcnow() + timedelta(minutes=minutes) if minutes else None
        assert interaction.channel_id
        async with self._bot.services.get(DATABASE).write() as session:
            await places.mute(session, interaction.channel_id, until)
        text = f"I am silent here until {discord.utils.format_dt(until)}." if until else "I speak again here."
        await interaction.response.send_message(text)


def _shown(piece: Piece) -> str:
    """The piece as the model wrote it."""
    match piece:
        case Text():
            return piece.text
        case EndOfMessage():
            return "\n"
        case Reacted():
            return f"[reacts {piece.emoji} to {piece.back}]\n"
        case Replied():
            return f"[re {piece.back}] "
        case _:
            return ""
