"""Thumbs on answers: kept, with their context, only when everybody whose words are in it has agreed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Self

import discord
from discord.ext import commands

from cogs.communication._context import HIDDEN
from cogs.communication._talk import Talk
from cogs.communication._triggers import is_text_place
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE, requires
from patzta.framework.logs import about
from patzta.framework.talking import Context, TextPlace
from patzta.permissions import Level
from patzta.store import people, places
from patzta.store.people import Judgement

VERDICTS = {"\N{THUMBS UP SIGN}": 1, "\N{THUMBS DOWN SIGN}": -1}
QUESTION = (
    f"{HIDDEN} Somebody judged an answer of mine. I could learn from that, but only with the messages around it."
    " {who}: may I keep your words for that? I ask once; `/privacy` shows what I keep, and deletes it."
)
THANKS = {"yes": "Thank you. `/privacy` takes that back at any time.", "no": "All right: I keep nothing of yours."}
STYLES = {"yes": discord.ButtonStyle.success, "no": discord.ButtonStyle.secondary}
LABELS = {"yes": "I agree", "no": "No"}
REMEMBERED = 1000
"""Judgements that wait for somebody's consent, as ids only and until the bot ends."""


@requires(Level.VISIBLE)
class Consent(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"consent:(?P<said>yes|no)"):
    """A button with which anybody decides about their own words."""

    def __init__(self, said: str) -> None:
        super().__init__(discord.ui.Button(label=LABELS[said], style=STYLES[said], custom_id=f"consent:{said}"))
        self._said = said

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        return cls(match["said"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Note it."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        async with bot.services.get(DATABASE).write() as session:
            await people.consent(session, interaction.user.id, given=self._said == "yes")
        await interaction.response.send_message(THANKS[self._said], ephemeral=True)
        bot.dispatch("consent", interaction.user.id, self._said == "yes")


class Judgements(commands.Cog):
    """Collects what people think of answers, for a model to learn from later."""

    def __init__(self, bot: Bot, talk: Talk) -> None:
        self._bot = bot
        self._talk = talk
        self._waiting: dict[tuple[int, int], tuple[discord.RawReactionActionEvent, frozenset[int]]] = {}

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Keep a judgement, or ask for consent first."""
        if self._verdict(event) and not self._by_bot(event):
            about(channel=event.channel_id, user=event.user_id, request=event.message_id)
            if (await self._bot.gate.decide(event.user_id, Level.VISIBLE)).allowed:
                await self._judge(event, ask=True)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        """Forget it."""
        if self._verdict(event):
            self._waiting.pop((event.message_id, event.user_id), None)
            async with self._bot.services.get(DATABASE).write() as session:
                await people.take_back(session, event.message_id, event.user_id)

    @commands.Cog.listener()
    async def on_consent(self, user_id: int, given: bool) -> None:
        """Look again at what waited for somebody's word."""
        for key, (event, whose) in list(self._waiting.items()):
            if given:
                await self._judge(event, ask=False)
            elif user_id in whose:
                self._waiting.pop(key, None)

    def _verdict(self, event: discord.RawReactionActionEvent) -> int:
        # The thumbs have five colours, each a character after the thumb.
        return VERDICTS.get(event.emoji.name[:1], 0) if event.emoji.is_unicode_emoji() else 0

    def _by_bot(self, event: discord.RawReactionActionEvent) -> bool:
        return event.user_id == (self._bot.user and self._bot.user.id) or bool(event.member and event.member.bot)

    async def _judge(self, event: discord.RawReactionActionEvent, *, ask: bool) -> None:
        place = self._bot.get_channel(event.channel_id) or await self._bot.fetch_channel(event.channel_id)
        async with self._bot.services.get(DATABASE).read() as session:
            given = await places.answer(session, event.message_id)
            burst = await places.answers_to(session, given.answers) if given else []
        if given is None or not is_text_place(place):
            return
        context = await self._talk.look(place, until=given.answers)
        async with self._bot.services.get(DATABASE).read() as session:
            consents = [(await people.find(session, user_id)).consents for user_id in context.people]
        key = (event.message_id, event.user_id)
        if not all(consents):
            if False not in consents and len(self._waiting) < REMEMBERED:
                self._waiting[key] = event, context.people
            if ask:
                await self._ask(place, context)
            return
        self._waiting.pop(key, None)
        texts = [(await place.fetch_message(part.message_id)).content for part in burst]
        await keep(self._bot, context, texts, event.message_id, event.user_id, self._verdict(event))

    async def _ask(self, place: TextPlace, context: Context) -> None:
        """Ask those who were never asked, all in one message."""
        async with self._bot.services.get(DATABASE).write() as session:
            new = [user_id for user_id in sorted(context.people) if await people.ask(session, user_id)]
        if new:
            view = discord.ui.View(timeout=None)
            for said in LABELS:
                view.add_item(Consent(said))
            who = ", ".join(f"<@{user_id}>" for user_id in new)
            await place.send(QUESTION.format(who=who), view=view)


async def keep(bot: Bot, context: Context, texts: Sequence[str], message_id: int, judge_id: int, verdict: int) -> None:
    """Keep what somebody thinks of the answer that is made of ``texts``, if all whose words are around it agree."""
    written = json.dumps(context.conversation.to_json(), ensure_ascii=False)
    judgement = Judgement(message_id, judge_id, verdict, written, "\n".join(texts), context.people)
    async with bot.services.get(DATABASE).write() as session:
        # Somebody may have taken their consent back a moment ago.
        if await people.all_consent(session, set(context.people)):
            await people.judge(session, judgement)
