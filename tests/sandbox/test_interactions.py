"""Slash commands, components and forms with an unmodified discord.py bot."""

import pytest

from patzta.sandbox.errors import ControlError

BARA = "1000000000000000002"


async def test_an_ephemeral_answer_is_for_one_person_and_in_no_history(bot, people):
    answer = await people.answer(await people.command("vilem", "general", "ping"))
    assert answer["content"] == "Pong."
    assert answer["ephemeral_to"] == "1000000000000000001"
    assert answer["id"] not in {message["id"] for message in await people.messages("vilem", "general")}
    assert not bot.heard


async def test_options_are_resolved(bot, people):
    options = {"user": "bara", "channel": "1000000000000000112"}
    answer = await people.answer(await people.command("vilem", "general", "who", options))
    assert answer["content"] == "bara in random"
    answer = await people.answer(await people.command("vilem", "general", "permissions get", {"user": BARA}))
    assert answer["content"] == f"level of <@{BARA}>"


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("nothing", {}, 10063),
        ("permissions", {}, 10063),
        ("who", {}, 50035),
        ("who", {"user": "nobody"}, 50035),
        ("number", {"value": "many"}, 50035),
        ("number", {"value": 11}, 50035),
        ("ping", {"extra": 1}, 50035),
    ],
)
async def test_bad_input_never_reaches_the_bot(bot, people, name, options, code):
    with pytest.raises(ControlError) as refused:
        await people.command("vilem", "general", name, options)
    assert refused.value.code == code


@pytest.mark.parametrize("hidden", [True, False])
async def test_the_first_follow_up_fills_the_deferred_message(bot, people, hidden):
    interaction = await people.command("vilem", "general", "slow", {"hidden": hidden})
    first = await people.answer(interaction)
    thinking = next(e["message"] for e in people.seen if e.get("message", {}).get("interaction_id") == interaction)
    assert thinking["flags"] & 128
    assert (first["id"], first["content"]) == (thinking["id"], "first")
    assert bool(first["ephemeral_to"]) is hidden
    second = await people.wait_for_message(contains="second")
    assert second["id"] != first["id"]


async def test_autocomplete(bot, people):
    found = await people.autocomplete("vilem", "general", "fruit", "name", {"name": "ap"})
    assert [choice["value"] for choice in found] == ["apple", "apricot"]


async def test_buttons_selects_and_forms(bot, people):
    panel = await people.answer(await people.command("vilem", "general", "panel"))
    await people.click("bara", "general", panel["id"], "press")
    await people.wait_for_message(contains="pressed")
    thanks = await people.wait_for_message(contains="thanks")
    assert thanks["ephemeral_to"] == BARA
    await people.choose("bara", "general", panel["id"], "fruit", ["Pear"])
    await people.wait_for_message(contains="chose Pear")
    opened = await people.click("bara", "general", panel["id"], "form")
    assert (await people.wait_for_modal(opened))["title"] == "A form"
    with pytest.raises(ControlError):
        await people.submit("bara", opened, {"word": "x" * 21})
    answer = await people.answer(await people.submit("bara", opened, {"word": "tree"}))
    assert answer["content"] == "you wrote tree"


async def test_who_may_use_a_command(bot, people):
    def names(commands):
        return {command["name"] for command in commands}

    assert "silent" in names(await people.commands("vilem", "general"))
    assert "silent" not in names(await people.commands("cizinec", "general"))
    with pytest.raises(ControlError):
        await people.command("cizinec", "general", "silent")
    direct = await people.open_dm("cizinec", "patztabot22")
    answer = await people.answer(await people.command("cizinec", direct["id"], "ping"))
    assert answer["content"] == "Pong."


async def test_a_late_answer_is_unknown(bot, people):
    interaction = await people.command("vilem", "general", "silent")
    (late,) = await bot.happened("interaction")
    with pytest.raises(ControlError, match="did not respond"):
        await people.answer(interaction)
    with pytest.raises(Exception, match="10062"):
        await late.response.send_message("too late")


async def test_an_interaction_is_acknowledged_once(bot, people):
    await people.command("vilem", "general", "silent")
    (interaction,) = await bot.happened("interaction")
    await interaction.response.defer()
    interaction.response._response_type = None
    with pytest.raises(Exception, match="40060"):
        await interaction.response.defer()
    await interaction.edit_original_response(content="done")
    assert (await interaction.original_response()).content == "done"
    await interaction.delete_original_response()
    await people.wait_for(lambda event: event["type"] == "MESSAGE_DELETE")


async def test_commands_keep_their_ids_when_synced_again(bot):
    before = {command.name: command.id for command in await bot.tree.fetch_commands()}
    await bot.tree.sync()
    assert before == {command.name: command.id for command in await bot.tree.fetch_commands()}
    one = await bot.tree.fetch_command(before["ping"])
    await one.edit(description="Say pong again")
    await one.delete()
    assert "ping" not in {command.name for command in await bot.tree.fetch_commands()}


async def test_the_page_hears_of_commands(bot, people):
    await bot.tree.sync()
    event = await people.wait_for(lambda event: event["type"] == "COMMANDS_UPDATE")
    assert "fruit" in {command["name"] for command in event["data"]["commands"]}


async def test_a_message_has_a_menu(bot, people):
    sent = await people.send("bara", "general", "ahoj")
    answer = await people.answer(await people.use_menu("vilem", "general", sent["id"], "Shout"))
    assert answer["content"] == "AHOJ"
    assert "Shout" not in {command["name"] for command in await people.commands("vilem", "general")}
    with pytest.raises(ControlError) as refused:
        await people.use_menu("vilem", "general", sent["id"], "ping")
    assert refused.value.code == 10063


async def test_the_application_has_a_description(bot):
    about = await bot.application_info()
    await about.edit(description="I am an AI double.")
    assert (await bot.application_info()).description == "I am an AI double."
