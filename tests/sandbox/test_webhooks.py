"""Webhooks of channels."""

import discord
import pytest


@pytest.fixture
def general(bot) -> discord.TextChannel:
    return discord.utils.get(bot.get_all_channels(), name="general")


async def test_a_webhook_posts_edits_and_deletes(bot, people, general):
    webhook = await general.create_webhook(name="Captain")
    assert await bot.happened("webhooks_update") == (general,)
    sent = await webhook.send("Ahoy @everyone", username="First mate", wait=True)
    heard = await people.wait_for_message(channel="general", contains="Ahoy")
    assert (heard["author"]["username"], heard["webhook_id"]) == ("First mate", str(webhook.id))
    assert heard["mention_everyone"]
    (message,) = await bot.happened("message")
    assert (message.author.name, message.webhook_id) == ("First mate", webhook.id)
    assert (await sent.edit(content="Aye", embed=discord.Embed(title="Ship"))).embeds[0].title == "Ship"
    assert (await webhook.fetch_message(sent.id)).content == "Aye"
    await sent.delete()
    with pytest.raises(discord.NotFound) as gone:
        await webhook.fetch_message(sent.id)
    assert gone.value.code == 10008
    assert await webhook.send("without waiting") is None


async def test_webhooks_are_found_renamed_and_removed(bot, general):
    webhook = await general.create_webhook(name="Captain")
    assert [one.id for one in await general.webhooks()] == [one.id for one in await general.guild.webhooks()]
    renamed = await webhook.edit(name="Admiral")
    assert (await bot.fetch_webhook(webhook.id)).name == renamed.name == "Admiral"
    await webhook.delete()
    with pytest.raises(discord.NotFound) as gone:
        await bot.fetch_webhook(webhook.id)
    assert gone.value.code == 10015
    with pytest.raises(discord.NotFound):
        await webhook.send("from nowhere")


async def test_the_secret_is_needed(bot, general):
    webhook = await general.create_webhook(name="Captain")
    stranger = discord.Webhook.partial(webhook.id, "x" * 60, client=bot)
    with pytest.raises(discord.HTTPException) as refused:
        await stranger.send("let me in")
    assert refused.value.code == 50027
    with pytest.raises(discord.HTTPException) as named:
        await general.create_webhook(name="Discord himself")
    assert named.value.code == 50035


async def test_a_webhook_posts_into_threads_of_its_channel_only(bot, people, general):
    webhook = await general.create_webhook(name="Captain")
    thread = await (await general.send("a topic")).create_thread(name="About it")
    await webhook.send("inside", thread=thread, wait=True)
    assert (await people.wait_for_message(contains="inside"))["channel_id"] == str(thread.id)
    with pytest.raises(discord.NotFound) as elsewhere:
        await webhook.send("outside", thread=discord.Object(1000000000000000112))
    assert elsewhere.value.code == 10003
