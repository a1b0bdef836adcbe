"""/generate and /mute, and that enough is enough."""

import pytest

from cogs.communication._limits import Limits
from patzta.chat.transcript import EndOfMessage, Reacted, Replied, Text
from patzta.inference import GenerationFailed
from tests.cogs.test_context import fresh
from tests.running import DIRECT

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_generate_shows_what_the_model_writes(talk, model) -> None:
    model.script = [Reacted("❤"), Text("jj"), EndOfMessage(), Replied(2), Text("@everyone"), EndOfMessage()]
    answer = await talk.people.answer(await talk.people.command("vilem", DIRECT, "generate", {"prompt": "jdeš?"}))
    assert answer["content"] == "[reacts ❤ to 1]\njj\n[re 2] @everyone"
    assert answer["ephemeral_to"]
    assert [message.text for message in model.requests[-1].conversation.messages] == ["jdeš?"]


async def test_generate_says_what_is_wrong(talk, model) -> None:
    model.script = [GenerationFailed("The model is broken.")]
    answer = await talk.people.answer(await talk.people.command("vilem", DIRECT, "generate", {"prompt": "x"}))
    assert "The model is broken." in answer["content"]


async def test_a_muted_place_is_silent_and_nothing_is_answered_later(talk, model) -> None:
    channel = await fresh(talk, "vilem")
    model.script = [Text("ok"), EndOfMessage()]
    answer = await talk.people.answer(await talk.people.command("vilem", channel, "mute", {"minutes": 5}))
    assert "silent here until" in answer["content"]
    assert await talk.ask("vilem", channel, "haló") == []
    await talk.people.answer(await talk.people.command("vilem", channel, "mute", {"minutes": 0}))
    assert len(await talk.ask("vilem", channel, "a teď?")) == 1
    assert len(model.requests) == 1


async def test_enough_is_enough_and_said_once(talk, model, monkeypatch) -> None:
    channel = await fresh(talk)
    model.script = [Text("ok"), EndOfMessage()]
    monkeypatch.setattr(talk.bot.get_cog("Communication"), "_limits", Limits(2, 100))
    said = [[message["content"] for message in await talk.ask("bara", channel, str(n))] for n in range(4)]
    assert said[:2] == [["ok"], ["ok"]]
    assert said[2][0].startswith("! That was a lot")
    assert said[3] == []
