"""/evaluate runs the real bin/evaluate on a double that was trained here, and one message follows it."""

import contextlib
import json
import sys

import aiohttp
import discord
import pytest
import pytest_asyncio

from patzta.inference.contract import GENERATE
from patzta.jobs.contract import JOBS, Job, Status
from tests.cogs.fake_model import FakeModel
from tests.evaluation.conftest import base, dataset, double
from tests.jobs.conftest import end_marked
from tests.running import DIRECT, eventually, talking
from tests.sandbox.server import SandboxProcess

__all__ = ["base", "dataset", "double"]

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]
BEGUN = "**Job 1**, likeness of `` me ``"


def configured(model, dataset) -> str:
    return f"[permissions]\n[model]\npath = {model}\n[evaluation]\ndataset = {dataset}\n"


@pytest.fixture
def nothing(tmp_path) -> str:
    """A config of which neither model nor dataset exist."""
    return configured(tmp_path / "models" / "me", tmp_path / "none")


@pytest_asyncio.fixture
async def sandbox(tmp_path):
    async with SandboxProcess() as sandbox:
        yield sandbox
    end_marked(tmp_path)


@contextlib.asynccontextmanager
async def bot_with_jobs(sandbox, folder, config):
    async with talking(sandbox, folder, config, {GENERATE: FakeModel()}, extensions=("database", "jobs")) as talk:
        yield talk


async def evaluate(talk, **options) -> dict:
    """What the command answers at first."""
    return await talk.people.answer(await talk.people.command("vilem", DIRECT, "evaluate", options))


async def until_said(talk, what: str, within: float = 120) -> dict:
    return await talk.people.wait_for_message(channel=DIRECT, contains=what, timeout=within)


async def fetched(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.read()


def edits(sandbox) -> list[dict]:
    return [one for one in sandbox.exchanges() if one["method"] == "PATCH" and "/messages/" in one["path"]]


@pytest.mark.slow
async def test_the_result_comes_over_a_reload_and_holds_no_chats(sandbox, tmp_path, double, dataset) -> None:
    async with bot_with_jobs(sandbox, tmp_path, configured(double, dataset)) as talk:
        begun = await evaluate(talk, replies=10)
        assert begun["content"] == "**Likeness** of `` me ``: begins."
        await until_said(talk, f"{BEGUN}: 0 % measured.")
        assert (await evaluate(talk))["content"].startswith("Job **1** measures that already")
        await talk.bot.reload_extension("cogs.evaluation")
        done = await until_said(talk, f"{BEGUN} on 4 held-out replies:")
        assert done["id"] == begun["id"]
        assert done["components"] == []
        head, *rows = done["content"].split("```")[1].strip().splitlines()
        assert head.split() == ["Hits@1", "Author", "Human", "Bits"]
        assert [row.split()[0] for row in rows] == ["double", "base", "prompted", "retrieval", "human"]
        report = json.loads((tmp_path / "reports" / "me" / "report.json").read_bytes())
        bits = report["systems"]["double"]["bits_per_character"]["value"]
        assert rows[0].split()[-1] == f"{bits:.2f}"
        assert max(map(len, rows)) <= 40, "a phone shows it without breaking lines"
        assert [one["filename"] for one in done["attachments"]] == ["likeness.png"]
        assert (await fetched(done["attachments"][0]["url"])).startswith(b"\x89PNG")
        assert f"{tmp_path}/reports/me/index.html" in done["content"]
        await eventually((tmp_path / "jobs" / "1" / "shown").exists)
        sent = [json.dumps(one, ensure_ascii=False) for one in sandbox.exchanges()]
        assert not any("Dvořáka" in one for one in sent), "what people wrote stays on the machine"
        before = len(edits(sandbox))
        assert {one["status"] for one in edits(sandbox)} == {200}
        await talk.bot.reload_extension("cogs.evaluation")
        await talk.bot.plugins.retired()
        assert await talk.people.answer(await talk.people.command("vilem", DIRECT, "ping"))
        assert len(edits(sandbox)) == before, "what is shown is not shown again"


async def test_an_end_that_no_bot_saw_is_shown_by_the_next(sandbox, tmp_path, nothing) -> None:
    async with bot_with_jobs(sandbox, tmp_path, nothing) as talk:
        begun = await evaluate(talk)
        await until_said(talk, f"{BEGUN}: 0 % measured.")
    ended = tmp_path / "jobs" / "1" / "exit.json"
    assert not ended.exists()
    await eventually(ended.exists, 120)
    async with bot_with_jobs(sandbox, tmp_path, nothing) as talk:
        await eventually((tmp_path / "jobs" / "1" / "shown").exists)
        (shown,) = [one for one in await talk.people.messages("vilem", DIRECT) if one["id"] == begun["id"]]
        assert shown["content"].startswith(f"{BEGUN}: not measured, exit status 1. `` {tmp_path}/none")
        assert "settings.json" in shown["content"]
        assert "\n" not in shown["content"]
        assert (shown["components"], shown["attachments"]) == ([], [])


async def test_it_can_be_cancelled_also_while_discord_fails(sandbox, tmp_path, nothing, monkeypatch) -> None:
    async with bot_with_jobs(sandbox, tmp_path, nothing) as talk:
        monkeypatch.setattr(sys.modules["cogs.evaluation._likeness"], "AGAIN", 0.05)
        begun = await evaluate(talk)
        await until_said(talk, f"{BEGUN}: 0 % measured.")
        refused = await talk.people.answer(await talk.people.click("bara", DIRECT, begun["id"], "evaluate:cancel"))
        assert refused["content"] == "This needs the level admin; yours is visible."
        await talk.people.plan_fault(f"/messages/{begun['id']}$", method="PATCH", cut=True, times=2)
        pressed = await talk.people.answer(await talk.people.click("vilem", DIRECT, begun["id"], "evaluate:cancel"))
        assert pressed["content"] == "Job 1 is told to end."
        await until_said(talk, f"{BEGUN}: not measured, the job was ended.")
        (job,) = await talk.bot.services.get(JOBS).page(None, 10)
        assert job.actor == "discord:1000000000000000001"
        assert not (tmp_path / "reports" / "me").exists()


async def test_a_message_that_is_deleted_leaves_the_job(sandbox, tmp_path, nothing) -> None:
    async with bot_with_jobs(sandbox, tmp_path, nothing) as talk:
        begun = await evaluate(talk)
        await until_said(talk, f"{BEGUN}: 0 % measured.")
        await talk.people.delete("vilem", DIRECT, begun["id"])
        jobs = talk.bot.services.get(JOBS)
        assert (await jobs.get(1)).status is Status.RUNNING
        await jobs.kill(1, "test")
        await eventually((tmp_path / "jobs" / "1" / "shown").exists)


async def test_a_reload_between_the_command_and_its_job(sandbox, tmp_path, nothing, monkeypatch) -> None:
    async with bot_with_jobs(sandbox, tmp_path, nothing) as talk:
        jobs = talk.bot.services.get(JOBS)
        start = jobs.run

        async def reloaded_first(*what) -> Job:
            await talk.bot.reload_extension("cogs.evaluation")
            return await start(*what)

        monkeypatch.setattr(jobs, "run", reloaded_first)
        await evaluate(talk)
        await until_said(talk, f"{BEGUN}: 0 % measured.")
        await talk.bot.plugins.retired()
        await jobs.kill(1, "test")
        await until_said(talk, f"{BEGUN}: not measured, the job was ended.")


async def test_where_the_result_could_not_be_shown_nothing_is_begun(sandbox, tmp_path, nothing, monkeypatch) -> None:
    async with bot_with_jobs(sandbox, tmp_path, nothing) as talk:
        lacking = discord.Permissions(administrator=True)
        monkeypatch.setattr(sys.modules["cogs.evaluation._likeness"], "NEEDED", lacking)
        assert (await evaluate(talk))["content"].startswith("I could not show the result here")
        assert await talk.bot.services.get(JOBS).page(None, 10) == []
