"""Residents and those that use them: who needs whom at load, who ends first, what is left."""

import asyncio
import logging
from dataclasses import replace

import pytest
from discord.ext import commands
from sqlalchemy import event, text

from patzta.framework import PluginFailed
from patzta.framework.gate import DATABASE
from tests.framework.plugin_folder import cog, version


async def test_a_missing_service_is_named_at_load(bot, files) -> None:
    name = files.write("""
        from patzta.inference.contract import GENERATE
        REQUIRES = (GENERATE,)
        async def setup(bot): ...
    """)
    with pytest.raises(commands.ExtensionFailed, match="needs the service 'model'"):
        await bot.load_extension(name)


async def test_a_resident_is_never_reloaded(bot, files) -> None:
    name = files.write(cog(1))
    await bot.plugins.load(name, resident=True)
    with pytest.raises(PluginFailed, match="use /restart process:true"):
        await bot.reload_extension(name)
    assert version(bot) == 1


async def test_closing_ends_cogs_before_the_residents_that_they_use(bot, files) -> None:
    resident = files.write(
        "async def setup(bot): bot.ended = []\nasync def teardown(bot): bot.ended.append('resident')\n"
    )
    name = files.write(cog(1) + "    async def teardown(bot): bot.ended.append('cog')\n", plugin=f"{resident}_cog")
    await bot.plugins.load(resident, resident=True)
    await bot.load_extension(name)
    await bot.plugins.close()
    assert bot.ended == ["cog", "resident"]


async def test_our_residents_end_without_errors(bot, caplog) -> None:
    await bot.plugins.load("extensions.database", resident=True)
    database = bot.services.get(DATABASE)
    async with database.read() as session:
        await session.execute(text("SELECT 1"))
    pool = database._engine.pool
    await bot.plugins.close()
    assert database._engine.pool is not pool, "the connections are closed"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_units_that_a_plugin_leaves_give_their_connections_back_in_order(bot, files, caplog) -> None:
    await bot.plugins.load("extensions.database", resident=True)
    name = files.write("""
        import asyncio
        from discord.ext import commands
        from sqlalchemy import text
        from patzta.framework.gate import DATABASE
        class C(commands.Cog):
            async def cog_load(self): self.reading = asyncio.create_task(self.read())
            async def read(self):
                while True:
                    async with self.bot.services.get(DATABASE).read() as session:
                        await session.execute(text("SELECT 1"))
        async def setup(bot):
            C.bot = bot
            await bot.add_cog(C())
    """)
    pool = bot.services.get(DATABASE)._engine.pool
    await bot.load_extension(name)
    returning = asyncio.Event()

    @event.listens_for(pool, "reset")
    def reset(connection, *_) -> None:
        returning.set()
        connection.run_async(lambda _: asyncio.sleep(0.1))

    await asyncio.wait_for(returning.wait(), 5)
    await bot.unload_extension(name)
    await bot.plugins.retired()
    assert pool.checkedout() == 0
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("name", ["extensions.database", "extensions.model"])
async def test_a_resident_that_cannot_start_leaves_nothing_behind(bot, caplog, tmp_path, name) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("in the way")
    model = replace(bot.settings.model, path=nowhere / "model")
    bot.settings = replace(bot.settings, database=f"sqlite+aiosqlite:///{nowhere}/x.db", model=model)
    with pytest.raises(commands.ExtensionFailed):
        await bot.plugins.load(name, resident=True)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert bot.services.provided == {}
