"""What a plugin registers is known, changes hands in a reload, and goes with the plugin."""

import asyncio
import gc
import weakref

import discord
import pytest
from discord.ext import commands

from tests.framework.plugin_folder import dynamic_items, version
from tests.running import eventually

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
