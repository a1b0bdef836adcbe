"""The state that a cog hands to its successor in a reload."""

import asyncio

import pytest
from discord.ext import commands

from tests.framework.plugin_folder import cog
from tests.running import eventually

STATE = """
    from discord.ext import commands
    class C(commands.Cog):
        state_version = {v}
        def __init__(self): self.seen, self.came = [], None
        def export_state(self): return {export}
        def import_state(self, version, state):
            self.came = version
            self.seen = state["seen"]
        @commands.Cog.listener()
        async def on_thing(self, n): self.seen.append(n)
    async def setup(bot):
        {wait}
        await bot.add_cog(C())
"""
EXPORT = '{"seen": self.seen}'


async def test_state_crosses_a_reload_with_its_version_and_all_that_was_written_meanwhile(bot, files) -> None:
    name = files.write(STATE.format(v=1, export=EXPORT, wait="pass"))
    await bot.load_extension(name)
    bot.dispatch("thing", 1)
    await eventually(lambda: bot.get_cog("C").seen == [1])
    old = bot.get_cog("C")
    bot.preparing, bot.go = asyncio.Event(), asyncio.Event()
    files.write(STATE.format(v=2, export=EXPORT, wait="bot.preparing.set(); await bot.go.wait()"))
    reload = asyncio.create_task(bot.reload_extension(name))
    await bot.preparing.wait()
    bot.dispatch("thing", 2)
    await eventually(lambda: old.seen == [1, 2])
    bot.go.set()
    await reload
    assert bot.get_cog("C").came == 1
    assert bot.get_cog("C").seen == [1, 2]
    assert bot.get_cog("C").seen is not old.seen


@pytest.mark.parametrize("export", ["object()", '{"other": 1}', "1 / 0"])
async def test_state_that_cannot_be_taken_over_keeps_the_old_version(bot, files, export) -> None:
    name = files.write(STATE.format(v=1, export=export, wait="pass"))
    await bot.load_extension(name)
    old = bot.get_cog("C")
    with pytest.raises(commands.ExtensionFailed):
        await bot.reload_extension(name)
    assert bot.get_cog("C") is old
    bot.dispatch("thing", 1)
    await eventually(lambda: old.seen == [1])


async def test_state_that_nobody_takes_over_is_a_warning(bot, files) -> None:
    name = files.write(STATE.format(v=1, export=EXPORT, wait="pass"))
    await bot.load_extension(name)
    files.write(cog(2))
    done = await bot.plugins.reload(name)
    assert done.warnings == ("nobody takes over the state of C",)
