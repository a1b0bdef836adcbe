"""Messages, reactions, files and threads between people and an unmodified discord.py bot."""

import asyncio
import io

import discord
import pytest

from patzta.sandbox.errors import ControlError
from tests.sandbox.bot import running
from tests.sandbox.server import SandboxProcess


def channel(bot, name="general"):
    return discord.utils.get(bot.get_all_channels(), name=name)


async def test_a_person_says_ping_and_the_bot_replies(bot, people):
    sent = await people.send("vilem", "general", "ping")
    reply = await people.wait_for_message(channel="general", author="patztabot22")
    assert reply["content"] == "pong"
    assert reply["message_reference"]["message_id"] == sent["id"]
    assert reply["notified"] == [sent["author"]["id"]]
    assert any(event["type"] == "TYPING_START" for event in people.seen)
    assert bot.heard[0].content == "ping"
    assert bot.heard[0].author.name == "vilem"


async def test_the_bot_hears_typing_and_reactions_of_people(bot, people):
    await people.typing("bara", "general")
    where, who, _ = await bot.happened("typing")
    assert (where.name, who.name) == ("general", "bara")
    message = await channel(bot).send("hi")
    await people.react("bara", "general", str(message.id), "🔥")
    reaction, user = await bot.happened("reaction_add")
    assert (str(reaction.emoji), user.name) == ("🔥", "bara")
    await people.unreact("bara", "general", str(message.id), "🔥")
    await bot.happened("reaction_remove")


async def test_the_bot_reacts_and_takes_reactions_off(bot, people):
    sent = await people.send("bara", "general", "look")
    message = await channel(bot).fetch_message(int(sent["id"]))
    await message.add_reaction("👍")
    await people.react("vilem", "general", sent["id"], "👍")
    message = await channel(bot).fetch_message(message.id)
    assert message.reactions[0].count == 2
    assert message.reactions[0].me
    assert {user.name async for user in message.reactions[0].users()} == {"vilem", "patztabot22"}
    await message.remove_reaction("👍", bot.user)
    await message.clear_reactions()
    assert not (await channel(bot).fetch_message(message.id)).reactions


async def test_history_is_paged_both_ways(bot, people):
    for number in range(130):
        await people.send("bara", "random", f"line {number}")
    newest_first = [m.content async for m in channel(bot, "random").history(limit=125)]
    assert newest_first == [f"line {number}" for number in range(129, 4, -1)]
    start = await anext(channel(bot, "random").history(limit=1, oldest_first=True))
    after = [m.content async for m in channel(bot, "random").history(limit=3, after=start, oldest_first=True)]
    assert after == ["what is going on here", "line 0", "line 1"]


async def test_bulk_delete_and_purge(bot, people):
    ids = [await channel(bot).send(str(number)) for number in range(4)]
    await channel(bot).delete_messages(ids[:2])
    deleted = await people.wait_for(lambda event: event["type"] == "MESSAGE_DELETE_BULK")
    assert deleted["data"]["ids"] == [str(message.id) for message in ids[:2]]
    purged = await channel(bot).purge(limit=5, check=lambda message: message.author == bot.user)
    assert len(purged) == 2
    with pytest.raises(discord.HTTPException) as refused:
        await bot.http.delete_messages(channel(bot).id, [ids[0].id])
    assert refused.value.code == 50016


async def test_edit_delete_and_their_refusals(bot, people):
    sent = await people.send("bara", "general", "mine")
    own = await channel(bot).send("first")
    await own.edit(content="second")
    changed = await people.wait_for(lambda event: event["type"] == "MESSAGE_UPDATE")
    assert changed["message"]["content"] == "second"
    assert changed["message"]["edited_timestamp"]
    foreign = await channel(bot).fetch_message(int(sent["id"]))
    with pytest.raises(discord.Forbidden) as refused:
        await foreign.edit(content="stolen")
    assert refused.value.code == 50005
    with pytest.raises(ControlError) as denied:
        await people.delete("cizinec", "general", sent["id"])
    assert denied.value.code == 50013
    await people.edit("bara", "general", sent["id"], "mine, better")
    _, after = await bot.happened("message_edit")
    while after.content != "mine, better":
        _, after = await bot.happened("message_edit")
    await own.delete()
    with pytest.raises(discord.NotFound) as gone:
        await channel(bot).fetch_message(own.id)
    assert gone.value.code == 10008


async def test_limits_of_content(bot):
    with pytest.raises(discord.HTTPException) as too_long:
        await channel(bot).send("x" * 2001)
    assert too_long.value.code == 50035
    assert "content" in too_long.value.text
    with pytest.raises(discord.HTTPException) as empty:
        await channel(bot).send("")
    assert empty.value.code == 50006


async def test_channels_out_of_sight(bot):
    with pytest.raises(discord.NotFound) as unknown:
        await bot.fetch_channel(1)
    assert unknown.value.code == 10003
    assert channel(bot, "staff") is None
    with pytest.raises(discord.Forbidden) as hidden:
        await bot.fetch_channel(1000000000000000113)
    assert hidden.value.code == 50001


async def test_the_same_nonce_makes_one_message(bot, people):
    body = {"content": "once", "nonce": "abc", "enforce_nonce": True}
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=channel(bot).id)
    first, second = [await bot.http.request(route, json=body) for _ in range(2)]
    assert first["id"] == second["id"]
    third = await bot.http.request(route, json=body | {"nonce": "abd"})
    assert third["id"] != first["id"]


async def test_allowed_mentions_decide_who_is_pinged(bot, people):
    text = "<@1000000000000000002> and @everyone"
    quiet = await channel(bot).send(text, allowed_mentions=discord.AllowedMentions.none())
    loud = await channel(bot).send(text, allowed_mentions=discord.AllowedMentions(users=True))
    messages = {message["id"]: message for message in await people.messages("bara", "general")}
    assert messages[str(quiet.id)]["notified"] == messages[str(quiet.id)]["mentions"] == []
    assert messages[str(loud.id)]["notified"] == ["1000000000000000002"]


async def test_files_go_both_ways(bot, people):
    await people.send("bara", "general", files={"note.txt": b"ahoj"})
    (message,) = await bot.happened("message")
    assert await message.attachments[0].read() == b"ahoj"
    await channel(bot).send("here", file=discord.File(io.BytesIO(b"\x00\x01"), "../data.bin", description="bytes"))
    sent = await people.wait_for_message(author="patztabot22", contains="here")
    assert sent["attachments"][0]["filename"] == "data.bin"
    assert sent["attachments"][0]["description"] == "bytes"


async def test_direct_messages_both_ways(bot, people):
    opened = await people.open_dm("cizinec", "patztabot22")
    await people.send("cizinec", opened["id"], "ping")
    reply = await people.wait_for_message(channel=opened["id"], author="patztabot22")
    assert reply["content"] == "pong"
    assert isinstance(bot.heard[0].channel, discord.DMChannel)
    user = await bot.fetch_user(1000000000000000002)
    await user.send("psst")
    assert (await people.wait_for_message(author="patztabot22", contains="psst"))["channel_id"] != opened["id"]


async def test_threads_of_all_kinds(bot, people):
    base = await channel(bot).send("a topic")
    thread = await base.create_thread(name="About it")
    assert thread.id == base.id
    await people.send("bara", str(thread.id), "ping")
    assert (await people.wait_for_message(channel=str(thread.id), contains="pong"))["author"]["bot"]
    alone = await channel(bot).create_thread(name="Alone", type=discord.ChannelType.public_thread)
    await alone.add_user(discord.Object(1000000000000000002))
    assert {member.id for member in await alone.fetch_members()} == {bot.user.id, 1000000000000000002}
    assert {t.name for t in await channel(bot).guild.active_threads()} == {"About it", "Alone"}
    await alone.edit(archived=True)
    assert [t.name async for t in channel(bot).archived_threads()] == ["Alone"]
    made = await people.create_thread("vilem", "random", "By a person")
    (found,) = await bot.happened("thread_create")
    while found.name != "By a person":
        (found,) = await bot.happened("thread_create")
    await bot.get_channel(int(made["id"])).send("I see it")
    await alone.delete()
    await people.wait_for(lambda event: event["type"] == "THREAD_DELETE")


async def test_the_guild_through_rest(bot):
    guild = await bot.fetch_guild(1000000000000000100)
    assert guild.name.startswith("Sanctuary")
    assert {member.name async for member in guild.fetch_members()} >= {"vilem", "bara", "cizinec", "patztabot22"}
    assert {role.name for role in await guild.fetch_roles()} >= {"admin", "mod", "visible"}
    assert "general" in {one.name for one in await guild.fetch_channels()}
    assert (await guild.fetch_member(1000000000000000002)).name == "bara"
    assert (await bot.application_info()).owner.name == "vilem"


async def test_pins(bot, people):
    message = await channel(bot).send("keep this")
    await message.pin()
    assert [pin.content async for pin in channel(bot).pins()] == ["keep this"]
    await message.unpin()
    assert [pin async for pin in channel(bot).pins()] == []


async def test_people_pin_and_the_bot_sees_it(bot, people):
    first, second = [await people.send("bara", "general", text) for text in ("older", "newer")]
    for sent in (second, first):
        await people.pin("vilem", "general", sent["id"])
    assert [one["content"] for one in await people.pins("bara", "general")] == ["older", "newer"]
    assert {pinned.content async for pinned in channel(bot).pins()} == {"older", "newer"}
    await people.unpin("vilem", "general", first["id"])
    assert [one["content"] for one in await people.pins("bara", "general")] == ["newer"]
    with pytest.raises(ControlError, match="Missing Permissions"):
        await people.pin("cizinec", "general", first["id"])


async def test_a_message_counts_in_its_thread(bot, people):
    sent = await people.send("bara", "general", "let us talk")
    thread = await people.create_thread("bara", "general", "talk", sent["id"])
    await people.send("vilem", thread["id"], "about what?")
    assert (await bot.fetch_channel(int(thread["id"]))).message_count == 1, "the one that it starts from is not counted"


async def test_an_unknown_route_is_refused_logged_and_a_problem():
    async with SandboxProcess(check_contract=False) as sandbox, running(sandbox) as bot:
        with pytest.raises(discord.NotFound):
            await bot.http.request(
                discord.http.Route("GET", "/guilds/{guild_id}/integrations", guild_id=1000000000000000100)
            )
        async with asyncio.timeout(5):
            while "UNKNOWN ROUTE GET /api/v10/guilds" not in sandbox.log.read_text():
                await asyncio.sleep(0.01)
        assert sandbox.violations() == ["GET /guilds/1000000000000000100/integrations: the sandbox has no such route"]


async def test_what_the_sandbox_does_not_keep_is_refused(bot):
    with pytest.raises(discord.HTTPException) as refused:
        await channel(bot).send(stickers=[discord.Object(1)])
    assert refused.value.code == 50035


async def test_the_bots_own_servers(bot):
    assert [guild.name async for guild in bot.fetch_guilds()] == [guild.name for guild in bot.guilds]


async def test_private_threads_are_archived_too(bot):
    thread = await channel(bot).create_thread(name="Secret", type=discord.ChannelType.private_thread)
    await thread.edit(archived=True)
    assert [t.name async for t in channel(bot).archived_threads(private=True)] == ["Secret"]
    assert [t.name async for t in channel(bot).archived_threads()] == []
