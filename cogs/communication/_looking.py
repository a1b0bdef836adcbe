"""What the double sees of a place."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import discord

from cogs.communication._context import Reactor, as_conversation, is_said, plain_emoji
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.framework.talking import Context, TextPlace
from patzta.inference import InferenceError
from patzta.inference.contract import GENERATE
from patzta.permissions import Level
from patzta.store import people, places
from patzta.store.places import Mark

REACTED = 10
"""How many messages back others' reactions are looked up, a request each: Discord's history only counts them."""


class Eyes:
    """Looks at places. Remembers where each look began, so that the beginning moves in large steps.

    Prompts then begin alike from answer to answer, which lets a model's cache be of use.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._begins: dict[int, int] = {}
        self._double = ""

    async def look(self, place: TextPlace, mark: Mark, until: int | None = None) -> Context:
        """What visible people and the double said since the last reset, up to the message ``until``.

        What waits for an answer comes last: the double may have gone on speaking when it was written.
        """
        me = self._bot.user
        assert me
        bots = self._bot.settings.communication.bots
        history = [message for message in await self._history(place, mark, until) if is_said(message, me, bots)]
        visible = await self._visible({message.author.id for message in history} - {me.id}) | {me.id}
        seen = [message for message in history if message.author.id in visible]
        if until is None:
            seen.sort(key=lambda message: message.id > mark.answered and message.author.id != me.id)
        reactions = {message.id: await self._reactions(message, visible) for message in seen[-REACTED:]}
        async with self._bot.services.get(DATABASE).read() as session:
            aliases = {person.user_id: person.alias for person in await people.known(session) if person.alias}
        conversation = as_conversation(seen, me, await self.double(), aliases, reactions)
        return Context(tuple(seen), conversation, frozenset(message.author.id for message in seen) - {me.id})

    async def double(self) -> str:
        """The name of the person whose double the model is; empty while it is not known."""
        if not self._double:
            with contextlib.suppress(InferenceError):
                self._double = (await self._bot.services.get(GENERATE).status()).double
        return self._double

    async def mark(self, place: TextPlace) -> Mark:
        """How far the place is answered."""
        async with self._bot.services.get(DATABASE).read() as session:
            return await places.find(session, place.id)

    async def _history(self, place: TextPlace, mark: Mark, until: int | None) -> list[discord.Message]:
        wanted = self._bot.settings.communication.history
        before = discord.Object(until + 1) if until else None
        found = [message async for message in place.history(limit=wanted * 3 // 2, before=before)][::-1]
        found = [message for message in found if message.id > mark.reset]
        begin = self._begins.get(place.id, 0)
        if until or (found and found[0].id <= begin):
            return [message for message in found if until or message.id >= begin]
        found = found[-wanted:] if begin else found
        self._begins[place.id] = found[0].id if found else 0
        return found

    async def _visible(self, user_ids: set[int]) -> set[int]:
        return {user for user in user_ids if (await self._bot.gate.decide(user, Level.VISIBLE)).allowed}

    async def _reactions(self, message: discord.Message, visible: set[int]) -> Sequence[Reactor]:
        found: list[Reactor] = []
        for reaction in message.reactions:
            if reaction.count > reaction.me:
                with contextlib.suppress(discord.HTTPException):
                    users = [user async for user in reaction.users(limit=REACTED) if user != self._bot.user]
                    found += [(user, plain_emoji(str(reaction.emoji))) for user in users if user.id in visible]
        return found
