"""A bot that others wrote runs on the sandbox as it is: jishaku, discord.py's extension for developers."""

import asyncio
import contextlib

import discord
import pytest_asyncio
from discord.ext import commands

from patzta.sandbox.pointing import pointed
from patzta.settings import ROOT
from tests.sandbox.server import SandboxProcess


@pytest_asyncio.fixture
async def people():
    """The people around a bot that has nothing but jishaku."""
    bot = commands.Bot("!", intents=discord.Intents.all(), guild_ready_timeout=0.1)
    async with SandboxProcess("--bot", "dev:token") as sandbox, sandbox.client() as people, bot:
        with pointed(sandbox.url, sandbox.gateway):
            await bot.load_extension("jishaku")
            connection = asyncio.create_task(bot.start(sandbox.token()))
            await people.wait_for_bot("dev")
            yield people
            assert not connection.done()
            await bot.close()
            with contextlib.suppress(asyncio.CancelledError):
                await connection


async def said(people, text: str, contains: str) -> dict:
    since = people.mark()
    await people.send("vilem", "general", text)
    return await people.wait_for_message(channel="general", author="dev", contains=contains, since=since)


async def marked(people, text: str, emoji: str) -> None:
    """The bot's own reaction on the command's message."""
    since = people.mark()
    sent = await people.send("vilem", "general", text)
    await people.wait_for(
        lambda event: (
            event["type"] == "MESSAGE_REACTION_ADD"
            and event["data"]["message_id"] == sent["id"]
            and event["data"]["emoji"]["name"] == emoji
        ),
        since=since,
    )


async def test_it_tells_about_itself(people):
    about = await said(people, "!jsk", "Jishaku v")
    assert "2 guilds and 4 users" in about["content"]


async def test_python_sees_discord(people):
    await said(people, "!jsk py 40 + 2", "42")
    await said(people, "!jsk py _channel.name, _author.name, _guild.member_count", "'general', 'vilem', 4")
    await said(people, "!jsk py await _channel.create_thread(name='by hand', message=_message)", "by hand")
    await marked(people, "!jsk py 1 / 0", "‼")


async def test_a_file_is_sent(people):
    await people.send("vilem", "general", f"!jsk cat {ROOT / 'LICENSE'}")
    shown = await people.wait_for(lambda event: (event.get("message") or {}).get("attachments"))
    assert shown["message"]["attachments"][0]["filename"] == "LICENSE"


async def test_what_is_long_is_paged_with_buttons(people):
    shown = await said(people, "!jsk sh seq 3000", "[status] Return code 0")
    buttons = [part for row in shown["components"] for part in row["components"]]
    assert "2999" in shown["content"]
    since = people.mark()
    await people.click("vilem", "general", shown["id"], buttons[0]["custom_id"])
    turned = await people.wait_for(lambda event: event["type"] == "MESSAGE_UPDATE", since=since)
    assert "seq 3000" in turned["message"]["content"]


async def test_a_shell_is_shown_as_it_goes(people):
    await said(people, "!jsk sh echo ahoj && exit 3", "[status] Return code 3")


async def test_round_trips_are_measured_by_edits(people):
    await said(people, "!jsk rtt", "Reading 5")


async def test_permissions_are_traced(people):
    await said(people, "!jsk permtrace <#1000000000000000111> <@1000000000000000003>", "")


async def test_nobody_else_may(people):
    since = people.mark()
    sent = await people.send("cizinec", "general", "!jsk py 1")
    await said(people, "!jsk py 2 + 3", "5")
    assert not [e for e in people.seen[since:] if e.get("data", {}).get("message_id") == sent["id"]]
