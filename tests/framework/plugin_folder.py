"""Plugins written to disk by tests, and a bot that loads them without a Discord."""

import asyncio
import contextlib
import importlib
import itertools
import sys
import textwrap
from pathlib import Path

import discord

from patzta.framework.bot import Bot
from patzta.framework.scope import record_tasks
from patzta.settings import read_settings

_numbers = itertools.count(1)

COG = """
    from discord.ext import commands
    seen = []
    class {name}(commands.Cog):
        V = {v}
        @commands.Cog.listener()
        async def on_thing(self, n):
            seen.append(n)
        @commands.command()
        async def {command}(self, ctx): ...
    async def setup(bot):
        {before}
        await bot.add_cog({name}())
"""


def cog(v: int, before: str = "pass", name: str = "C", command: str = "hi") -> str:
    """The source of a plugin in one of its versions. ``seen`` holds what its listener heard."""
    return COG.format(v=v, before=before, name=name, command=command)


def version(bot: Bot, name: str = "C") -> int:
    """The version of the plugin that serves."""
    return bot.get_cog(name).V


class Plugins:
    """A folder of plugins on ``sys.path``; names are unique, so that tests never meet each other's modules."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"plugin{next(_numbers)}"

    def write(self, source: str, file: str = "", plugin: str = "") -> str:
        """Write a module, or ``file`` of a package; returns the plugin's name."""
        name = plugin or self.name
        path = self.folder / name / file if file else self.folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(source))
        return name


@contextlib.contextmanager
def plugins_in(folder: Path):
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield Plugins(folder)
    finally:
        sys.path.remove(str(folder))


@contextlib.asynccontextmanager
async def offline_bot(folder: Path):
    """A bot with discord.py's whole machinery of events, commands and views, but no connection."""
    file = folder / "bot.ini"
    file.write_text("[permissions]\n[plugins]\nextensions =\ncogs =\n")
    bot = Bot(read_settings(file, folder))
    await bot._async_setup_hook()
    record_tasks(asyncio.get_running_loop())
    bot.plugins.grace = 5
    bot.http.user_agent = "test"
    try:
        yield bot
    finally:
        await bot.plugins.close()
        asyncio.get_running_loop().set_task_factory(None)


def dynamic_items(bot: discord.Client) -> dict:
    return bot._connection._view_store._dynamic_items
