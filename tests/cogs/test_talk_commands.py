"""/generate, /mute and /thread; limits, and other bots."""

import pytest

from cogs.communication._limits import HOUR, IN_A_ROW, Limits
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


def test_limits_are_for_an_hour_and_cross_a_reload() -> None:
    limits = Limits(2, 3)
    assert [limits.allow(1, 5, now) for now in (0, 1, 2)] == [True, True, False]
    assert [limits.allow(2, 5, now) for now in (2, 3)] == [True, False]
    after = Limits(2, 3)
    after.take_over(limits.export())
    assert not after.allow(1, 5, 10)
    assert after.allow(1, 5, HOUR + 2)


def test_two_bots_do_not_talk_for_ever() -> None:
    limits = Limits(9, 9)
    assert [limits.may_answer_bot(5) for _ in range(IN_A_ROW + 2)] == [True] * IN_A_ROW + [False] * 2
    limits.person_wrote(5)
    assert limits.may_answer_bot(5)
