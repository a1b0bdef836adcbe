"""The cog: opens views, keeps them up to date, and takes what is typed into them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import replace

import aiohttp
import discord
from discord.ext import commands

from cogs.views import _texts
from cogs.views._buttons import Typing, confirmation, layout, say
from cogs.views._pacer import Pacer
from cogs.views._window import Window
from patzta.errors import PatztaError
from patzta.framework.background import Background
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE
from patzta.framework.viewing import VIEWS, actor, log_file
from patzta.jobs import pace
from patzta.jobs.contract import JOBS, JobService
from patzta.permissions import Level
from patzta.store import views
from patzta.store.views import ShownJob
from patzta.terminal.keys import typed

log = logging.getLogger("patzta.views")

PAGE = 20
"""Rows to scroll by."""


class Views(commands.Cog):
    """Terminals of jobs, each in one message that is edited by the bot's own token, so that it lives for days."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._windows: dict[int, Window] = {}
        self._pacers: dict[int, Pacer] = {}
        self._background = Background(log, "a view ended")
        bot.services.provide(VIEWS, self)

    @property
    def _jobs(self) -> JobService:
        return self._bot.services.get(JOBS)

    async def cog_load(self) -> None:
        """Go on with the views from before."""
        self._background.start(self._resume())
        self._background.start(self._listen_for_silence())

    async def _resume(self) -> None:
        await self._bot.wait_until_ready()
        async with self._bot.services.get(DATABASE).read() as session:
            left = await views.unfinished(session)
        for shown in left:
            with contextlib.suppress(PatztaError):
                await self._show(shown)

    async def cog_unload(self) -> None:
        """Leave the messages as they are; who comes next goes on with them."""
        await self._background.cancel()

    # Showing

    async def open(self, number: int, channel_id: int, user_id: int, stall: int = 0) -> None:
        """See ``ViewService``."""
        job = await self._jobs.get(number)
        window = Window(self._jobs, ShownJob(0, channel_id, number, user_id, stall=stall), job, self._changed)
        await window.begin()
        window.drawn = window.draw()
        channel = self._bot.get_partial_messageable(channel_id)
        message = await channel.send(view=layout(window.drawn, number, ended=job.status.final))
        window.shown = replace(window.shown, message_id=message.id)
        async with self._bot.services.get(DATABASE).write() as session:
            await views.add(session, window.shown)
        self._keep(window)

    async def _show(self, shown: ShownJob) -> Window:
        """The window of a message, which is followed from now on."""
        if known := self._windows.get(shown.message_id):
            return known
        job = await self._jobs.get(shown.job_id)
        window = Window(self._jobs, shown, job, self._changed)
        self._keep(window)
        return window

    def _keep(self, window: Window) -> None:
        self._windows[window.shown.message_id] = window
        self._background.start(self._follow(window))

    async def _follow(self, window: Window) -> None:
        while True:
            try:
                await window.follow()
                break
            except PatztaError as error:
                log.warning("job %s is not followed: %s", window.shown.job_id, error)
                await asyncio.sleep(pace.LOOK)
        if not window.shown.finished:
            await self._finish(window)

    async def _finish(self, window: Window) -> None:
        """The job is over: say so once to who opened the view."""
        async with self._bot.services.get(DATABASE).write() as session:
            await views.change(session, window.shown.message_id, finished=True)
        window.shown = replace(window.shown, finished=True)
        job = window.job
        if job.started and job.ended and (job.ended - job.started).total_seconds() >= pace.TELL_AFTER:
            await self._tell(window, _texts.ended(job))

    async def _tell(self, window: Window, text: str) -> None:
        shown = window.shown
        channel = self._bot.get_partial_messageable(shown.channel_id)
        pings = discord.AllowedMentions(users=[discord.Object(shown.user_id)])
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await channel.send(f"<@{shown.user_id}> {text}", allowed_mentions=pings)

    def _changed(self, window: Window) -> None:
        channel_id = window.shown.channel_id
        if channel_id not in self._pacers:
            self._pacers[channel_id] = Pacer(self._edit)
            self._background.start(self._pacers[channel_id].run())
        self._pacers[channel_id].changed(window)

    async def _edit(self, window: Window) -> bool:
        """Let the message say what there is to see, where that is something new; whether it was."""
        text, shown = window.draw(), window.shown
        if text == window.drawn or (shown.frozen and window.drawn):
            return False
        channel = self._bot.get_partial_messageable(shown.channel_id)
        message = channel.get_partial_message(shown.message_id)
        try:
            await message.edit(view=layout(text, shown.job_id, ended=window.job.status.final))
        except (discord.NotFound, discord.Forbidden) as error:
            log.info("the view of job %s is gone: %s", shown.job_id, error)
            await self._forget(shown.message_id)
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
            log.warning("the view of job %s is drawn later: %s", shown.job_id, error)
            window.change()
        except discord.HTTPException as error:
            log.warning("the view of job %s is not drawn: %s", shown.job_id, error)
        else:
            window.drawn = text
        return True

    async def _forget(self, message_id: int) -> None:
        """The message is gone; the job is not touched."""
        window = self._windows.pop(message_id, None)
        if window and (pacer := self._pacers.get(window.shown.channel_id)):
            pacer.forget(window)
        async with self._bot.services.get(DATABASE).write() as session:
            await views.remove(session, message_id)

    async def _listen_for_silence(self) -> None:
        while True:
            await asyncio.sleep(pace.LOOK)
            await self.look_for_silence()

    async def look_for_silence(self) -> None:
        """Look how silent jobs are, and tell of those that are silent for as long as somebody wanted to know."""
        for window in list(self._windows.values()):
            await window.look()
            quiet = time.monotonic() - window.heard
            if window.shown.stall and not window.job.status.final and quiet > window.shown.stall * 60:
                window.heard = time.monotonic()
                await self._tell(window, _texts.silent(window.job, window.shown.stall))

    # Buttons

    async def press(self, interaction: discord.Interaction, action: str, number: int) -> None:
        """See ``ViewService``."""
        assert interaction.message
        message_id = interaction.message.id
        match action:
            case "input":
                await interaction.response.send_modal(Typing(number))
            case "kill":
                job = await self._jobs.get(number)
                text = f"End job **{number}**? It is asked first (INT), then told (TERM), then made to (KILL)."
                if job.status.final:
                    await say(interaction, f"Job {number} has ended: {job.status}.")
                else:
                    await interaction.response.send_message(text, view=confirmation(number), ephemeral=True)
            case "interrupt":
                await interaction.response.defer()
                await self._jobs.write(number, b"\x03", actor(interaction.user))
                await self.on_job_touched(number)
            case "log":
                await self._send_log(interaction, number)
            case "close":
                await interaction.response.defer()
                await self._close(message_id, interaction.channel_id)
            case _:
                await interaction.response.defer()
                await self._move(message_id, action)

    async def _send_log(self, interaction: discord.Interaction, number: int) -> None:
        await interaction.response.defer(ephemeral=True)
        await self._jobs.note(actor(interaction.user), "log", number)
        await interaction.followup.send(**await log_file(self._jobs, number), ephemeral=True)

    async def _close(self, message_id: int, channel_id: int | None) -> None:
        if channel_id is not None:
            with contextlib.suppress(discord.HTTPException):
                await self._bot.get_partial_messageable(channel_id).get_partial_message(message_id).delete()
        await self._forget(message_id)

    async def _move(self, message_id: int, action: str) -> None:
        """Scroll, freeze, or show it at the end of the channel."""
        async with self._bot.services.get(DATABASE).read() as session:
            shown = await views.find(session, message_id)
        if shown is None:
            return
        window = await self._show(shown)
        if action == "below":
            await self.open(shown.job_id, shown.channel_id, shown.user_id, shown.stall)
            await self._close(message_id, shown.channel_id)
            return
        shown = window.shown
        if action == "freeze":
            shown = replace(shown, frozen=not shown.frozen)
        else:
            step = PAGE if action == "up" else -PAGE
            shown = replace(shown, scroll=max(0, min(shown.scroll + step, window.history)), frozen=False)
        async with self._bot.services.get(DATABASE).write() as session:
            await views.change(session, message_id, scroll=shown.scroll, frozen=shown.frozen)
        window.shown, window.drawn = shown, ""
        window.touch()

    # Typing

    @commands.Cog.listener()
    async def on_job_touched(self, number: int) -> None:
        """Show at once what comes of it."""
        for window in self._windows.values():
            if window.shown.job_id == number:
                window.touch()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """A reply to a view, or a message in its thread, is typed into the job, if its author may do that."""
        shown = None if message.author.bot else await self._meant(message)
        if shown is None or not (await self._bot.gate.decide(message.author.id, Level.OWNER)).allowed:
            return
        number = shown.job_id
        try:
            await self._jobs.write(number, typed(message.content), actor(message.author))
        except PatztaError as error:
            with contextlib.suppress(discord.HTTPException):
                await message.reply(f"\N{WARNING SIGN} {error}")
        else:
            await self.on_job_touched(number)

    async def _meant(self, message: discord.Message) -> ShownJob | None:
        """The view to which a message belongs."""
        replied = message.reference.message_id if message.reference else None
        # A thread has the id of the message that it began with.
        thread = message.channel.id if isinstance(message.channel, discord.Thread) else None
        if replied is None and thread is None:
            return None
        async with self._bot.services.get(DATABASE).read() as session:
            return await views.find(session, replied or 0) or await views.find(session, thread or 0)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Somebody deleted a view."""
        if payload.message_id in self._windows:
            await self._forget(payload.message_id)
