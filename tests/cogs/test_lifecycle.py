"""/status, /asdf and /restart, with cogs written to disk by the test."""

import contextlib
import logging
import re

import discord
import pytest

from patzta.chat.transcript import EndOfMessage, Text
from patzta.inference import WorkerLost
from patzta.settings import ROOT
from tests.cogs.test_commands import run
from tests.framework.plugin_folder import plugins_in
from tests.running import DIRECT, eventually

pytestmark = pytest.mark.asyncio(loop_scope="package")

GREETING = """
    from discord import app_commands
    from discord.ext import commands
    from patzta.framework.gate import requires
    from patzta.permissions import Level

    class Greeting(commands.Cog):
        @app_commands.command()
        @requires(Level.VISIBLE)
        async def greet(self, interaction) -> None:
            "Greet."
            await interaction.response.send_message({answer})

    async def setup(bot):
        await bot.add_cog(Greeting())
"""


@contextlib.asynccontextmanager
async def greeting(talk, folder, answer: str):
    """A cog with /greet, the files that it is in, and its name."""
    with plugins_in(folder) as files:
        name = files.write(GREETING.format(answer=answer))
        await talk.bot.load_extension(name)
        await talk.bot.sync.now()
        try:
            yield files, name
        finally:
            await talk.bot.unload_extension(name)
            await talk.bot.sync.now()


async def restart(talk) -> str:
    return (await run(talk, "vilem", "restart"))["content"]


async def test_restart_reloads_the_cogs_and_they_still_answer(talk) -> None:
    before = talk.bot.get_cog("Lifecycle")
    report = await restart(talk)
    assert re.match(r"Reloaded the cogs in \d+ ms\.\n✅ cogs\.", report)
    for name in talk.bot.cog_plugins:
        assert re.search(rf"✅ {name}: as before, \d+ ms", report)
    assert talk.bot.get_cog("Lifecycle") is not before
    assert (await run(talk, "bara", "ping"))["content"] == "Pong."


async def test_restart_takes_up_an_edit(talk, tmp_path) -> None:
    async with greeting(talk, tmp_path, "'Ahoj.'") as (files, name):
        assert (await run(talk, "bara", "greet"))["content"] == "Ahoj."
        files.write(GREETING.format(answer="'Nazdar.'"))
        assert re.search(rf"✅ {name}: changed \(\w{{8}} → \w{{8}}\)", await restart(talk))
        assert (await run(talk, "bara", "greet"))["content"] == "Nazdar."


async def test_a_broken_edit_keeps_the_old_answer_and_shows_the_traceback(talk, tmp_path) -> None:
    async with greeting(talk, tmp_path, "'Ahoj.'") as (files, name):
        files.write("raise RuntimeError('no idea')\n")
        report = await restart(talk)
        assert f"❌ {name} keeps its old code" in report
        assert "RuntimeError: no idea" in report
        assert "line 1, in <module>" in report
        assert str(ROOT) not in report
        assert "✅ cogs.lifecycle" in report, "the others are reloaded"
        assert (await run(talk, "bara", "greet"))["content"] == "Ahoj."


async def test_restart_tells_discord_new_commands(talk, tmp_path) -> None:
    async with greeting(talk, tmp_path, "'Ahoj.'") as (files, _):
        files.write(GREETING.format(answer="'Ahoj.'").replace("def greet", "def welcome"))
        assert "Told Discord" in await restart(talk)
        assert (await run(talk, "bara", "welcome"))["content"] == "Ahoj."
        assert "Told Discord" not in await restart(talk)


async def test_restart_names_what_only_a_new_process_takes_up(talk, monkeypatch) -> None:
    assert "process:true" not in await restart(talk)
    monkeypatch.setitem(talk.bot._sources, "patzta/framework/bot.py", "as it was")
    assert "patzta/framework/bot.py changed since the start" in await restart(talk)


async def test_status_is_pleasant_to_read(talk, model) -> None:
    text = (await run(talk, "bara", "status"))["content"]
    assert re.fullmatch(
        r"I am the double of \*\*Nobody\*\*. ✅ My model is ready.\nUp for .+\.\nNobody is waiting for an answer.", text
    )
    model.go.clear()
    model.script = [Text("už jdu"), EndOfMessage()]
    sent = await talk.people.send("bara", DIRECT, "kde jsi?")
    await eventually(lambda: model.requests)
    assert "Answering in one place; 1 message in all." in (await run(talk, "bara", "status"))["content"]
    model.go.set()
    await talk.until_answered(sent)


async def test_status_tells_what_is_wrong_with_the_model(talk, model, monkeypatch) -> None:
    async def broken():
        raise WorkerLost("The worker died.")

    monkeypatch.setattr(model, "status", broken)
    assert "❌ My model does not work: The worker died." in (await run(talk, "bara", "status"))["content"]


async def test_asdf_shows_the_insides(talk) -> None:
    text = (await run(talk, "vilem", "asdf"))["content"]
    for shown in (
        f"discord.py {discord.__version__}",
        "up ",
        "latency ",
        "loop lag p50 ",
        "memory ",
        "places: no queue",
    ):
        assert shown in text
    for name, plugin in talk.bot.plugins.loaded.items():
        assert f"{name} {plugin.hash}" in text
    assert 20 < float(re.search(r"memory (\d+) MiB", text)[1]) < 2000


async def test_discord_shows_what_admins_use_to_moderators_only(talk) -> None:
    offered = {command["name"] for command in await talk.people.commands("vilem", DIRECT)}
    hidden = offered - {command["name"] for command in await talk.people.commands("bara", DIRECT)}
    assert {"shutdown", "restart", "asdf"} <= hidden


async def test_the_owner_is_told_what_keeps_failing(talk) -> None:
    direct = (await talk.people.open_dm("vilem", "patztabot22"))["id"]
    mark = talk.people.mark()
    for number in range(5):
        logging.getLogger("patzta.test").error("thing %s breaks", f"secret {number}")
    told = await talk.people.wait_for_message(contains="keeps failing", since=mark)
    assert told["channel_id"] == direct
    assert "patzta.test: thing … breaks" in told["content"]
    assert "secret" not in told["content"]
