"""Roles, nicknames, timeouts and channels' exceptions, with Discord's hierarchy."""

from datetime import timedelta

import discord
import pytest
import pytest_asyncio

from patzta.sandbox.errors import ControlError
from patzta.sandbox.world import FRIEND, ROLE_ADMIN, ROLE_MOD, SANCTUARY, STRANGER


@pytest.fixture
def guild(bot) -> discord.Guild:
    return bot.get_guild(int(SANCTUARY))


@pytest_asyncio.fixture
async def admin(bot, people, guild) -> discord.Guild:
    """The guild, where the bot has the highest role but one."""
    await people.set_roles("vilem", SANCTUARY, "patztabot22", ["admin"])
    await bot.happened("member_update")
    return guild


async def test_a_bot_without_the_permission_is_refused(guild):
    with pytest.raises(discord.Forbidden) as refused:
        await guild.create_role(name="mine")
    assert refused.value.code == 50013


async def test_a_role_is_made_given_changed_moved_and_deleted(bot, admin):
    role = await admin.create_role(name="potter", colour=discord.Colour(0x112233), hoist=True, mentionable=True)
    (role,) = await bot.happened("guild_role_create")
    member = admin.get_member(int(FRIEND))
    await member.add_roles(role)
    _, after = await bot.happened("member_update")
    assert role in after.roles
    await role.edit(name="master potter", permissions=discord.Permissions(manage_messages=True))
    _, changed = await bot.happened("guild_role_update")
    while changed != role:
        _, changed = await bot.happened("guild_role_update")
    assert (role.name, role.colour.value, role.permissions.manage_messages) == ("master potter", 0x112233, True)
    await role.edit(position=2)
    assert (await admin.fetch_role(role.id)).position == 2
    await member.remove_roles(role)
    await role.delete()
    await bot.happened("guild_role_delete")
    assert admin.get_role(role.id) is None
    with pytest.raises(discord.NotFound) as gone:
        await admin.fetch_role(role.id)
    assert gone.value.code == 10011


async def test_the_hierarchy_holds(bot, people, admin):
    own = admin.get_role(int(ROLE_ADMIN))
    with pytest.raises(discord.Forbidden):
        await own.edit(name="higher")
    with pytest.raises(discord.Forbidden):
        await admin.get_member(int(STRANGER)).add_roles(own)
    with pytest.raises(discord.Forbidden):
        await admin.owner.edit(nick="subject")
    managed = next(role for role in admin.roles if role.is_bot_managed())
    with pytest.raises(discord.HTTPException) as refused:
        await managed.delete()
    assert refused.value.code == 50028


async def test_a_moderator_gives_nobody_more_than_it_has(bot, people, guild):
    await people.set_roles("vilem", SANCTUARY, "patztabot22", ["mod"])
    with pytest.raises(discord.Forbidden):
        await guild.get_role(int(ROLE_MOD)).edit(permissions=discord.Permissions.all())


async def test_nicknames_and_timeouts(bot, people, admin):
    member = await admin.fetch_member(int(STRANGER))
    edited = await member.edit(nick="Guest")
    assert edited.nick == "Guest"
    await member.timeout(timedelta(hours=1))
    with pytest.raises(ControlError) as silent:
        await people.send("cizinec", "general", "hello?")
    assert silent.value.code == 50013
    await people.move_clock(3601)
    await people.send("cizinec", "general", "hello!")


async def test_exceptions_of_a_channel(bot, people, admin):
    channel = discord.utils.get(admin.text_channels, name="general")
    await channel.set_permissions(admin.default_role, send_messages=False)
    await bot.happened("guild_channel_update")
    assert channel.overwrites_for(admin.default_role).send_messages is False
    with pytest.raises(ControlError):
        await people.send("cizinec", "general", "hello?")
    await channel.set_permissions(admin.default_role, overwrite=None)
    await people.send("cizinec", "general", "hello!")
    with pytest.raises(discord.NotFound) as unknown:
        await bot.http.delete_channel_permissions(channel.id, int(FRIEND))
    assert unknown.value.code == 10009


async def test_a_channel_is_made_and_edited(bot, people, admin):
    friend = admin.get_member(int(FRIEND))
    hidden = {
        admin.default_role: discord.PermissionOverwrite(view_channel=False),
        friend: discord.PermissionOverwrite(),
    }
    channel = await admin.create_text_channel("secret", overwrites=hidden, topic="shh")
    with pytest.raises(ControlError) as unseen:
        await people.send("cizinec", str(channel.id), "hello?")
    assert unseen.value.code == 50001
    changed = await channel.edit(name="open", slowmode_delay=5, nsfw=True, overwrites={}, category=None)
    assert (changed.name, changed.slowmode_delay, changed.nsfw, changed.overwrites) == ("open", 5, True, {})
    await people.send("cizinec", str(channel.id), "hello!")
    assert (await channel.edit(slowmode_delay=0)).slowmode_delay == 0


async def test_channels_change_places(bot, admin):
    channel = discord.utils.get(admin.text_channels, name="general")
    await bot.http.bulk_channel_update(admin.id, [{"id": channel.id, "position": 7}])
    _, after = await bot.happened("guild_channel_update")
    assert after.position == 7


async def test_pins_are_told(bot, people, guild):
    channel = discord.utils.get(guild.text_channels, name="general")
    message = await channel.send("keep")
    await message.pin()
    where, when = await bot.happened("guild_channel_pins_update")
    (pinned,) = [pin async for pin in channel.pins()]
    assert (where, when) == (channel, pinned.pinned_at)
    notice = await people.wait_for(lambda event: (event.get("message") or {}).get("type") == 6)
    assert notice["message"]["message_reference"]["message_id"] == str(message.id)
    await message.unpin()
    assert await bot.happened("guild_channel_pins_update") == (channel, None)


async def test_people_come_go_and_are_sent_away(bot, people, guild):
    await people.leave("cizinec", SANCTUARY)
    assert (await bot.happened("member_remove"))[0].name == "cizinec"
    with pytest.raises(ControlError):
        await people.send("cizinec", "general", "hello?")
    await people.join("cizinec", SANCTUARY)
    (member,) = await bot.happened("member_join")
    assert (member.name, member.guild.system_channel.name) == ("cizinec", "general")
    await people.set_roles("vilem", SANCTUARY, "patztabot22", ["admin"])
    await member.kick()
    await bot.happened("member_remove")
    with pytest.raises(discord.Forbidden):
        await guild.owner.kick()
