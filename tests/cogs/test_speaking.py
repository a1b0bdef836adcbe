"""Speaking when Discord is in trouble; the first contact; other bots."""

from dataclasses import replace

import discord
import pytest

from patzta.chat.transcript import EndOfMessage, Replied, Text
from patzta.framework.gate import DATABASE
from patzta.store import places
from tests.cogs.test_context import fresh
from tests.running import DIRECT, eventually

pytestmark = pytest.mark.asyncio(loop_scope="package")
MESSAGES = r"/channels/\d+/messages$"


async def test_a_rate_limit_is_waited_out_and_nothing_is_said_twice(talk, model) -> None:
    model.script = [Text("jedna"), EndOfMessage(), Text("dvě"), EndOfMessage()]
    await talk.people.plan_fault(MESSAGES, method="POST", status=429, retry_after=0.2, times=3)
    assert [message["content"] for message in await talk.ask("bara", DIRECT, "ahoj")] == ["jedna", "dvě"]


async def test_a_cut_connection_says_nothing_twice(talk, model) -> None:
    model.script = [Text("jednou"), EndOfMessage()]
    await talk.people.plan_fault(MESSAGES, method="POST", cut=True)
    assert [message["content"] for message in await talk.ask("bara", DIRECT, "ahoj")] == ["jednou"]


async def test_where_it_may_not_write_it_is_silent_and_typing_stops(talk, model, caplog) -> None:
    model.script = [Text("ok"), EndOfMessage()]
    await talk.people.plan_fault(MESSAGES, method="POST", status=403)
    sent = await talk.people.send("bara", DIRECT, "ahoj")
    place = talk.bot.places[int(sent["channel_id"])]
    await eventually(lambda: "not answered" in caplog.text and not place.waiting)
    assert [message["content"] for message in await talk.ask("bara", DIRECT, "a teď?")] == ["ok"]


async def test_typing_that_may_not_be_shown_does_not_matter(talk, model) -> None:
    model.script = [Text("ok"), EndOfMessage()]
    await talk.people.plan_fault("/typing$", status=403)
    assert [message["content"] for message in await talk.ask("bara", DIRECT, "ahoj")] == ["ok"]


async def test_a_thread_that_is_locked_meanwhile_does_not_end_the_listener(talk, model) -> None:
    model.script = [Text("ok"), EndOfMessage()]
    interaction = await talk.people.command("vilem", "random", "thread", {"name": "mizí"})
    thread = (await talk.people.answer(interaction))["content"].removeprefix("Here it is: <#").removesuffix(">")
    model.go.clear()
    await talk.people.send("vilem", thread, "ahoj")
    await eventually(lambda: model.requests)
    await talk.people.change_channel("vilem", thread, archived=True, locked=True)
    model.go.set()
    place = talk.bot.places[int(thread)]
    await eventually(lambda: not place.waiting)
    assert [message["content"] for message in await talk.ask("bara", DIRECT, "a teď?")] == ["ok"]


async def test_it_replies_to_the_message_that_is_meant(talk, model) -> None:
    channel = await fresh(talk)
    model.script = [Text("ok"), EndOfMessage()]
    first = await talk.people.send("bara", channel, "jdeš?")
    await talk.until_answered(first)
    model.script = [Replied(3), Text("na to první: jo"), EndOfMessage(), Replied(99), Text("x"), EndOfMessage()]
    answer, other = await talk.ask("bara", channel, "a test?")
    assert answer["message_reference"]["message_id"] == first["id"]
    assert not other.get("message_reference")


async def test_the_store_knows_whom_it_answered(talk, model) -> None:
    channel = await fresh(talk)
    model.script = [Text("a"), EndOfMessage(), Text("b"), EndOfMessage()]
    sent = await talk.people.send("bara", channel, "kdo?")
    await talk.until_answered(sent)
    said = await talk.said("bara", channel, sent)
    async with talk.bot.services.get(DATABASE).read() as session:
        mark = await places.find(session, int(channel))
        answers = await places.answers_to(session, int(sent["id"]))
    assert (mark.answered, mark.answering, mark.nonce) == (int(sent["id"]), None, None)
    assert [answer.message_id for answer in answers] == [int(message["id"]) for message in said]


async def test_a_person_is_told_once_that_this_is_no_person(talk, model, monkeypatch) -> None:
    model.script = [Text("ok"), EndOfMessage()]
    model.double = "Vilém"
    settings = talk.bot.settings
    greeting = replace(settings.communication, greeting="I am a double of {double}.")
    monkeypatch.setattr(talk.bot, "settings", replace(settings, communication=greeting))
    said = [[message["content"] for message in await talk.ask("bara", DIRECT, text)] for text in ("ahoj", "ahoj")]
    assert said == [["! I am a double of Vilém.", "ok"], ["ok"]]
    assert [message["content"] for message in await talk.ask("vilem", DIRECT, "ahoj")] == ["ok"], "owners know"
    assert "I am a double" not in str(model.requests[-1].conversation)


async def test_a_known_message_is_not_answered_again(talk, model) -> None:
    """As when the gateway repeats it, or the look back after a reconnect finds it."""
    model.script = [Text("ok"), EndOfMessage()]
    channel = await fresh(talk)
    sent = await talk.people.send("bara", channel, "jednou")
    await talk.until_answered(sent)
    place = talk.bot.get_channel(int(channel)) or await talk.bot.fetch_channel(int(channel))
    assert isinstance(place, discord.DMChannel)
    await talk.bot.get_cog("Communication").on_message(await place.fetch_message(int(sent["id"])))
    await talk.bot.get_cog("Communication").on_ready()
    assert len(await talk.said("bara", channel, sent)) == 1
