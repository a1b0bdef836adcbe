"""The commands of /job, and who may use them."""

import aiohttp
import pytest

from patzta.framework.gate import DATABASE
from patzta.jobs.contract import Status
from patzta.permissions import Level
from patzta.sandbox.world import FRIEND, ROLE_ADMIN, SANCTUARY
from patzta.store import grants
from patzta.store import jobs as rows
from tests.running import talking
from tests.sandbox.server import SandboxProcess
from tests.shell.conftest import Shell, custom_ids, text, until_async

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120)]


async def test_a_job_is_started_and_its_terminal_shown_at_once(shell) -> None:
    number = await shell.run("printf 'hello %s' 'you  two'")
    await shell.until_shown(number, "**success**")
    message = await shell.until_shown(number, "hello you  two")
    assert text(message).startswith("**Job 1** `` printf 'hello %s' 'you two' ``")
    job = await shell.ended(number)
    assert (job.status, job.exit_code) == (Status.SUCCESS, 0)


async def test_what_cannot_be_started_is_said(shell) -> None:
    for command, why in (("echo 'open", "cannot be read"), (" ", "is empty")):
        assert why in (await shell.command("job run", command=command))["content"]
    assert "not NAME=VALUE" in (await shell.command("job run", command="true", env="nonsense"))["content"]
    assert "no 'moon' here" in (await shell.command("job run", command="true", on="moon"))["content"]
    assert "no job 9" in (await shell.command("job kill", job=9))["content"]


async def test_every_option_reaches_the_job(shell, tmp_path) -> None:
    (tmp_path / "here").mkdir()
    number = await shell.run(
        "pwd; echo $A$B; ulimit -v; nice | cat",
        shell=True,
        cwd="here",
        name="all of it",
        env="A=1 B='2 3'",
        memory=1.0,
        nice=3,
        hours=1.0,
    )
    message = await shell.until_shown(number, "**success**")
    assert f"{tmp_path}/here\n12 3\n1048576\n3" in text(message)
    assert "`` all of it ``" in text(message)


async def test_the_list_turns_pages(shell) -> None:
    assert "no jobs yet" in (await shell.command("job list"))["content"]
    for number in range(1, 15):
        await shell.run(f"sh -c 'exit {number % 2}'")
        await shell.ended(number)
    first = await shell.command("job list")
    lines = first["content"].splitlines()
    assert len(lines) == 12
    assert lines[0].startswith("✅ **14** `` sh -c 'exit 0' `` success 0, <t:")
    assert [one.split(":")[1] for one in custom_ids(first)] == ["older"]
    since = shell.people.mark()
    await shell.people.click("vilem", shell.place, first["id"], custom_ids(first)[0])
    # The view of the last job may be edited, too.
    turned = await shell.people.wait_for(
        lambda event: event["type"] == "MESSAGE_UPDATE" and event["message"]["id"] == first["id"], since=since
    )
    older = turned["message"]
    assert [line.split("**")[1] for line in older["content"].splitlines()] == ["2", "1"]
    failed = (await shell.command("job list", status="failed"))["content"]
    assert all("failed 1" in line for line in failed.splitlines())
    assert len(failed.splitlines()) == 7


async def test_numbers_are_completed_by_what_is_typed(shell) -> None:
    for name in ("alpha", "beta"):
        await shell.ended(await shell.run("true", name=name))
    found = await shell.people.autocomplete("vilem", shell.place, "job view", "job", {"job": "bet"})
    assert [(one["value"], one["name"]) for one in found] == [(2, "2 success: beta")]


async def test_info_log_input_and_rerun(shell) -> None:
    number = await shell.run("read a; echo got $a; exit 3", shell=True)
    assert (await shell.command("job input", job=number, text="geheim"))["content"] == "Typed."
    await shell.ended(number)
    said = (await shell.command("job info", job=number))["content"]
    for part in ("exit code: 3", "by: <@", " by a shell", "input 7 bytes", "status: failed"):
        assert part in said
    assert "geheim" not in said
    answer = await shell.command("job log", job=number)
    async with aiohttp.ClientSession() as session, session.get(answer["attachments"][0]["url"]) as response:
        assert b"got geheim" in await response.read()
    assert "Bytes 2 to 5 of" in (await shell.command("job log", job=number, first=2, last=5))["content"]
    again = await shell.command("job rerun", job=number)
    assert "**2**" in again["content"]
    assert (await shell.jobs.order(2)) == (await shell.jobs.order(1))
    assert "has ended" in (await shell.command("job input", job=number))["content"]


async def test_kill_ends_it_and_the_view_stays(shell) -> None:
    number = await shell.run("sleep 1000")
    assert "told to end" in (await shell.command("job kill", job=number))["content"]
    message = await shell.until_shown(number, "**killed**")
    assert "(130)" in text(message)


async def test_without_the_views_cog_the_job_starts_and_says_so(shell) -> None:
    await shell.bot.unload_extension("cogs.views")
    answer = await shell.command("job run", command="true")
    assert "`views` is not loaded" in answer["content"]
    assert (await shell.ended(1)).status is Status.SUCCESS


COMMANDS = {
    "job run": {"command": "true"},
    "job list": {},
    "job view": {"job": 1},
    "job kill": {"job": 1},
    "job info": {"job": 1},
    "job log": {"job": 1},
    "job input": {"job": 1},
    "job rerun": {"job": 1},
    "shutdown": {},
    "restart": {},
    "ping": {},
    "status": {},
}


async def test_nothing_but_the_config_gives_permission(shell) -> None:
    """A friend with an admin's grant in the store and roles on the server is refused everywhere."""
    number = await shell.run("cat")
    await shell.people.set_roles("vilem", SANCTUARY, FRIEND, [ROLE_ADMIN])
    async with shell.bot.services.get(DATABASE).write() as session:
        await grants.save(session, int(FRIEND), Level.ADMIN, by=1)
    offered = {command.qualified_name for command in shell.bot.tree.walk_commands() if not hasattr(command, "commands")}
    assert offered - set(COMMANDS) <= {"asdf"}
    for name, options in COMMANDS.items():
        answer = await shell.command(name, "bara", **options)
        assert "yours is ignored" in answer["content"], name
        assert answer["flags"] & 64, "only she sees it"
    message = await shell.view(number)
    for custom_id in custom_ids(message):
        clicked = await shell.people.click("bara", shell.place, message["id"], custom_id)
        assert "yours is ignored" in (await shell.people.answer(clicked))["content"]
    assert await shell.people.autocomplete("bara", shell.place, "job view", "job", {"job": ""}) == []
    await shell.people.send("bara", shell.place, "typed", reply_to=message["id"])
    await shell.people.send("vilem", shell.place, "mine", reply_to=message["id"])
    await shell.until_shown(number, "mine")
    assert "typed" not in text(await shell.view(number))
    assert len(await shell.jobs.page(None, 10)) == 1


async def test_on_the_doubles_bot_jobs_are_for_its_owner_alone(tmp_path) -> None:
    config = f"[plugins]\nextensions = database jobs\ncogs = lifecycle jobs views\n[jobs]\ncwd = {tmp_path}\n"
    async with SandboxProcess() as sandbox, talking(sandbox, tmp_path, config) as talk:
        shell = Shell(talk.bot, talk.people)
        await shell.people.set_roles("vilem", SANCTUARY, FRIEND, [ROLE_ADMIN])
        async with shell.bot.services.get(DATABASE).write() as session:
            await grants.save(session, int(FRIEND), Level.ADMIN, by=1)
        for name in ("job run", "job list", "job view", "job kill"):
            answer = await shell.command(name, "bara", **COMMANDS[name])
            assert "needs the level owner; yours is admin" in answer["content"]
        number = await shell.run("true")
        assert (await shell.ended(number)).status is Status.SUCCESS


async def test_an_action_is_noted_before_it_happens(shell, monkeypatch) -> None:
    seen = []

    async def start(*_: object) -> str:
        async with shell.bot.services.get(DATABASE).read() as session:
            seen.append([action for *_, action, _ in await rows.events(session, 1, 5)])
        raise OSError("no more processes")

    monkeypatch.setattr("patzta.jobs.local.Local.start", start)
    answer = await shell.command("job run", command="true")
    assert "no more processes" in answer["content"]
    assert seen == [["run"]]
    assert (await shell.jobs.get(1)).status is Status.LOST


async def test_the_end_of_a_long_job_is_told_to_who_started_it(shell, monkeypatch) -> None:
    monkeypatch.setattr("patzta.jobs.pace.TELL_AFTER", 0.0)
    await shell.run("sh -c 'exit 4'", name="long one")

    async def told() -> list[str]:
        return [
            m["content"] for m in await shell.people.messages("vilem", shell.place) if "failed with 4" in m["content"]
        ]

    (said,) = await until_async(told)
    assert said.startswith("<@1000000000000000001> Job **1** `` long one `` failed with 4")
