"""What this bot is, and what it keeps of people."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from cogs.communication._talk import Talk
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE, requires
from patzta.permissions import Level
from patzta.store import people, refusals

ABOUT = (
    "I am an **AI double**: a language model that learned from {double}'s own chats. {double} does not read along here,"
    " and what I say is made up, not {double}'s opinion.\n"
    "- I answer in direct messages, in `/thread`s of mine, in channels named `{name}-direct…`, and when I am pinged.\n"
    "- Messages that begin with `!` do not exist for me; `/reset` lets me forget what was said before.\n"
    "- \N{THUMBS UP SIGN} and \N{THUMBS DOWN SIGN} on an answer tell me how it was; its menu has *Regenerate* and"
    " *Delete this answer*.\n"
    "- {where} `/privacy` shows what I keep."
)
WHERE = {
    "local": "What is written to me goes to a model on my owner's own machine and nowhere else.",
    "openai": "What is written to me goes to a server that my owner has named: it has the model, ask whose it is.",
}
PROFILE = (
    "I am an AI double: a language model that learned from {double}'s own chats. I am no person, {double} does not read"
    " along, and I can be wrong. /about says more, /privacy what I keep of you."
)
DONE = {
    "agree": "Thank you: judged answers may keep your words around them.",
    "stop": "I keep no words of yours any more, and deleted those that I had.",
    "delete": "I deleted your name in the training data, your judgements, and every judgement with your words.",
}
STYLES = {
    "agree": discord.ButtonStyle.success,
    "stop": discord.ButtonStyle.secondary,
    "delete": discord.ButtonStyle.danger,
}
CONSENT = {None: "you have not said", True: "yes", False: "no"}


@requires(Level.VISIBLE)
class Privacy(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"privacy:(?P<wish>agree|stop|delete)"):
    """A button with which somebody decides about what is kept of them."""

    def __init__(self, wish: str) -> None:
        button = discord.ui.Button[Any](label=wish.title(), style=STYLES[wish], custom_id=f"privacy:{wish}")
        super().__init__(button)
        self._wish = wish

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        return cls(match["wish"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        async with bot.services.get(DATABASE).write() as session:
            if self._wish == "delete":
                await people.forget(session, interaction.user.id)
            else:
                await people.consent(session, interaction.user.id, given=self._wish == "agree")
        await interaction.response.send_message(DONE[self._wish], ephemeral=True)
        bot.dispatch("consent", interaction.user.id, self._wish == "agree")


class About(commands.Cog):
    """Says what it is."""

    def __init__(self, bot: Bot, talk: Talk) -> None:
        self._bot = bot
        self._talk = talk

    async def _filled(self, text: str) -> str:
        double = await self._talk.eyes.double() or "its owner"
        settings = self._bot.settings
        text = text.replace("{where}", WHERE[settings.model.engine])
        return text.replace("{double}", double).replace("{name}", settings.name)

    @app_commands.command()
    @requires(Level.VISIBLE)
    async def about(self, interaction: discord.Interaction) -> None:
        """Say what this bot is."""
        await interaction.response.send_message(await self._filled(ABOUT), ephemeral=True)

    @app_commands.command()
    @requires(Level.OWNER)
    async def profile(self, interaction: discord.Interaction) -> None:
        """Write into the bot's profile that it is an AI double."""
        await interaction.response.defer(ephemeral=True)
        text = await self._filled(PROFILE)
        application = await self._bot.application_info()
        await application.edit(description=text)
        await interaction.followup.send(f"My profile says now:\n> {text}", ephemeral=True)

    @app_commands.command()
    @requires(Level.VISIBLE)
    async def privacy(self, interaction: discord.Interaction) -> None:
        """Show what is kept of you, and delete it."""
        user = interaction.user
        async with self._bot.services.get(DATABASE).read() as session:
            person = await people.find(session, user.id)
            judgements = await people.count_judgements(session, user.id)
            refused = sum((await refusals.counted(session, user.id)).values())
        level = (await self._bot.gate.decide(user.id, Level.VISIBLE)).level
        lines = [
            "What I keep of you:",
            f"- your level: **{level.title}**, with a log of who changed it",
            f"- your name in the training data: {person.alias or 'none'}",
            f"- whether judged answers may keep your words: **{CONSENT[person.consents]}**",
            f"- judgements by you or with your words: {judgements}",
            f"- how often you were refused something: {refused}",
            "- for 90 days which of my messages answered which of yours, as numbers; and whether we have met",
            "I keep nothing else that you write. *Stop* deletes the judgements with your words, *Delete* also those by"
            " you and your name; levels and their log stay, since they protect others.",
        ]
        view = discord.ui.View(timeout=None)
        for wish in DONE:
            view.add_item(Privacy(wish))
        await interaction.response.send_message("\n".join(lines), view=view, ephemeral=True)
