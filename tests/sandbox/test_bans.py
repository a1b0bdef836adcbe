"""Bans, and bots that leave."""

import discord
import pytest
import pytest_asyncio

from patzta.sandbox.errors import ControlError
from patzta.sandbox.world import CAFE, FRIEND, OWNER, SANCTUARY, STRANGER
from tests.sandbox.bot import SmallBot, running
from tests.sandbox.server import SandboxProcess

HOUR = 3600


@pytest_asyncio.fixture
async def guild(bot, people) -> discord.Guild:
    """The guild, where the bot has the highest role but the owner's."""
    await people.set_roles("vilem", SANCTUARY, "patztabot22", ["admin"])
    await bot.happened("member_update")
    return bot.get_guild(int(SANCTUARY))


async def test_a_ban_sends_away_and_keeps_away(bot, people, guild):
    member = guild.get_member(int(STRANGER))
    await member.ban(reason="too loud, příliš")
    assert await bot.happened("member_ban") == (guild, member)
    assert await bot.happened("member_remove") == (member,)
    with pytest.raises(ControlError) as refused:
        await people.join("cizinec", SANCTUARY)
    assert refused.value.code == 40007
    entry = await guild.fetch_ban(member)
    assert (entry.user, entry.reason) == (member, "too loud, příliš")
    await guild.unban(member)
    assert (await bot.happened("member_unban"))[1] == member
    await people.join("cizinec", SANCTUARY)
    with pytest.raises(discord.NotFound) as gone:
        await guild.unban(member)
    assert gone.value.code == 10026


async def test_the_last_messages_go_too(bot, people, guild):
    await people.send("cizinec", "general", "old")
    await people.move_clock(2 * HOUR)
    kept = await people.send("bara", "general", "mine")
    for channel in ("general", "random"):
        await people.send("cizinec", channel, "new")
    await guild.ban(discord.Object(int(STRANGER)), delete_message_seconds=HOUR)
    for _ in range(2):
        await bot.happened("raw_bulk_message_delete")
    said = [one["content"] for one in await people.messages("vilem", "general")]
    assert (said[-2:], "new" in said) == (["old", kept["content"]], False)


async def test_who_may_ban_whom(bot, people, guild):
    with pytest.raises(discord.Forbidden):
        await guild.owner.ban()
    with pytest.raises(discord.NotFound) as nobody:
        await guild.ban(discord.Object(5))
    assert nobody.value.code == 10013
    with pytest.raises(discord.HTTPException) as long:
        await guild.ban(discord.Object(int(STRANGER)), delete_message_seconds=7 * 24 * HOUR + 1)
    assert long.value.code == 50035
    with pytest.raises(discord.Forbidden):
        await bot.get_guild(int(CAFE)).ban(discord.Object(int(STRANGER)))
    with pytest.raises(ControlError) as refused:
        await people.ban("cizinec", SANCTUARY, "bara")
    assert refused.value.code == 50013


async def test_a_person_bans(bot, people, guild):
    await people.ban("vilem", SANCTUARY, "bara", "holiday")
    assert (await bot.happened("member_ban"))[1].id == int(FRIEND)
    assert [(one.user.name, one.reason) async for one in guild.bans()] == [("bara", "holiday")]
    await people.unban("vilem", SANCTUARY, "bara")
    await bot.happened("member_unban")
    assert [one async for one in guild.bans()] == []


async def test_many_at_once(bot, people, guild):
    people_ids = [discord.Object(int(one)) for one in (FRIEND, STRANGER, OWNER)]
    done = await guild.bulk_ban(people_ids)
    assert ({one.id for one in done.banned}, [one.id for one in done.failed]) == (
        {int(FRIEND), int(STRANGER)},
        [int(OWNER)],
    )
    assert [one.user.id async for one in guild.bans(limit=1, after=discord.Object(int(FRIEND)))] == [int(STRANGER)]
    assert [one.user.id async for one in guild.bans(before=discord.Object(int(STRANGER)))] == [int(FRIEND)]
    with pytest.raises(discord.HTTPException) as failed:
        await guild.bulk_ban([discord.Object(int(OWNER))])
    assert failed.value.code == 500000


async def test_without_the_intent_bans_are_not_told(sandbox, people):
    intents = discord.Intents(guilds=True, members=True)
    async with running(sandbox, SmallBot(intents)) as bot:
        await people.ban("vilem", SANCTUARY, "cizinec")
        await bot.happened("member_remove")
        assert await people.dispatches("GUILD_BAN_ADD") == []


async def test_a_bot_leaves_and_hears_no_more(bot, people):
    guild = bot.get_guild(int(SANCTUARY))
    await guild.leave()
    assert await bot.happened("guild_remove") == (guild,)
    assert [one.id for one in bot.guilds] == [int(CAFE)]
    with pytest.raises(discord.Forbidden):
        await bot.fetch_guild(int(SANCTUARY))
    with pytest.raises(discord.NotFound):
        await guild.leave()
    assert await people.commands("vilem", "general") == []
    await people.send("vilem", "general", "ping")
    await people.set_roles("vilem", SANCTUARY, "bara", [])
    await people.send("vilem", "Kafe u Řeky/general", "ping")
    await people.wait_for_message(channel="Kafe u Řeky/general", contains="pong")
    assert [one.channel.guild.id for one in bot.heard] == [int(CAFE)]
    after_leaving = await people.dispatches(bot="patztabot22")
    names = [one["event"] for one in after_leaving[after_leaving.index((await people.dispatches("GUILD_DELETE"))[0]) :]]
    assert "GUILD_MEMBER_UPDATE" not in names


async def test_one_bot_sends_another_away():
    async with (
        SandboxProcess("--bot", "one:token-1", "--bot", "two:token-2") as sandbox,
        sandbox.client() as people,
        running(sandbox, name="one") as one,
        running(sandbox, name="two") as two,
    ):
        await people.set_roles("vilem", SANCTUARY, "one", ["admin"])
        await one.happened("member_update")
        guild = one.get_guild(int(SANCTUARY))
        await guild.get_member(two.user.id).kick()
        assert (await two.happened("guild_remove"))[0].id == guild.id
        assert (await one.happened("member_remove"))[0].id == two.user.id
        assert "two" not in [role.name for role in guild.roles]


async def test_people_send_a_bot_away_and_bring_it_in(bot, people):
    guild = bot.get_guild(int(SANCTUARY))
    with pytest.raises(ControlError) as refused:
        await people.kick("cizinec", SANCTUARY, "patztabot22")
    assert refused.value.code == 50013
    await people.kick("vilem", SANCTUARY, "patztabot22")
    assert await bot.happened("guild_remove") == (guild,)
    with pytest.raises(ControlError) as denied:
        await people.invite("cizinec", SANCTUARY, "patztabot22")
    assert denied.value.code == 50013
    await people.invite("vilem", SANCTUARY, "patztabot22")
    (joined,) = await bot.happened("guild_join")
    assert (joined.id, joined.me.top_role.name) == (int(SANCTUARY), "patztabot22")
    assert {member.name for member in joined.members} == {"vilem", "bara", "cizinec", "patztabot22"}
    await people.send("vilem", "general", "ping")
    await people.wait_for_message(channel="general", contains="pong")


async def test_a_banned_bot_is_not_brought_in(bot, people):
    await people.ban("vilem", SANCTUARY, "patztabot22")
    await bot.happened("guild_remove")
    with pytest.raises(ControlError) as refused:
        await people.invite("vilem", SANCTUARY, "patztabot22")
    assert refused.value.code == 40007
