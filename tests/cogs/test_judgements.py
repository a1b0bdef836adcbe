"""Thumbs, consent and /privacy: nothing is kept of people who have not agreed."""

import asyncio
import json
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlalchemy import delete

from patzta.framework.gate import DATABASE
from patzta.sandbox.world import FRIEND, OWNER
from patzta.store import people
from patzta.store.tables import JudgementRow, PersonRow
from tests.cogs.test_communication import saying
from tests.cogs.test_context import fresh

UP, DOWN = "👍", "👎"


async def kept(talk) -> list[people.Judgement]:
    async with talk.bot.services.get(DATABASE).read() as session:
        return await people.judgements(session)


async def until_kept(talk, count: int) -> list[people.Judgement]:
    async with asyncio.timeout(10):
        while len(found := await kept(talk)) != count:
            await asyncio.sleep(0.01)
    return found


@pytest_asyncio.fixture(loop_scope="package")
async def strangers(talk) -> None:
    """Nobody has been asked yet."""
    async with talk.bot.services.get(DATABASE).write() as session:
        await session.execute(delete(JudgementRow))
        await session.execute(delete(PersonRow))


pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.usefixtures("strangers")]


async def press(talk, person: str, message: dict, custom_id: str) -> str:
    interaction = await talk.people.click(person, message["channel_id"], message["id"], custom_id)
    return (await talk.people.answer(interaction))["content"]


async def judged(talk, model, emoji: str = UP) -> tuple[str, dict]:
    channel = await fresh(talk)
    model.script = saying("jedna", "dvě")
    said = await talk.ask("bara", channel, "jak se máš?")
    mark = talk.people.mark()
    await talk.people.react("bara", channel, said[1]["id"], emoji)
    question = await talk.people.wait_for_message(channel=channel, contains="may I keep", since=mark)
    return channel, question


async def test_a_judgement_is_kept_once_everybody_has_agreed(talk, model) -> None:
    _, question = await judged(talk, model)
    assert f"<@{FRIEND}>" in question["content"]
    assert question["mentions"] == []
    assert await kept(talk) == []
    assert "Thank you" in await press(talk, "bara", question, "consent:yes")
    (judgement,) = await until_kept(talk, 1)
    assert (judgement.judge_id, judgement.verdict, judgement.answer) == (int(FRIEND), 1, "jedna\ndvě")
    assert [message["text"] for message in json.loads(judgement.context)["messages"]] == ["jak se máš?"]
    assert judgement.people == {int(FRIEND)}


async def test_who_says_no_is_not_asked_again_and_nothing_is_kept(talk, model) -> None:
    channel, question = await judged(talk, model, DOWN)
    await press(talk, "bara", question, "consent:no")
    (said, *_) = await talk.ask("bara", channel, "a teď?")
    mark = talk.people.mark()
    await talk.people.react("bara", channel, said["id"], DOWN)
    await talk.ask("bara", channel, "už nic")
    new = [event for event in talk.people.seen[mark:] if "may I keep" in event.get("message", {}).get("content", "")]
    assert new == []
    assert await kept(talk) == []


async def test_a_thumb_taken_back_is_forgotten(talk, model) -> None:
    channel, question = await judged(talk, model)
    await press(talk, "bara", question, "consent:yes")
    (judgement,) = await until_kept(talk, 1)
    await talk.people.unreact("bara", channel, str(judgement.message_id), UP)
    await until_kept(talk, 0)


async def test_privacy_shows_and_deletes_what_is_kept(talk, model) -> None:
    channel, question = await judged(talk, model)
    await press(talk, "bara", question, "consent:yes")
    await until_kept(talk, 1)
    answer = await talk.people.answer(await talk.people.command("bara", channel, "privacy"))
    assert "keep your words: **yes**" in answer["content"]
    assert "judgements by you or with your words: 1" in answer["content"]
    assert "deleted" in await press(talk, "bara", answer, "privacy:delete")
    assert await kept(talk) == []
    async with talk.bot.services.get(DATABASE).read() as session:
        assert (await people.find(session, int(FRIEND))).consents is False
    assert "Thank you" in await press(talk, "bara", answer, "privacy:agree")
    assert "deleted" in await press(talk, "bara", answer, "privacy:stop")


async def test_another_reaction_or_an_old_message_is_no_judgement(talk, model) -> None:
    channel = await fresh(talk)
    async with talk.bot.services.get(DATABASE).write() as session:
        await people.consent(session, int(FRIEND), given=True)
        await people.consent(session, int(OWNER), given=True)
    model.script = saying("ok")
    (said,) = await talk.ask("bara", channel, "jo?")
    await talk.people.react("bara", channel, said["id"], "🎉")
    own = await talk.people.send("bara", channel, "! moje")
    await talk.people.react("bara", channel, own["id"], UP)
    await talk.people.react("bara", channel, said["id"], UP + "🏽")
    assert [judgement.verdict for judgement in await until_kept(talk, 1)] == [1]


async def test_about_and_profile(talk, model) -> None:
    model.double = "Vilém"
    talk.bot.get_cog("About")._talk.eyes._double = ""
    channel = await fresh(talk)
    answer = await talk.people.answer(await talk.people.command("bara", channel, "about"))
    assert "AI double" in answer["content"]
    assert "Vilém's own chats" in answer["content"]
    assert "goes to a model on my owner's own machine" in answer["content"]
    own = (await talk.people.open_dm("vilem", "patztabot22"))["id"]
    answer = await talk.people.answer(await talk.people.command("vilem", own, "profile"))
    assert "I am an AI double" in answer["content"]
    assert (await talk.bot.application_info()).description.startswith("I am an AI double")
    talk.bot.get_cog("About")._talk.eyes._double = ""


async def test_about_tells_of_a_server_that_has_the_model(talk, monkeypatch) -> None:
    elsewhere = replace(talk.bot.settings, model=replace(talk.bot.settings.model, engine="openai"))
    monkeypatch.setattr(talk.bot, "settings", elsewhere)
    answer = await talk.people.answer(await talk.people.command("bara", await fresh(talk), "about"))
    assert "goes to a server that my owner has named" in answer["content"]
    assert "own machine" not in answer["content"]


async def test_who_wants_another_answer_did_not_like_this_one(talk, model) -> None:
    channel, question = await judged(talk, model)
    await press(talk, "bara", question, "consent:yes")
    await until_kept(talk, 1)
    _, second = await talk.ask("bara", channel, "a teď?")
    model.script = saying("jinak")
    await talk.people.use_menu("bara", channel, second["id"], "Regenerate")
    *_, judgement = await until_kept(talk, 2)
    assert (judgement.judge_id, judgement.verdict, judgement.answer) == (int(FRIEND), -1, "jedna\ndvě")
    assert [message["text"] for message in json.loads(judgement.context)["messages"]][-1] == "a teď?"
