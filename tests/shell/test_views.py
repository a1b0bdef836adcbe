"""Views: what they show, their buttons, what they survive, at what pace they are edited."""

import sys
import time

import pytest
from sqlalchemy import select

from patzta.framework.gate import DATABASE
from patzta.jobs.contract import Status
from patzta.store.tables import JobViewRow
from tests.running import connected
from tests.sandbox.server import SandboxProcess
from tests.shell.conftest import BOT, Shell, custom_ids, text, until_async

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(180)]


async def rows(shell) -> list[JobViewRow]:
    async with shell.bot.services.get(DATABASE).read() as session:
        return list(await session.scalars(select(JobViewRow)))


async def test_the_screen_is_live(shell) -> None:
    number = await shell.run("for i in 1 2 3; do echo step $i; read x; done", shell=True)
    for step in (1, 2, 3):
        await shell.until_shown(number, f"step {step}")
        await shell.command("job input", job=number, text="on")
    message = await shell.until_shown(number, "**success**")
    assert {one.split(":")[1] for one in custom_ids(message)} == {"close", "freeze", "up", "down", "below", "log"}


async def test_a_progress_bar_is_one_line_and_summed_up(shell) -> None:
    script = "import tqdm, time\nfor i in tqdm.tqdm(range(20), ncols=70): time.sleep(0.01)\nprint({'loss': 0.125})"
    number = await shell.run(f'{sys.executable} -c "{script}"')
    message = await shell.until_shown(number, "**success**")
    head, screen = text(message).split("```ansi")
    assert "100 % · 20 of 20 · 00:00 left" in head
    assert "loss 0.125" in head
    assert screen.count("20/20") == 1
    assert "0/20" not in screen.replace("20/20", "")


async def test_colours_arrive_as_discords(shell) -> None:
    number = await shell.run(r"printf '\033[1;31mred\033[0m \033[38;5;46mgreen\033[0m plain'")
    message = await shell.until_shown(number, "**success**")
    assert "```ansi\n\x1b[1;31mred \x1b[0;32mgreen\x1b[0m plain\n```" in text(message)


async def test_no_output_ends_the_block(shell) -> None:
    number = await shell.run(r"printf '```\n@everyone **x** ``` `````\n'")
    message = await shell.until_shown(number, "**success**")
    assert text(message).count("```") == 2


async def test_buttons(shell) -> None:
    number = await shell.run("trap 'echo caught' INT; while :; do read line && echo got $line; done", shell=True)
    message = await shell.view(number)
    opened = await shell.press(message, "input")
    modal = await shell.people.wait_for_modal(opened)
    field = modal["components"][0]["component"]["custom_id"]
    await shell.people.submit("vilem", opened, {field: "typed in a form"})
    await shell.until_shown(number, "got typed in a form")
    await shell.press(message, "interrupt")
    await shell.until_shown(number, "caught")
    logged = await shell.people.answer(await shell.press(message, "log"))
    assert logged["attachments"][0]["filename"] == "job-1.log"
    asked = await shell.people.answer(await shell.press(message, "kill"))
    assert "End job **1**?" in asked["content"]
    assert (await shell.jobs.get(number)).status is Status.RUNNING
    now = next(one for one in custom_ids(asked) if ":now:" in one)
    done = await shell.people.answer(await shell.people.click("vilem", shell.place, asked["id"], now))
    assert "is killed" in done["content"]
    message = await shell.until_shown(number, "**killed**")
    await shell.press(message, "close")

    async def gone() -> bool:
        return not await rows(shell)

    await until_async(gone)
    assert (await shell.jobs.get(number)).status is Status.KILLED


async def test_closing_a_view_leaves_the_job(shell) -> None:
    number = await shell.run("sleep 1000")
    await shell.press(await shell.view(number), "close")

    async def gone() -> bool:
        return not await rows(shell)

    await until_async(gone)
    assert (await shell.jobs.get(number)).status is Status.RUNNING
    await shell.command("job view", job=number)
    assert await shell.view(number)


async def test_scrolling_freezing_and_moving_below(shell) -> None:
    number = await shell.run("seq 1 100; while read x; do echo new $x; done", shell=True)
    message = await shell.until_shown(number, "\n100")
    assert "\n70\n" not in text(message)
    await shell.press(message, "up")
    message = await shell.until_shown(number, "20 rows up")
    assert "\n70\n" in text(message)
    await shell.press(message, "down")
    message = await shell.until_shown(number, "\n100")
    await shell.press(message, "freeze")
    message = await shell.until_shown(number, "frozen")
    await shell.command("job input", job=number, text="one")
    await shell.press(message, "freeze")
    message = await shell.until_shown(number, "new one")
    await shell.people.send("vilem", shell.place, "much talk")
    await shell.press(message, "below")

    async def moved() -> bool:
        last = (await shell.people.messages("vilem", shell.place))[-1]
        return last["id"] != message["id"] and "**Job 1**" in text(last) and len(await rows(shell)) == 1

    await until_async(moved)
    await shell.until_shown(number, "new one")


async def test_a_reply_and_a_thread_type_into_the_job(shell) -> None:
    number = await shell.run("cat")
    message = await shell.view(number)
    await shell.people.send("vilem", shell.place, "by a reply", reply_to=message["id"])
    await shell.until_shown(number, "by a reply")
    thread = await shell.people.create_thread("vilem", shell.place, "job", message["id"])
    await shell.people.send("vilem", thread["id"], "in the thread")
    await shell.until_shown(number, "in the thread")
    await shell.people.send("vilem", thread["id"], "[^D]")
    await shell.until_shown(number, "**success**")


async def test_a_view_outlives_the_token_of_its_interaction(shell) -> None:
    number = await shell.run("while read x; do echo got $x; done", shell=True)
    message = await shell.view(number)
    await shell.people.move_clock(16 * 60)
    await shell.people.send("vilem", shell.place, "later", reply_to=message["id"])
    await shell.until_shown(number, "got later")


async def test_views_go_on_after_a_reload(shell) -> None:
    number = await shell.run("while read x; do echo got $x; done", shell=True)
    message = await shell.view(number)
    assert "Reloaded the cogs" in (await shell.command("restart"))["content"]
    await shell.people.send("vilem", shell.place, "on", reply_to=message["id"])
    message = await shell.until_shown(number, "got on")
    await shell.press(message, "interrupt")
    await shell.until_shown(number, "**failed**")
    assert len(await rows(shell)) == 1


async def test_views_go_on_after_a_crash_and_tell_the_end_that_nobody_saw(tmp_path, settings, monkeypatch) -> None:
    monkeypatch.setattr("patzta.jobs.pace.EDIT", 0.05)
    monkeypatch.setattr("patzta.jobs.pace.TELL_AFTER", 0.0)
    async with SandboxProcess(*BOT) as sandbox:
        async with connected(sandbox, settings) as talk:
            first = Shell(talk.bot, talk.people)
            number = await first.run("read x; echo got $x; exit 2", shell=True)
            message = await first.view(number)
            jobs = first.jobs
        async with connected(sandbox, settings) as talk:
            await jobs.write(number, b"while away\n", "test")
            second = Shell(talk.bot, talk.people)
            shown = await second.until_shown(number, "**failed**")
            assert shown["id"] == message["id"]
            assert "got while away" in text(shown)

            async def told() -> list[str]:
                messages = await talk.people.messages("vilem", second.place)
                return [one["content"] for one in messages if "failed with 2" in one["content"]]

            assert len(await until_async(told)) == 1


async def test_silence_is_told(shell, monkeypatch) -> None:
    (views,) = [cog for cog in shell.bot.cogs.values() if cog.qualified_name == "Views"]
    number = await shell.run("sleep 1000", stall=1)
    await shell.view(number)
    await views.look_for_silence()
    (window,) = views._windows.values()
    window.heard -= 61
    await views.look_for_silence()
    await views.look_for_silence()
    messages = await shell.people.messages("vilem", shell.place)
    assert len([one for one in messages if "has written nothing for 1 min" in one["content"]]) == 1


@pytest.mark.slow
async def test_a_failing_discord_only_delays_a_view(shell) -> None:
    number = await shell.run("read x; echo got $x", shell=True)
    message = await shell.view(number)
    await shell.people.plan_fault(f"/messages/{message['id']}$", method="PATCH", status=500, times=6)
    await shell.people.plan_fault(f"/messages/{message['id']}$", method="PATCH", cut=True, times=2)
    await shell.people.send("vilem", shell.place, "it", reply_to=message["id"])
    await shell.until_shown(number, "got it", 60)
    await shell.until_shown(number, "**success**", 60)


async def test_a_view_warns_before_the_allocation_is_over(shell, monkeypatch) -> None:
    monkeypatch.setattr("patzta.jobs.pace.LOOK", 0.05)
    monkeypatch.setenv("PATZTA_ENDS", str(time.time() + 500))
    number = await shell.run("echo quiet; sleep 1000", shell=True)
    await shell.until_shown(number, "its time is over <t:")


@pytest.mark.slow
async def test_twenty_views_in_one_channel_draw_no_rate_limit(tmp_path, settings) -> None:
    """At the true pace: one edit at a time, never two of a message at once, the newest picture in the end."""
    async with (
        SandboxProcess(*BOT) as sandbox,
        connected(sandbox, settings) as talk,
    ):
        shell = Shell(talk.bot, talk.people)
        numbers = [
            await shell.run("for i in $(seq 30); do echo $i; sleep 0.1; done; echo last", shell=True) for _ in range(20)
        ]
        for number in numbers:
            await shell.until_shown(number, "**success**", 90)
            assert "\nlast" in text(await shell.view(number))
        edits = [one for one in sandbox.exchanges() if one["method"] == "PATCH" and "/messages/" in one["path"]]
        assert all(one["status"] == 200 for one in edits)
        assert 20 <= len(edits) <= 90 / 1.1
