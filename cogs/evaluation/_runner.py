"""One run over the test channels."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

import discord

from cogs.evaluation._channels import clear
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.framework.talking import TALK
from patzta.inference import InferenceError
from patzta.store import runs
from patzta.store.runs import RunAnswer

log = logging.getLogger("patzta.evaluation")

AT_ONCE = 4
"""Channels that are answered at the same time."""


class Runner:
    """Answers every channel anew. ``changed`` is called whenever ``states`` has changed."""

    def __init__(
        self, bot: Bot, run_id: int, nonce: int, channels: Sequence[discord.TextChannel], changed: Callable[[], None]
    ) -> None:
        self._bot = bot
        self._run_id = run_id
        self._nonce = nonce
        self._changed = changed
        self._free = asyncio.Semaphore(AT_ONCE)
        self.channels = channels
        self.states: dict[int, str | RunAnswer] = {channel.id: "waits" for channel in channels}

    async def run(self) -> None:
        """Until all channels are answered; what fails in one of them does not end the others."""
        async with asyncio.TaskGroup() as group:
            for channel in self.channels:
                group.create_task(self._one(channel))

    async def _one(self, channel: discord.TextChannel) -> None:
        async with self._free:
            if await self._is_cancelled():
                return
            self._show(channel, "writes")
            start = time.perf_counter()
            text, link, error = "", channel.jump_url, ""
            try:
                said = await self._answer(channel)
                text = "\n".join(message.content for message in said)
                link = said[0].jump_url if said else link
            except (discord.HTTPException, InferenceError) as problem:
                log.warning("test channel %s: %s", channel.id, problem)
                error = str(problem)
            answer = RunAnswer(channel.id, channel.name, link, text, error, time.perf_counter() - start)
            async with self._bot.services.get(DATABASE).write() as session:
                await runs.note(session, self._run_id, answer)
            self._show(channel, answer)

    async def _answer(self, channel: discord.TextChannel) -> list[discord.Message]:
        me = self._bot.user
        assert me
        talk = self._bot.services.get(TALK)
        async with self._bot.places[channel.id].alone():
            await clear(channel, me, self._nonce)
            return await talk.speak(channel, await talk.look(channel), self._nonce)

    async def _is_cancelled(self) -> bool:
        async with self._bot.services.get(DATABASE).read() as session:
            run = await runs.find(session, self._run_id)
        return run is None or run.state != runs.RUNNING

    def _show(self, channel: discord.TextChannel, state: str | RunAnswer) -> None:
        self.states[channel.id] = state
        self._changed()
