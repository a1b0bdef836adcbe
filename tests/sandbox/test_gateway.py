"""Logging in, intents, dropped sockets and restarts."""

import discord
import pytest

from patzta.sandbox.pointing import pointed
from patzta.sandbox.world import SANCTUARY
from tests.sandbox.bot import Quick, SmallBot, running
from tests.sandbox.server import SandboxProcess


async def test_a_bad_token_is_refused(sandbox):
    with pointed(sandbox.url, sandbox.gateway):
        async with SmallBot() as bot:
            with pytest.raises(discord.LoginFailure):
                await bot.login("wrong")


async def test_members_are_complete_after_login(bot):
    guild = bot.get_guild(1000000000000000100)
    assert {member.name for member in guild.members} == {"vilem", "bara", "cizinec", "patztabot22"}
    assert [role.name for role in guild.get_member(1000000000000000002).roles] == ["@everyone", "visible"]
    assert len(bot.guilds) == 2


async def test_what_happened_while_the_socket_was_down_is_replayed(bot, people):
    assert await people.drop("patztabot22") == 1
    await people.wait_for(lambda event: event["type"] == "BOT_STATUS" and not event["data"]["online"])
    await people.send("vilem", "general", "ping")
    await people.wait_for_message(author="patztabot22", contains="pong", timeout=15)
    assert len(bot.heard) == 1
    await bot.happened("resumed")


async def test_a_reconnect_on_request_resumes(bot, people):
    await people.drop("patztabot22", "reconnect")
    await bot.happened("resumed")
    await people.send("vilem", "general", "ping")
    await people.wait_for_message(contains="pong")


async def test_privileged_intents_can_be_switched_off():
    async with SandboxProcess("--without-intent", "message_content") as sandbox:
        with pointed(sandbox.url, sandbox.gateway):
            async with SmallBot(discord.Intents.all()) as bot:
                with pytest.raises(discord.PrivilegedIntentsRequired):
                    await bot.start(sandbox.token())


async def test_without_the_content_intent_text_is_blank_except_where_it_is_free(sandbox, people):
    intents = discord.Intents.default()
    async with running(sandbox, SmallBot(intents)) as bot:
        await people.send("vilem", "general", "hidden")
        await people.send("vilem", "general", f"<@{bot.user.id}> shown")
        direct = await people.open_dm("vilem", "patztabot22")
        await people.send("vilem", direct["id"], "direct")
        texts = [(await bot.happened("message"))[0].content for _ in range(3)]
        assert texts == ["", f"<@{bot.user.id}> shown", "direct"]


async def test_events_without_their_intent_stay_away(sandbox, people):
    intents = discord.Intents(guilds=True, dm_messages=True)
    async with running(sandbox, SmallBot(intents)) as bot:
        await people.send("vilem", "general", "not for you")
        direct = await people.open_dm("vilem", "patztabot22")
        await people.send("vilem", direct["id"], "for you")
        (message,) = await bot.happened("message")
        assert message.content == "for you"


async def test_two_bots_hear_each_other():
    async with (
        SandboxProcess("--bot", "one:token-1", "--bot", "two:token-2") as sandbox,
        running(sandbox, name="one") as one,
        running(sandbox, name="two") as two,
    ):
        await discord.utils.get(one.get_all_channels(), name="general").send("hello")
        (message,) = await two.happened("message")
        assert (message.author.name, message.author.bot) == ("one", True)


async def test_presence_on_the_page(sandbox, people):
    async with running(sandbox):
        await people.wait_for(lambda event: event["type"] == "BOT_STATUS" and event["data"]["online"])
    await people.wait_for(lambda event: event["type"] == "BOT_STATUS" and not event["data"]["online"])


async def test_an_invalid_session_begins_anew(sandbox, people):
    async with running(sandbox, Quick()) as bot:
        await bot.happened("ready")
        first = bot.ws.session_id
        await people.drop("patztabot22", "invalid")
        await bot.happened("ready")
        assert bot.ws.session_id != first
        await people.send("vilem", "general", "ping")
        await people.wait_for_message(contains="pong")


async def test_a_bot_hears_of_its_own_roles_without_the_intent_for_members(sandbox, people):
    async with running(sandbox, SmallBot(discord.Intents(guilds=True))) as bot:
        await people.set_roles("vilem", SANCTUARY, "bara", [])
        await people.set_roles("vilem", SANCTUARY, "patztabot22", ["mod"])
        _, after = await bot.happened("member_update")
        assert (after.name, [role.name for role in after.roles]) == ("patztabot22", ["@everyone", "mod"])
