"""Reloading cogs and telling what came of it: for /restart, for the sandbox's page, and for ``--watch``."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord.ext import commands

from patzta.errors import PatztaError
from patzta.framework.bot import Bot
from patzta.framework.plugins import Loaded
from patzta.framework.traces import trace_of

log = logging.getLogger("patzta.reloading")


@dataclass(frozen=True, slots=True)
class Kept:
    """A cog that could not be reloaded, and why: its old code serves on."""

    name: str
    trace: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each cog in ``milliseconds``; whether Discord was told changed commands, or in which words it
    refused them; the files that changed since the start and that only a new process takes up.
    """

    milliseconds: float
    cogs: list[Loaded | Kept]
    told: bool
    refused: str
    outside: list[str]


async def reload_cogs(bot: Bot, names: Sequence[str] | None = None) -> Report:
    """Reload these cogs, or all. One that fails leaves the others alone."""
    start = time.perf_counter()
    cogs = [await reload_cog(bot, name) for name in (bot.cog_plugins if names is None else names)]
    took = (time.perf_counter() - start) * 1000
    told, refused = await _tell_discord(bot)
    return Report(took, cogs, told, refused, bot.changed_outside())


async def reload_cog(bot: Bot, name: str) -> Loaded | Kept:
    """Reload one cog; why it failed is logged."""
    try:
        return await bot.plugins.reload(name)
    except (commands.ExtensionError, PatztaError) as error:
        cause = error.__cause__ or error
        log.warning("%s keeps its old code", name, exc_info=cause)
        return Kept(name, trace_of(cause))


async def _tell_discord(bot: Bot) -> tuple[bool, str]:
    try:
        return await bot.sync.now(), ""
    except discord.HTTPException as error:
        log.warning("Discord does not take the commands", exc_info=error)
        return False, error.text or str(error)
