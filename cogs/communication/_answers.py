"""One answer to a burst, given exactly once, whatever happens to the bot meanwhile."""

from __future__ import annotations

import logging

import discord

from cogs.communication._context import HIDDEN, is_said
from cogs.communication._talk import Talk
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.framework.places import Turn
from patzta.framework.talking import Context, TextPlace
from patzta.inference import InferenceError
from patzta.inference.contract import GENERATE
from patzta.permissions import Level
from patzta.store import people, places
from patzta.store.places import Answer, Mark

log = logging.getLogger("patzta.communication")

SORRY = "! I can't answer right now, something is wrong with my model. Please try again in a minute."


class Answers:
    """Answers turns. Between ``begin`` and ``finish`` in the store lie the first words; see ``patzta.store.places``."""

    def __init__(self, bot: Bot, talk: Talk) -> None:
        self._bot = bot
        self._talk = talk

    async def respond(self, place: TextPlace, turn: Turn) -> None:
        """Answer what of the turn is not answered yet."""
        mark = await self._settled(place, await self._talk.eyes.mark(place))
        waiting = {message_id for message_id in turn.ids if message_id > mark.answered}
        if not waiting:
            return
        try:
            context = await self._talk.eyes.look(place, mark)
            asked = [message for message in context.messages if message.id in waiting]
            given = bool(asked) and await self._answer(place, context, turn, asked[-1], mark)
        except discord.HTTPException as error:
            # A place that was deleted or closed to the bot meanwhile.
            log.warning("not answered: %s", error)
            return
        except InferenceError:
            # The bot is ending: the next one answers.
            return
        if not given:
            # It only reacted, or the messages are gone.
            turn.speaks = True
            await self._finish(place, turn.newest)
        for message in asked:
            self._bot.dispatch("answered", message)

    async def _answer(self, place: TextPlace, context: Context, turn: Turn, asked: discord.Message, mark: Mark) -> bool:
        """Speak, or excuse; whether the store knows of it. Raises discord.HTTPException, InferenceError at the end."""
        answering = _Answering(self._bot, place, turn, asked, mark)
        try:
            return bool(await self._talk.speak(place, context, answering.nonce, answering.begin, answering.said))
        except InferenceError as error:
            if self._bot.closing:
                raise
            log.error("no answer: %s", error)  # noqa: TRY400  the text tells all
            if not answering.begun:
                await answering.begin()
                await place.send(SORRY, nonce=f"{answering.nonce}.0")
            return False

    async def _finish(self, place: TextPlace, answered: int) -> None:
        async with self._bot.services.get(DATABASE).write() as session:
            await places.finish(session, place.id, answered)

    async def _settled(self, place: TextPlace, mark: Mark) -> Mark:
        """After a crash in the middle of an answer: find out whether it was given."""
        if mark.answering is None or not await self._was_said(place, mark):
            return mark
        await self._finish(place, mark.answering)
        return await self._talk.eyes.mark(place)

    async def _was_said(self, place: TextPlace, mark: Mark) -> bool:
        me = self._bot.user
        assert me
        after = discord.Object(mark.before or mark.answered)
        async for message in place.history(after=after, limit=100):
            if message.author == me and (is_said(message, me) or message.content == SORRY):
                return True
        async for message in place.history(after=discord.Object(mark.answered), limit=100):
            if any(reaction.me for reaction in message.reactions):
                return True
        return False


class _Answering:
    """What the store is told while one answer is given. ``nonce`` is after a crash what it was before."""

    def __init__(self, bot: Bot, place: TextPlace, turn: Turn, asked: discord.Message, mark: Mark) -> None:
        self._bot = bot
        self._place = place
        self._turn = turn
        self._asked = asked
        self._before = max(turn.newest, mark.before or 0)
        self.nonce = mark.nonce or turn.newest
        self.begun = False

    async def begin(self) -> None:
        """Before the first words."""
        self.begun = self._turn.speaks = True
        await self._greet()
        async with self._bot.services.get(DATABASE).write() as session:
            await places.begin(session, self._place.id, self._turn.newest, self._before)

    async def said(self, message: discord.Message) -> None:
        """After each message: a burst that is cut off now counts as answered."""
        answer = Answer(message.id, self._place.id, self._asked.id, self._asked.author.id)
        async with self._bot.services.get(DATABASE).write() as session:
            await places.finish(session, self._place.id, self._turn.newest)
            await places.note_answer(session, answer)

    async def _greet(self) -> None:
        """Say to a person once that this is no person. Owners know."""
        author, greeting = self._asked.author, self._bot.settings.communication.greeting
        if not greeting or (await self._bot.gate.decide(author.id, Level.OWNER)).allowed:
            return
        async with self._bot.services.get(DATABASE).write() as session:
            if not await people.greet(session, author.id):
                return
        name = (await self._bot.services.get(GENERATE).status()).double or self._bot.settings.name
        await self._place.send(f"{HIDDEN} {greeting.replace('{double}', name)}")
