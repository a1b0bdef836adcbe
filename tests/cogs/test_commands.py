"""Slash commands over the sandbox: what they answer, and to whom."""

import discord
import pytest

from patzta.framework.gate import declared_level, needed_level
from patzta.permissions import Level
from patzta.sandbox.world import FRIEND
from tests.framework.plugin_folder import plugins_in
from tests.running import DIRECT

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def run(talk, person: str, name: str, **options) -> dict:
    return await talk.people.answer(await talk.people.command(person, DIRECT, name, options))


async def test_ping(talk) -> None:
    assert (await run(talk, "bara", "ping"))["content"] == "Pong."


@pytest.mark.parametrize(
    ("person", "command", "answer"),
    [
        ("cizinec", "ping", "This needs the level visible; yours is ignored."),
        ("bara", "shutdown", "This needs the level admin; yours is visible."),
        ("bara", "restart", "This needs the level admin; yours is visible."),
        ("bara", "asdf", "This needs the level admin; yours is visible."),
    ],
)
async def test_who_is_refused_reads_one_sentence_alone(talk, person, command, answer) -> None:
    direct = (await talk.people.open_dm(person, "patztabot22"))["id"]
    message = await talk.people.answer(await talk.people.command(person, direct, command))
    assert message["content"] == answer
    assert message["flags"] & 64, "ephemeral"


async def test_permissions_get(talk) -> None:
    mine = await run(talk, "bara", "permissions get", user="bara")
    assert mine["content"] == f"<@{FRIEND}> is **visible** (level in the config)."
    others = await run(talk, "bara", "permissions get", user="vilem")
    assert others["content"] == "Others' levels are shown from the level mod on; yours is visible."
    assert "**visible**" in (await run(talk, "vilem", "permissions get", user="bara"))["content"]


def undeclared(bot) -> list[str]:
    """Commands of any kind without a level of their own."""
    kinds = (discord.AppCommandType.user, discord.AppCommandType.message)
    menus = [menu for kind in kinds for menu in bot.tree.get_commands(type=kind)]
    found = [*bot.tree.walk_commands(), *menus, *bot.walk_commands()]
    leaves = [command for command in found if hasattr(command, "callback")]
    return [command.qualified_name for command in leaves if declared_level(command.callback) is None]


async def test_every_command_declares_its_level(talk, tmp_path) -> None:
    assert undeclared(talk.bot) == []
    with plugins_in(tmp_path) as files:
        name = files.write(FORGETFUL)
        await talk.bot.load_extension(name)
        assert undeclared(talk.bot) == ["forgotten", "Forgotten too", "forgotten_prefix"]
        assert needed_level(talk.bot.tree.get_command("forgotten")) is Level.OWNER
        await talk.bot.unload_extension(name)


FORGETFUL = """
    import discord
    from discord import app_commands
    from discord.ext import commands

    class Forgetful(commands.Cog):
        @app_commands.command()
        async def forgotten(self, interaction): "..."
        @commands.command()
        async def forgotten_prefix(self, context): ...

    @app_commands.context_menu(name="Forgotten too")
    async def menu(interaction: discord.Interaction, message: discord.Message): ...

    async def setup(bot):
        await bot.add_cog(Forgetful())
        bot.tree.add_command(menu)
"""

LEVELS = {
    "ping": Level.VISIBLE,
    "status": Level.VISIBLE,
    "thread": Level.VISIBLE,
    "reset": Level.VISIBLE,
    "generate": Level.MOD,
    "alias": Level.MOD,
    "about": Level.VISIBLE,
    "privacy": Level.VISIBLE,
    "profile": Level.OWNER,
    "mute": Level.MOD,
    "test": Level.ADMIN,
    "evaluate": Level.ADMIN,
    "model info": Level.ADMIN,
    "model list": Level.ADMIN,
    "model use": Level.ADMIN,
    "runs list": Level.ADMIN,
    "blind start": Level.ADMIN,
    "blind results": Level.ADMIN,
    "blind stop": Level.ADMIN,
    "runs show": Level.ADMIN,
    "runs compare": Level.ADMIN,
    "asdf": Level.ADMIN,
    "restart": Level.ADMIN,
    "shutdown": Level.ADMIN,
    "permissions get": Level.VISIBLE,
    "permissions explain": Level.VISIBLE,
    "permissions set": Level.MOD,
    "permissions list": Level.MOD,
    "permissions history": Level.ADMIN,
}


async def test_the_levels_are_the_documented_ones(talk) -> None:
    commands = [command for command in talk.bot.tree.walk_commands() if hasattr(command, "callback")]
    assert {command.qualified_name: needed_level(command) for command in commands} == LEVELS
