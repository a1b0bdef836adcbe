"""What the double sees: everything that visible people mean, and nothing else."""

import pytest

from patzta.chat.conversation import Reaction
from patzta.chat.transcript import EndOfMessage, Text, Transcript
from patzta.sandbox.world import FRIEND
from tests.running import DIRECT, eventually

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def fresh(talk, person: str = "bara") -> str:
    """A direct chat that has just been reset."""
    channel = (await talk.people.open_dm(person, "patztabot22"))["id"]
    await talk.people.answer(await talk.people.command(person, channel, "reset"))
    return channel


async def test_a_reset_hides_what_was_before_and_stays_visible(talk, model) -> None:
    model.script = [Text("ok"), EndOfMessage()]
    await talk.ask("bara", DIRECT, "tajemství")
    answer = await talk.people.answer(await talk.people.command("bara", DIRECT, "reset"))
    assert "no longer see" in answer["content"]
    assert not answer["ephemeral_to"]
    await talk.ask("bara", DIRECT, "co víš?")
    assert [message.text for message in model.requests[-1].conversation.messages] == ["co víš?"]


async def test_replies_reactions_edits_and_emoji_are_seen(talk, model) -> None:
    channel = await fresh(talk)
    model.script = [Text("jj"), EndOfMessage()]
    (mine,) = await talk.ask("bara", channel, "jdeš <:pivo:123456789012345678> ven?")
    await talk.people.react("bara", channel, mine["id"], "😂")
    await talk.ask("bara", channel, "kdy")
    first = (await talk.people.messages("bara", channel))[-4]
    await talk.people.edit("bara", channel, first["id"], "jdeš <:pivo:123456789012345678> zítra?")
    sent = await talk.people.send("bara", channel, "tak co", reply_to=first["id"])
    await talk.until_answered(sent)
    conversation = model.requests[-1].conversation
    turns = Transcript(model.requests[-1].double).turns(conversation)
    assert [turn.content for turn in turns] == [
        "Bára Tichá: jdeš :pivo: zítra?",
        "jj",
        "Bára Tichá: [reacts 😂]\nBára Tichá: kdy",
        "jj",
        "Bára Tichá: [re 4] tak co",
    ]
    assert conversation.messages[1].reactions == (Reaction("Bára Tichá", "😂"),)


async def test_an_edit_of_the_message_at_hand_changes_the_answer(talk, model) -> None:
    channel = await fresh(talk)
    model.script = [Text("ok"), EndOfMessage()]
    model.go.clear()
    sent = await talk.people.send("bara", channel, "kolik je 2+2")
    await eventually(lambda: model.requests)
    await talk.people.edit("bara", channel, sent["id"], "kolik je 3+3")
    await eventually(lambda: len(model.requests) > 1)
    model.go.set()
    await talk.until_answered(sent)
    assert model.requests[-1].conversation.messages[-1].text == "kolik je 3+3"
    assert len(await talk.said("bara", channel, sent)) == 1


@pytest.mark.parametrize("how", ["delete", "hide"])
async def test_what_is_taken_back_is_not_answered(talk, model, how) -> None:
    channel = await fresh(talk)
    model.script = [Text("ok"), EndOfMessage()]
    model.go.clear()
    sent = await talk.people.send("bara", channel, "nic")
    await eventually(lambda: model.requests)
    if how == "delete":
        await talk.people.delete("bara", channel, sent["id"])
    else:
        await talk.people.edit("bara", channel, sent["id"], "! nic")
    place = talk.bot.places[int(channel)]
    await eventually(lambda: not place.waiting)
    model.go.set()
    assert await talk.said("bara", channel, sent) == []


async def test_the_real_one_is_somebody_else_and_aliases_name_people(talk, model) -> None:
    model.double = "Vilém Jestřáb"
    talk.bot.get_cog("TalkCommands")._talk.eyes._double = ""
    model.script = [Text("ok"), EndOfMessage()]
    await talk.people.answer(await talk.people.command("bara", DIRECT, "reset"))
    options = {"user": "bara", "name": "Barča"}
    answer = await talk.people.answer(await talk.people.command("vilem", DIRECT, "alias", options))
    assert answer["content"] == f"<@{FRIEND}> is **Barča** to me."
    await talk.ask("bara", DIRECT, "ahoj")
    await talk.ask("vilem", DIRECT, "čau")
    assert [message.author for message in model.requests[-1].conversation.messages] == [
        "Barča",
        "patztabot22",
        "Vilém Jestřáb (the real one)",
    ]
    answer = await talk.people.answer(await talk.people.command("vilem", DIRECT, "alias", {"user": "bara"}))
    assert answer["content"].endswith("has their own name again.")
    talk.bot.get_cog("TalkCommands")._talk.eyes._double = ""


async def test_the_beginning_of_what_it_sees_moves_in_large_steps(talk, model) -> None:
    channel = await fresh(talk)
    model.script = [Text("ok"), EndOfMessage()]
    starts = []
    for number in range(60):
        await talk.ask("bara", channel, str(number))
        starts.append(model.requests[-1].conversation.messages[0].text)
    assert len(set(starts)) == 2, "within 60 to 90 messages it moves once"
    assert len(model.requests[-1].conversation.messages) >= 60
