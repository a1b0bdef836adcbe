"""/test answers all test channels anew; /runs shows what was said, side by side."""

import sys
from datetime import timedelta

import aiohttp
import pytest

from patzta.chat.transcript import EndOfMessage, Text
from patzta.framework.gate import DATABASE
from patzta.inference import GenerationFailed
from patzta.store import runs
from tests.cogs.test_communication import saying, texts
from tests.running import DIRECT, eventually

pytestmark = pytest.mark.asyncio(loop_scope="package")
SCENARIOS = ["discussion", "intellectual-question", "introduction", "personal-question", "small-talk"]
CHANNELS = [f"patztabot22-test-{name}" for name in SCENARIOS]


async def finished(talk, run: int, person: str = "vilem") -> str:
    """Run /test to its end; the summary."""
    await talk.people.command(person, DIRECT, "test")
    message = await talk.people.wait_for_message(channel=DIRECT, contains=f"**Run {run}**: done", timeout=30)
    return message["content"]


async def newest(talk) -> int:
    async with talk.bot.services.get(DATABASE).read() as session:
        return max([run.id for run in await runs.newest(session, 1)], default=0)


async def test_all_test_channels_are_answered_anew(talk, model) -> None:
    model.script = saying("první odpověď", "a ještě něco")
    first = await newest(talk) + 1
    summary = await finished(talk, first)
    assert summary.count("✅") == len(CHANNELS)
    assert summary.count("https://discord.com/channels/") == len(CHANNELS)
    model.script = saying("druhá odpověď")
    await talk.people.send("bara", CHANNELS[0], "co si o tom myslíš?")
    mark = talk.people.mark()
    await finished(talk, first + 1)
    for channel in CHANNELS:
        said = [m for m in await talk.people.messages("vilem", channel) if m["author"].get("bot")]
        assert texts(said) == ["druhá odpověď"]
    kinds = [event["type"] for event in talk.people.seen[mark:]]
    assert kinds.count("MESSAGE_DELETE_BULK") == len(CHANNELS), "in bulk where Discord allows"
    asked = [request.conversation.messages[-1].text for request in model.requests[-len(CHANNELS) :]]
    assert "co si o tom myslíš?" in asked
    assert "první odpověď" not in str(model.requests[-len(CHANNELS) :])


async def test_what_is_too_old_for_bulk_is_deleted_one_by_one(talk, model, monkeypatch) -> None:
    model.script = saying("staré", "hodně staré")
    number = await newest(talk) + 1
    await finished(talk, number)
    monkeypatch.setattr(sys.modules["cogs.evaluation._channels"], "BULK_AGE", timedelta(0))
    mark = talk.people.mark()
    await finished(talk, number + 1)
    kinds = [event["type"] for event in talk.people.seen[mark:]]
    assert kinds.count("MESSAGE_DELETE") == 2 * len(CHANNELS)
    assert "MESSAGE_DELETE_BULK" not in kinds


async def test_runs_are_listed_shown_and_compared(talk, model) -> None:
    model.script = saying("jablko | hruška")
    first = await newest(talk) + 1
    await finished(talk, first)
    model.script = saying("banán", "konec")
    await finished(talk, first + 1)
    run = talk.people.command
    listed = await talk.people.answer(await run("vilem", DIRECT, "runs list"))
    assert f"**{first + 1}**" in listed["content"].splitlines()[0]
    compared = await talk.people.answer(
        await run("vilem", DIRECT, "runs compare", {"first": first, "second": first + 1})
    )
    assert f"`{first}` jablko" in compared["content"]
    assert f"`{first + 1}` banán / konec" in compared["content"]
    table = await attached(talk, compared)
    assert "| jablko \\| hruška | banán<br>konec |" in table
    shown = await attached(talk, await talk.people.answer(await run("vilem", DIRECT, "runs show", {"run": first})))
    assert all(f"## {channel}" in shown for channel in CHANNELS)
    missing = await talk.people.answer(await run("vilem", DIRECT, "runs show", {"run": 999}))
    assert missing["content"].startswith("There is no run 999")


async def attached(talk, message: dict) -> str:
    async with aiohttp.ClientSession() as session, session.get(message["attachments"][0]["url"]) as response:
        return (await response.read()).decode()


async def test_a_run_can_be_cancelled(talk, model) -> None:
    model.script = saying("nikdy")
    model.go.clear()
    number = await newest(talk) + 1
    await talk.people.command("vilem", DIRECT, "test")
    message = await talk.people.wait_for_message(channel=DIRECT, contains=f"**Run {number}**")
    await eventually(lambda: len(model.requests) >= 4)
    answer = await talk.people.click("vilem", DIRECT, message["id"], f"run:cancel:{number}")
    assert (await talk.people.answer(answer))["content"] == f"Run {number} ends."
    await talk.people.wait_for_message(channel=DIRECT, contains=f"**Run {number}**: cancelled")
    model.go.set()
    async with talk.bot.services.get(DATABASE).read() as session:
        assert (await runs.find(session, number)).state == runs.CANCELLED
    assert len(model.requests) < len(CHANNELS) + 1


async def test_what_fails_in_one_channel_does_not_end_the_others(talk, model) -> None:
    number = await newest(talk) + 1
    model.script = [GenerationFailed("broken"), Text("x"), EndOfMessage()]
    summary = await finished(talk, number)
    assert summary.count("❌") == len(CHANNELS)
    assert "broken" in summary
    model.script = saying("ok")
    await talk.people.plan_fault(r"/messages$", method="POST", status=403)
    summary = await finished(talk, number + 1)
    assert (summary.count("❌"), summary.count("✅")) == (1, len(CHANNELS) - 1)


async def test_a_run_is_for_admins(talk) -> None:
    dm = (await talk.people.open_dm("bara", "patztabot22"))["id"]
    answer = await talk.people.answer(await talk.people.command("bara", dm, "test"))
    assert answer["content"] == "This needs the level admin; yours is visible."


async def test_runs_of_a_dead_process_are_broken_off(talk) -> None:
    async with talk.bot.services.get(DATABASE).write() as session:
        number = await runs.begin(session, "data/models/x", "", "{}")
    before, talk.bot.started = talk.bot.started, talk.bot.started + 10**6
    await talk.bot.reload_extension("cogs.evaluation")
    talk.bot.started = before
    async with talk.bot.services.get(DATABASE).read() as session:
        assert (await runs.find(session, number)).state == runs.BROKEN_OFF


async def test_without_jobs_nothing_is_measured_and_the_config_is_named(talk) -> None:
    answer = await talk.people.answer(await talk.people.command("vilem", DIRECT, "evaluate"))
    assert "`extensions = database jobs`" in answer["content"]
    assert answer["flags"] & 64, "ephemeral"


async def test_measuring_is_for_admins(talk) -> None:
    dm = (await talk.people.open_dm("bara", "patztabot22"))["id"]
    answer = await talk.people.answer(await talk.people.command("bara", dm, "evaluate"))
    assert answer["content"] == "This needs the level admin; yours is visible."
