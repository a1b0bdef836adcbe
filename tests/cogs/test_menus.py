"""Answer this, Regenerate, Delete this answer."""

import pytest

from patzta.chat.transcript import EndOfMessage, Text
from patzta.inference import GenerationFailed
from tests.cogs.test_communication import saying, texts
from tests.cogs.test_context import fresh
from tests.running import DIRECT, eventually

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_any_message_can_be_answered(talk, model) -> None:
    model.script = saying("jo")
    sent = await talk.people.send("bara", "random", "jde někdo?")
    await talk.people.use_menu("vilem", "random", sent["id"], "Answer this")
    answer = await talk.people.wait_for_message(channel="random", author="patztabot22", contains="jo")
    assert int(answer["id"]) > int(sent["id"])
    assert model.requests[-1].conversation.messages[-1].text == "jde někdo?"


async def test_what_it_does_not_see_it_does_not_answer(talk, model) -> None:
    sent = await talk.people.send("vilem", "random", "! poznámka")
    interaction = await talk.people.use_menu("vilem", "random", sent["id"], "Answer this")
    assert "do not see" in (await talk.people.answer(interaction))["content"]
    assert model.requests == []


async def test_an_answer_is_given_anew(talk, model) -> None:
    channel = await fresh(talk)
    model.script = saying("špatně", "fakt špatně")
    first, second = await talk.ask("bara", channel, "kolik je hodin?")
    model.script = saying("pět")
    await talk.people.use_menu("bara", channel, second["id"], "Regenerate")
    await talk.people.wait_for_message(channel=channel, contains="pět")
    history = await talk.people.messages("bara", channel)
    assert texts(history)[-2:] == ["kolik je hodin?", "pět"]
    assert not {first["id"], second["id"]} & {message["id"] for message in history}
    assert model.requests[-1].conversation.messages[-1].text == "kolik je hodin?"


async def test_whom_it_answered_may_delete_an_answer_and_others_may_not(talk, model) -> None:
    model.script = saying("jedna", "dvě")
    first, _ = await talk.ask("vilem", DIRECT, "řekni něco")
    answer = await talk.people.answer(await talk.people.use_menu("bara", DIRECT, first["id"], "Delete this answer"))
    assert answer["content"].startswith("Only the person whom it answers")
    await talk.people.use_menu("vilem", DIRECT, first["id"], "Delete this answer")

    def gone() -> bool:
        deleted = {event["data"]["id"] for event in talk.people.seen if event["type"] == "MESSAGE_DELETE"}
        return first["id"] in deleted

    await eventually(gone)
    mine = await talk.people.send("vilem", DIRECT, "! moje")
    answer = await talk.people.answer(await talk.people.use_menu("vilem", DIRECT, mine["id"], "Regenerate"))
    assert answer["content"] == "That is no answer of mine, or an old one."


async def test_a_model_that_fails_is_said_to_who_asked(talk, model) -> None:
    model.script = [GenerationFailed("broken")]
    sent = await talk.people.send("bara", "random", "a co teď?")
    answer = await talk.people.answer(await talk.people.use_menu("bara", "random", sent["id"], "Answer this"))
    assert "broken" in answer["content"]
    model.script = [Text("ok"), EndOfMessage()]
    assert texts(await talk.ask("bara", DIRECT, "a teď?")) == ["ok"]
