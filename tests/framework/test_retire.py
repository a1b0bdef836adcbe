"""How the old version of a plugin ends: its handlers in flight, its tasks, its clean-up, its memory."""

import asyncio
import gc
import logging
import weakref

import pytest

from tests.framework.plugin_folder import cog, version
from tests.running import eventually


@pytest.mark.parametrize("hook", ["async def teardown(bot): raise RuntimeError('bad end')", ""])
async def test_a_failing_clean_up_is_logged_and_the_rest_runs(bot, files, caplog, hook) -> None:
    source = """
    from discord.ext import commands
    class Bad(commands.Cog):
        async def cog_unload(self): raise RuntimeError("bad end")
    class Good(commands.Cog):
        async def cog_unload(self): ended.append(self)
    ended = []
    async def setup(bot):
        bot.ended = ended
        await bot.add_cog(Good())
        await bot.add_cog(Bad())
    """
    name = files.write(source + f"\n    {hook}\n")
    await bot.load_extension(name)
    await bot.unload_extension(name)
    await bot.plugins.retired()
    assert len(bot.ended) == 1
    assert caplog.text.count("RuntimeError: bad end") == (2 if hook else 1)


TASKS = """
    import asyncio
    from discord.ext import commands, tasks
    class C(commands.Cog):
        async def cog_load(self):
            asyncio.create_task(asyncio.sleep(3600), name="left behind")
            self.tick.start()
        @tasks.loop(seconds=60)
        async def tick(self): ...
        @commands.Cog.listener()
        async def on_thing(self, n):
            asyncio.create_task(asyncio.sleep(3600), name="left behind")
    async def setup(bot): await bot.add_cog(C())
"""


async def test_no_task_is_left_running_however_it_was_started(bot, files) -> None:
    def mine() -> list[str]:
        names = [task.get_name() for task in asyncio.all_tasks()]
        return [name for name in names if name == "left behind" or "discord-ext-tasks" in name]

    name = files.write(TASKS)
    await bot.load_extension(name)
    for turn in range(3):
        bot.dispatch("thing", turn)
        await eventually(lambda: mine().count("left behind") == 2)
        await bot.reload_extension(name)
        await bot.plugins.retired()
        assert mine().count("left behind") == 1
        assert len(mine()) == 2
    await bot.unload_extension(name)
    await bot.plugins.retired()
    assert mine() == []


async def test_a_task_that_does_not_end_is_named(bot, files, caplog, monkeypatch) -> None:
    monkeypatch.setattr("patzta.framework.plugins.STUBBORN", 0.05)
    name = files.write("""
        import asyncio
        async def stay(over):
            while not over.is_set():
                try: await over.wait()
                except asyncio.CancelledError: pass
        async def setup(bot):
            bot.over = asyncio.Event()
            asyncio.create_task(stay(bot.over), name="the stubborn one")
    """)
    await bot.load_extension(name)
    await bot.unload_extension(name)
    await bot.plugins.retired()
    assert "does not end: the stubborn one" in caplog.text
    bot.over.set()


IN_FLIGHT = """
    from discord.ext import commands
    class C(commands.Cog):
        V = {v}
        def __init__(self): self.resource = object()
        async def cog_unload(self): self.resource = None
        @commands.Cog.listener()
        async def on_thing(self, go, out):
            out.append(("began", self.V))
            await go.wait()
            out.append((self.V, self.resource is not None))
    async def setup(bot): await bot.add_cog(C())
"""


async def test_a_handler_in_flight_finishes_on_the_old_code_with_its_resources(bot, files) -> None:
    name = files.write(IN_FLIGHT.format(v=1))
    await bot.load_extension(name)
    go, out = asyncio.Event(), []
    bot.dispatch("thing", go, out)
    await eventually(lambda: out)
    files.write(IN_FLIGHT.format(v=2))
    await bot.reload_extension(name)
    bot.dispatch("thing", go, out)
    await eventually(lambda: len(out) == 2)
    assert out == [("began", 1), ("began", 2)]
    go.set()
    await bot.plugins.retired()
    assert (1, True) in out
    await eventually(lambda: (2, True) in out)


async def test_a_handler_that_does_not_finish_is_ended_after_the_grace(bot, files, caplog) -> None:
    bot.plugins.grace = 0.05
    name = files.write(IN_FLIGHT.format(v=1))
    await bot.load_extension(name)
    out = []
    bot.dispatch("thing", asyncio.Event(), out)
    await eventually(lambda: out)
    await bot.reload_extension(name)
    await bot.plugins.retired()
    assert "a handler did not finish within 0.05 s" in caplog.text
    assert len(out) == 1


async def test_the_handler_that_ends_the_bot_is_not_waited_for(bot, files, caplog) -> None:
    name = files.write("""
        from discord.ext import commands
        class C(commands.Cog):
            def __init__(self, bot): self.bot = bot
            @commands.Cog.listener()
            async def on_thing(self):
                await self.bot.plugins.close()
                self.bot.over.set()
        async def setup(bot): await bot.add_cog(C(bot))
    """)
    bot.over = asyncio.Event()
    await bot.load_extension(name)
    with caplog.at_level(logging.WARNING):
        bot.dispatch("thing")
        await asyncio.wait_for(bot.over.wait(), 1)
    assert caplog.text == ""


async def test_old_code_on_its_way_out_cannot_remove_what_the_new_registered(bot, files) -> None:
    source = (
        cog(1)
        + """
    async def teardown(bot):
        await bot.remove_cog("C")
        bot.remove_command("hi")
        bot.services.withdraw(KEY)
    from patzta.services import ServiceKey
    KEY = ServiceKey("mine")
    """
    )
    name = files.write(source.replace("await bot.add_cog", "bot.services.provide(KEY, 1); await bot.add_cog"))
    await bot.load_extension(name)
    await bot.reload_extension(name)
    await bot.plugins.retired()
    assert version(bot) == 1
    assert bot.get_command("hi").cog is bot.get_cog("C")
    assert bot.services.provided["mine"] == 1


async def test_old_versions_are_garbage(bot, files) -> None:
    name = files.write(cog(1))
    await bot.load_extension(name)
    old = [weakref.ref(bot.get_cog("C")), weakref.ref(bot.extensions[name]), weakref.ref(bot.plugins.loaded[name])]
    bot.dispatch("thing", 1)
    await eventually(lambda: bot.extensions[name].seen)
    await bot.reload_extension(name)
    await bot.plugins.retired()
    gc.collect()
    assert [ref() for ref in old] == [None, None, None]
