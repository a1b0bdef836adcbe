"""``--watch``: reload a cog as soon as it is saved, while developing."""

from __future__ import annotations

import logging

from watchfiles import (
    PythonFilter,
    awatch,  # pyright: ignore[reportUnknownVariableType]
)

from patzta.framework.bot import Bot
from patzta.framework.modules import content_hash, source_files
from patzta.framework.plugins import Loaded
from patzta.framework.reloading import reload_cog

log = logging.getLogger("patzta.watch")


async def watch(bot: Bot) -> None:
    """Never ends. What counts is a file's content, not its time; a cog that failed is tried again once it changes."""
    tried = {name: bot.plugins.loaded[name].hash for name in bot.cog_plugins}
    folders = {file.parent for name in tried for file in source_files(name)}
    log.info("watching %s", ", ".join(sorted(map(str, folders))))
    async for _ in awatch(*folders, watch_filter=PythonFilter()):
        for name in bot.cog_plugins:
            now = content_hash(source_files(name))
            if now != tried.get(name):
                tried[name] = now
                await _reload(bot, name)


async def _reload(bot: Bot, name: str) -> None:
    done = await reload_cog(bot, name)
    if isinstance(done, Loaded):
        log.info("%s reloaded in %.0f ms", name, done.milliseconds)
        bot.sync.soon()
