"""/blind over the sandbox: only of people who agreed, every vote once, gone when somebody no longer agrees."""

from dataclasses import replace

import aiohttp
import pytest
import pytest_asyncio
from sqlalchemy import delete

from patzta.framework.gate import DATABASE
from patzta.inference.persona import Persona
from patzta.sandbox.world import FRIEND
from patzta.store import people
from patzta.store.tables import BlindRow, PersonRow
from tests.cogs.test_communication import saying
from tests.evaluation.test_blind import ME, SHE, chat, written
from tests.running import eventually

pytestmark = pytest.mark.asyncio(loop_scope="package")
PLACE = "general"


@pytest_asyncio.fixture(loop_scope="package")
async def held_out(talk, tmp_path, monkeypatch) -> None:
    """A model and a dataset with three sessions, about which nobody has agreed to anything yet."""
    model = tmp_path / "model"
    model.mkdir()
    Persona(ME, "base", "", "f" * 64).write(model)
    written(tmp_path, *[chat((SHE, f"co děláš, Vilém? {n}"), (ME, f"nic moc {n}")) for n in range(3)])
    settings = talk.bot.settings
    settings = replace(settings, dataset=tmp_path, model=replace(settings.model, path=model))
    monkeypatch.setattr(talk.bot, "settings", settings)
    async with talk.bot.services.get(DATABASE).write() as session:
        await session.execute(delete(PersonRow))
        await session.execute(delete(BlindRow))


async def agree(talk) -> None:
    async with talk.bot.services.get(DATABASE).write() as session:
        await people.name(session, int(FRIEND), SHE)
        await people.consent(session, int(FRIEND), given=True)


async def run(talk, name: str, **options) -> dict:
    return await talk.people.answer(await talk.people.command("vilem", PLACE, name, options))


async def begun(talk, model) -> list[dict]:
    """The questions of a vote."""
    await agree(talk)
    model.script = saying("mám se dobře", "a ty?")
    last = (await talk.people.messages("vilem", PLACE))[-1]
    assert "3 questions stand here" in (await run(talk, "blind start", count=5))["content"]
    messages = await talk.people.messages("vilem", PLACE, after=last["id"])
    return [message for message in messages if "**first**" in message["content"]]


async def press(talk, person: str, message: dict, choice: str) -> str:
    button = next(item for row in message["components"] for item in row["components"] if choice in item["custom_id"])
    interaction = await talk.people.click(person, PLACE, message["id"], button["custom_id"])
    return (await talk.people.answer(interaction))["content"]


def real(message: dict) -> str:
    """Which reply is the real one."""
    first, _ = message["content"].split("**second**")
    return "first" if "nic moc" in first.split("**first**")[1] else "second"


async def test_nobody_is_asked_about_without_their_consent(talk, model, held_out) -> None:
    answer = await run(talk, "blind start")
    assert "nothing in it is from people who have agreed" in answer["content"]
    assert "/alias" in answer["content"]
    assert model.requests == []


async def test_a_vote_from_beginning_to_end(talk, model, held_out) -> None:
    questions = await begun(talk, model)
    assert len(questions) == 3
    for question in questions:
        assert "Vilém" not in question["content"]
        assert "Bára" not in question["content"]
        assert "> mám se dobře\n> a ty?" in question["content"]
    other = {"first": "second", "second": "first"}
    assert await press(talk, "vilem", questions[0], real(questions[0])) == "Counted."
    assert await press(talk, "vilem", questions[1], real(questions[1])) == "Counted."
    assert await press(talk, "vilem", questions[1], other[real(questions[1])]) == "Counted."
    assert "Your own words" in await press(talk, "bara", questions[0], "first")
    answer = await run(talk, "blind results")
    assert "**1 of 2** votes took the double for the person (95 % interval 9% to 91%); 1 people" in answer["content"]
    async with aiohttp.ClientSession() as session, session.get(answer["attachments"][0]["url"]) as response:
        assert (await response.read()).startswith(b"\x89PNG")
    assert "over" in (await run(talk, "blind stop"))["content"]
    assert await press(talk, "vilem", questions[0], "first") == "This vote is over."
    assert "over." in (await run(talk, "blind results"))["content"]


async def test_questions_go_when_somebody_no_longer_agrees(talk, model, held_out) -> None:
    questions = await begun(talk, model)
    dm = (await talk.people.open_dm("bara", "patztabot22"))["id"]
    privacy = await talk.people.answer(await talk.people.command("bara", dm, "privacy"))
    await talk.people.answer(await talk.people.click("bara", dm, privacy["id"], "privacy:stop"))

    def gone() -> bool:
        deleted = {event["data"]["id"] for event in talk.people.seen if event["type"] == "MESSAGE_DELETE"}
        return {question["id"] for question in questions} <= deleted

    await eventually(gone)
    assert "**0 of 0**" in (await run(talk, "blind results"))["content"]


async def test_without_a_vote_there_is_nothing_to_show(talk, held_out) -> None:
    assert "no vote yet" in (await run(talk, "blind results"))["content"]
    assert "no vote yet" in (await run(talk, "blind stop"))["content"]
