"""What a reload guarantees; each test is named after the guarantee that stock discord.py does not give."""

import asyncio
import gc
import logging
import os
import weakref
from dataclasses import replace

import discord
import pytest
import pytest_asyncio
from discord.ext import commands
from sqlalchemy import event, text

from patzta.framework import PluginFailed
from patzta.framework.gate import DATABASE
from tests.framework.plugin_folder import dynamic_items, offline_bot, plugins_in
from tests.running import eventually

COG = """
    from discord.ext import commands
    seen = []
    class C(commands.Cog):
        V = {v}
        @commands.Cog.listener()
        async def on_thing(self, n):
            seen.append(n)
        @commands.command()
        async def hi(self, ctx): ...
    async def setup(bot):
        {before}
        await bot.add_cog(C())
"""


def cog(v: int, before: str = "pass") -> str:
    return COG.format(v=v, before=before)


@pytest.fixture
def files(tmp_path):
    with plugins_in(tmp_path) as files:
        yield files


@pytest_asyncio.fixture
async def bot(tmp_path):
    async with offline_bot(tmp_path) as bot:
        yield bot


def version(bot, name: str = "C") -> int:
    return bot.get_cog(name).V


async def test_a_first_load_that_fails_leaves_no_submodule_behind(bot, files) -> None:
    files.write("X = 1\n", "sub.py")
    name = files.write("from . import sub\nraise RuntimeError\n", "__init__.py")
    with pytest.raises(commands.ExtensionFailed):
        await bot.load_extension(name)
    files.write("X = 2\n", "sub.py")
    files.write("from . import sub\nasync def setup(bot): bot.x = sub.X\n", "__init__.py")
    await bot.load_extension(name)
    assert bot.x == 2


@pytest.mark.parametrize(
    "broken",
    ["def (", "raise RuntimeError", "X = 1", "async def setup(bot): raise RuntimeError", "import no_such_module"],
    ids=["syntax", "import", "no setup", "setup", "missing module"],
)
async def test_bad_code_keeps_the_old_version_serving(bot, files, broken) -> None:
    name = files.write(cog(1))
    await bot.load_extension(name)
    old, module = bot.get_cog("C"), bot.extensions[name]
    files.write(broken)
    with pytest.raises(commands.ExtensionError):
        await bot.reload_extension(name)
    # The very instance: nothing of its state is lost.
    assert bot.get_cog("C") is old
    assert bot.extensions[name] is module
    assert bot.get_command("hi").cog is old
    files.write(cog(2))
    await bot.reload_extension(name)
    assert version(bot) == 2


@pytest.mark.parametrize("broken", ["def (", "raise RuntimeError"])
async def test_bad_code_behind_a_lazy_import_keeps_the_old_version_serving(bot, files, broken) -> None:
    setup = "async def setup(bot):\n    from ._cog import C\n    await bot.add_cog(C())\n"
    name = files.write(setup, "__init__.py")
    files.write(cog(1), "_cog.py")
    await bot.load_extension(name)
    old = bot.get_cog("C")
    files.write(broken, "_cog.py")
    with pytest.raises(commands.ExtensionFailed):
        await bot.reload_extension(name)
    assert bot.get_cog("C") is old
    files.write(cog(2), "_cog.py")
    await bot.reload_extension(name)
    assert version(bot) == 2


async def test_a_broken_file_that_would_be_imported_late_is_refused(bot, files) -> None:
    name = files.write(cog(1), "__init__.py")
    await bot.load_extension(name)
    files.write("def (", "_late.py")
    with pytest.raises(commands.ExtensionFailed):
        await bot.reload_extension(name)
    assert version(bot) == 1


async def test_old_code_that_imports_late_during_a_prepare_finds_its_own_version(bot, files) -> None:
    files.write("V = 1", "_late.py")
    name = files.write(
        """
        def late():
            from . import _late
            return _late.V
        async def setup(bot):
            bot.late, gate = late, getattr(bot, "gate_of_test", None)
            if gate:
                bot.late = bot.old_late
                await gate.wait()
                bot.late = late
        """,
        "__init__.py",
    )
    await bot.load_extension(name)
    assert bot.late() == 1
    bot.old_late, bot.gate_of_test = bot.late, asyncio.Event()
    files.write("V = 2", "_late.py")
    reload = asyncio.create_task(bot.reload_extension(name))
    await eventually(lambda: bot.late is bot.old_late and bot.plugins._lock.locked())
    for _ in range(3):
        await asyncio.sleep(0)
    assert bot.old_late() == 1
    bot.gate_of_test.set()
    await reload
    assert bot.late() == 2


async def test_no_event_is_lost_or_doubled_during_reloads(bot, files) -> None:
    name = files.write(cog(1, "import asyncio; await asyncio.sleep(0.02)"))
    await bot.load_extension(name)
    bot.add_listener(note := Noting(), "on_thing")
    lists = [bot.extensions[name].seen]
    sent = 0

    async def pump(over: asyncio.Event) -> None:
        nonlocal sent
        while not over.is_set():
            bot.dispatch("thing", sent)
            sent += 1
            await asyncio.sleep(0)

    over = asyncio.Event()
    pumping = asyncio.create_task(pump(over))
    for v in range(2, 8):
        files.write(cog(v, "import asyncio; await asyncio.sleep(0.02)") if v % 3 else "raise RuntimeError")
        try:
            await bot.reload_extension(name)
            lists.append(bot.extensions[name].seen)
        except commands.ExtensionFailed:
            assert v % 3 == 0
    over.set()
    await pumping
    await eventually(lambda: len(note.seen) == sent)
    seen = [n for one in lists for n in one]
    assert sorted(seen) == list(range(sent))
    assert all(lists[:-1]), "each version had some"


class Noting:
    """A listener that belongs to no plugin."""

    _is_coroutine = asyncio.coroutines._is_coroutine

    def __init__(self) -> None:
        self.seen = []

    async def __call__(self, n: int) -> None:
        self.seen.append(n)


COLLIDING = """
    import discord
    from discord import app_commands
    from discord.ext import commands
    class C(commands.Cog):
        V = {v}
        @app_commands.command(description="v{v}")
        async def mine(self, interaction: discord.Interaction): ...
        @app_commands.command(name="{second}")
        async def second(self, interaction: discord.Interaction): ...
        def bot_check(self, ctx): return {v} == 1
        async def cog_unload(self): self.unloaded = True
    async def setup(bot):
        bot.made = C()
        await bot.add_cog(bot.made)
"""


async def test_a_command_name_collision_leaves_the_old_version_whole(bot, files) -> None:
    @discord.app_commands.command(description="another's")
    async def taken(interaction: discord.Interaction) -> None: ...

    bot.tree.add_command(taken)
    name = files.write(COLLIDING.format(v=1, second="free"))
    await bot.load_extension(name)
    before = [command.name for command in bot.tree.get_commands()], list(bot._checks)
    files.write(COLLIDING.format(v=2, second="taken"))
    with pytest.raises(commands.ExtensionFailed, match="taken"):
        await bot.reload_extension(name)
    assert version(bot) == 1
    assert bot.tree.get_command("mine").description == "v1"
    assert bot.tree.get_command("taken") is taken
    assert ([command.name for command in bot.tree.get_commands()], list(bot._checks)) == before
    assert bot.made.unloaded, "the new cog, whose cog_load ran, got its cog_unload"


async def test_a_cancelled_load_leaves_nothing(bot, files) -> None:
    name = files.write(cog(1) + "\n        import asyncio; await asyncio.Event().wait()\n")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bot.load_extension(name), 0.05)
    assert not bot.cogs
    assert not bot.extra_events.get("on_thing")
    files.write(cog(2))
    await bot.load_extension(name)
    assert version(bot) == 2


async def test_a_cancelled_reload_keeps_the_old_version(bot, files) -> None:
    name = files.write(cog(1))
    await bot.load_extension(name)
    old = bot.get_cog("C")
    files.write(cog(2, "import asyncio; await asyncio.Event().wait()"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bot.reload_extension(name), 0.05)
    assert bot.get_cog("C") is old


async def test_a_setup_that_never_ends_is_given_up(bot, files, monkeypatch) -> None:
    monkeypatch.setattr("patzta.framework.plugins.PATIENCE", 0.05)
    name = files.write("import asyncio\nasync def setup(bot): await asyncio.Event().wait()\n")
    with pytest.raises(commands.ExtensionFailed, match="TimeoutError"):
        await bot.load_extension(name)


async def test_concurrent_reloads_wait_for_each_other(bot, files) -> None:
    name = files.write(cog(1, "import asyncio; await asyncio.sleep(0.01)"))
    await bot.load_extension(name)
    await asyncio.gather(*(bot.reload_extension(name) for _ in range(5)))
    assert version(bot) == 1
    assert len(bot.extra_events["on_thing"]) == 1


async def test_contracts_are_the_same_classes_after_a_reload(bot, files) -> None:
    """Cogs share classes of the core only, so a reload of one does not make another's instances strangers."""
    source = """
        from patzta.services import ServiceKey
        from patzta.inference.contract import Status
        KEY = ServiceKey("status of test")
        async def setup(bot): bot.services.provide(KEY, Status("ready"))
    """
    name = files.write(source)
    await bot.load_extension(name)
    await bot.reload_extension(name)
    from patzta.inference.contract import Status

    assert isinstance(bot.services.provided["status of test"], Status)
    await bot.unload_extension(name)
    assert "status of test" not in bot.services.provided


async def test_an_edit_of_the_same_size_in_the_same_second_is_seen(bot, files) -> None:
    name = files.write(cog(1))
    path = files.folder / f"{name}.py"
    stat = path.stat()
    await bot.load_extension(name)
    files.write(cog(2))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    await bot.reload_extension(name)
    assert version(bot) == 2


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


ITEMS = """
    import discord
    from discord.ext import commands
    class Kill(discord.ui.DynamicItem[discord.ui.Button], template=r"job:kill:(?P<id>[0-9]+){suffix}"):
        V = {v}
        def __init__(self, id):
            super().__init__(discord.ui.Button(label="x", custom_id=f"job:kill:{{id}}"))
        @classmethod
        async def from_custom_id(cls, interaction, item, match, /): return cls(int(match["id"]))
    class Forever(discord.ui.View):
        def __init__(self): super().__init__(timeout=None)
        @discord.ui.button(label="go", custom_id="forever")
        async def go(self, interaction, button): ...
    async def setup(bot):
        bot.add_dynamic_items(Kill)
        bot.add_view(Forever())
"""


async def test_a_button_has_exactly_one_handler_though_its_template_was_edited(bot, files) -> None:
    name = files.write(ITEMS.format(v=1, suffix=""))
    await bot.load_extension(name)
    for v, suffix in ((2, ""), (3, "x?"), (4, "")):
        files.write(ITEMS.format(v=v, suffix=suffix))
        await bot.reload_extension(name)
        await bot.plugins.retired()
        (item,) = [item for pattern, item in dynamic_items(bot).items() if pattern.fullmatch("job:kill:7")]
        assert v == item.V
        assert len(bot.persistent_views) == 1
    files.write("def (")
    with pytest.raises(commands.ExtensionFailed):
        await bot.reload_extension(name)
    assert len(dynamic_items(bot)) == 1
    await bot.unload_extension(name)
    assert dynamic_items(bot) == {}
    assert bot.persistent_views == []


async def test_a_view_of_an_unloaded_plugin_handles_nothing(bot, files) -> None:
    name = files.write(ITEMS.format(v=1, suffix=""))
    await bot.load_extension(name)
    await bot.unload_extension(name)
    assert bot._connection._view_store._views == {}


async def test_a_view_sent_by_a_handler_lives_until_its_plugins_handlers_are_done(bot, files) -> None:
    name = files.write("""
        import asyncio, discord
        from discord.ext import commands
        class C(commands.Cog):
            def __init__(self, bot): self.bot = bot
            @commands.Cog.listener()
            async def on_thing(self, go):
                view = discord.ui.View(timeout=60)
                view.add_item(discord.ui.Button(label="x", custom_id="x"))
                self.bot._connection.store_view(view, 77)
                self.bot.sent.append(view)
                await go.wait()
        async def setup(bot): await bot.add_cog(C(bot))
    """)
    bot.sent = []
    await bot.load_extension(name)
    go = asyncio.Event()
    bot.dispatch("thing", go)
    await eventually(lambda: bot.sent)
    await bot.reload_extension(name)
    assert not bot.sent[0].is_finished()
    go.set()
    await bot.plugins.retired()
    assert bot.sent[0].is_finished()
    assert bot._connection._view_store._views == {}


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


async def test_everything_that_a_plugin_registers_by_hand_goes_with_it(bot, files) -> None:
    """Whatever reference to the bot it holds, at set-up or later."""
    name = files.write("""
        import discord
        from discord import app_commands
        from discord.ext import commands
        kept = []
        async def on_thing(n): kept[0].add_listener(later, "on_later"); kept[0].listened = n
        async def later(): ...
        def check(ctx): return True
        @app_commands.command(description="x")
        async def slash(interaction: discord.Interaction): ...
        @app_commands.context_menu(name="menu")
        async def menu(interaction: discord.Interaction, message: discord.Message): ...
        @commands.command()
        async def prefix(ctx): ...
        async def setup(bot):
            kept.append(bot)
            bot.add_listener(on_thing)
            bot.add_check(check)
            bot.add_check(check, call_once=True)
            bot.add_command(prefix)
            bot.tree.add_command(slash)
            bot.tree.add_command(slash, guild=discord.Object(5))
            bot.tree.add_command(menu)
            @bot.event
            async def on_resumed(): ...
            bot.remove_command("kept")
    """)

    @commands.command(name="kept")
    async def keep(ctx) -> None: ...

    bot.add_command(keep)
    before = registered(bot)
    await bot.load_extension(name)
    assert bot.get_command("kept") is None
    bot.dispatch("thing", 1)
    await eventually(lambda: bot.extra_events.get("on_later"))
    assert bot.extensions[name] is not None
    assert registered(bot) != before
    await bot.reload_extension(name)
    await bot.unload_extension(name)
    await bot.plugins.retired()
    assert registered(bot) == before


def registered(bot) -> tuple:
    tree = bot.tree
    return (
        dict(bot.all_commands),
        {event: list(listeners) for event, listeners in bot.extra_events.items() if listeners},
        [*bot._checks, *bot._check_once],
        dict(bot.cogs),
        dict(bot.extensions),
        dict(tree._global_commands),
        {guild: dict(known) for guild, known in tree._guild_commands.items() if known},
        dict(tree._context_menus),
        [name for name in vars(bot) if name.startswith("on_")],
    )


async def test_jishaku_loads_reloads_and_unloads_unchanged(bot) -> None:
    before = registered(bot)
    await bot.load_extension("jishaku")
    assert bot.get_command("jishaku py")
    first = weakref.ref(bot.get_cog("Jishaku"))
    await bot.reload_extension("jishaku")
    await bot.plugins.retired()
    assert bot.get_command("jishaku py").cog is bot.get_cog("Jishaku")
    gc.collect()
    assert first() is None, "the old cog is gone"
    await bot.unload_extension("jishaku")
    await bot.plugins.retired()
    assert registered(bot) == before


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


async def test_closing_ends_cogs_before_the_residents_that_they_use(bot, files) -> None:
    resident = files.write(
        "async def setup(bot): bot.ended = []\nasync def teardown(bot): bot.ended.append('resident')\n"
    )
    name = files.write(cog(1) + "    async def teardown(bot): bot.ended.append('cog')\n", plugin=f"{resident}_cog")
    await bot.plugins.load(resident, resident=True)
    await bot.load_extension(name)
    await bot.plugins.close()
    assert bot.ended == ["cog", "resident"]


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
