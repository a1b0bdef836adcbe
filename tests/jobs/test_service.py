"""The service: numbers, the queue, what survives a crash of the bot, what the store can lose."""

import asyncio
import contextlib
import fcntl
import json
import os
import struct
import subprocess
import sys
import termios
from datetime import UTC, datetime

import psutil
import pytest
from sqlalchemy import delete

from patzta.jobs import NoSuchJob, NotStarted, NotTaken
from patzta.jobs.contract import Job, Order, Status
from patzta.jobs.survivors import survivors
from patzta.settings import ROOT
from patzta.store import jobs as rows
from patzta.store.tables import JobRow
from tests.jobs.conftest import ACTOR, marked

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]


async def test_words_are_read_as_a_shell_reads_them(machine) -> None:
    job = await machine.run("printf '%s|' 'a b' \"c  d\" e\\ f '$HOME' \"*\"", shell=False)
    assert await machine.output(job) == b"a b|c  d|e f|$HOME|*|"
    for wrong in ("echo 'open", "", "   "):
        with pytest.raises(NotStarted):
            await machine.run(wrong, shell=False)


async def test_numbers_are_small_and_never_given_again(machine) -> None:
    numbers = [(await machine.ended(await machine.run("true"))).id for _ in range(3)]
    assert numbers == [1, 2, 3]
    async with machine.database.write() as session:
        await session.execute(delete(JobRow))
    assert (await machine.ended(await machine.run("true"))).id == 4
    with pytest.raises(NoSuchJob):
        await machine.jobs.get(77)


async def test_a_store_that_lost_everything_learns_it_from_the_folders(machine) -> None:
    ended = await machine.ended(await machine.run("exit 3", name="three"))
    running = await machine.run("sleep 1000")
    async with machine.database.write() as session:
        await session.execute(delete(JobRow))
    again = machine.opened()
    await again.reconcile()
    assert await again.get(ended.id) == ended
    assert (await again.get(running.id)).status is Status.RUNNING


async def test_folders_that_no_row_knows_are_not_overwritten(machine) -> None:
    first = await machine.ended(await machine.run("echo first"))
    async with machine.database.write() as session:
        await session.execute(delete(JobRow))
        # As in a store that was restored from a copy, where numbers start again.
        await session.connection()
        await (await session.connection()).exec_driver_sql("DELETE FROM sqlite_sequence")
    second = await machine.ended(await machine.run("echo second"))
    assert (first.id, second.id) == (1, 2)
    assert await machine.output(first) == b"first\r\n"
    known = await machine.jobs.get(1)
    assert (known.command, known.status) == ("echo first", Status.SUCCESS)


async def test_who_looks_while_a_job_is_being_written_does_not_take_it_for_lost(machine, monkeypatch) -> None:
    make, other = machine.jobs._new, machine.opened()

    async def looked_at(*what) -> Job:
        job = await make(*what)
        await other.look()
        return job

    monkeypatch.setattr(machine.jobs, "_new", looked_at)
    assert (await machine.ended(await machine.run("exit 3"))).status is Status.FAILED


async def test_every_action_is_noted_before_it_happens(machine) -> None:
    job = await machine.run("cat")
    await machine.jobs.write(job.id, b"geheim\n", ACTOR)
    await machine.jobs.kill(job.id, ACTOR)
    await machine.ended(job)
    with pytest.raises(NotTaken, match="has ended: killed"):
        await machine.jobs.write(job.id, b"x", ACTOR)
    async with machine.database.read() as session:
        noted = await rows.events(session, job.id, 10)
    assert [(actor, action) for _, actor, action, _ in noted] == [(ACTOR, "kill"), (ACTOR, "input"), (ACTOR, "run")]
    assert "geheim" not in str(noted)
    assert noted[-1][0] <= (await machine.jobs.get(job.id)).started <= datetime.now(UTC)


async def test_jobs_wait_for_their_turn_also_when_no_bot_lives(machine) -> None:
    machine.jobs = machine.opened(limit=2)
    started = [await machine.run(f"echo {n}; sleep 2.5") for n in range(5)]
    statuses = [(await machine.jobs.get(job.id)).status for job in started]
    assert statuses.count(Status.QUEUED) >= 2
    most, found = 0, [Status.QUEUED]
    while not all(status.final for status in found):
        found = [(await machine.jobs.get(job.id)).status for job in started]
        most = max(most, found.count(Status.RUNNING))
        await asyncio.sleep(0.02)
    ended = [await machine.jobs.get(job.id) for job in started]
    assert most == 2
    assert [job.status for job in ended] == [Status.SUCCESS] * 5
    assert [job.id for job in sorted(ended, key=lambda job: job.started)] == [job.id for job in started]


async def test_a_waiting_job_can_be_taken_back_or_die(machine) -> None:
    machine.jobs = machine.opened(limit=1)
    first = await machine.run("sleep 1000")
    second, third, fourth = [await machine.run("echo mine") for _ in range(3)]
    await machine.jobs.kill(second.id, ACTOR)
    taken_back = await machine.ended(second)
    assert (taken_back.status, taken_back.exit_code, taken_back.started) == (Status.KILLED, None, None)
    folder = str(machine.jobs.folder(third.id))
    (waiting,) = [process for process in psutil.process_iter(["cmdline"]) if folder in (process.info["cmdline"] or ())]
    waiting.kill()
    await machine.jobs.kill(first.id, ACTOR, now=True)
    assert (await machine.ended(fourth)).status is Status.SUCCESS


async def test_a_lost_jobs_survivors_can_still_be_ended(machine) -> None:
    job = await machine.run("trap '' HUP; echo up; while :; do sleep 0.1; done")
    await machine.until_said(job, b"up")
    machine.supervisor(job).kill()
    lost = await machine.ended(job)
    assert "still there: " in lost.reason
    await machine.jobs.kill(job.id, ACTOR)
    assert survivors(machine.jobs.folder(job.id)) == []
    with pytest.raises(NotTaken):
        await machine.jobs.kill(job.id, ACTOR)


async def test_who_watches_is_told_once_of_each_change_whoever_finds_it(machine) -> None:
    told = []
    machine.jobs.watch(lambda job: told.append((job.id, job.status)))
    job = await machine.run("exit 1")
    other = machine.opened()
    while not (await other.get(job.id)).status.final:
        await asyncio.sleep(0.02)
    await machine.jobs.look()
    await machine.jobs.look()
    assert told[-1] == (job.id, Status.FAILED)
    assert len(told) == len(set(told)) <= 2


async def test_output_is_followed_to_its_last_byte(machine) -> None:
    job = await machine.run("for i in 1 2 3; do echo $i; sleep 0.1; done; printf last")
    assert await machine.output(job) == b"1\r\n2\r\n3\r\nlast"
    assert [piece.offset async for piece in machine.jobs.follow(job.id, 6)] == [6]


def started(script: str, *words: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


BOT = """
import asyncio, os, sys
from pathlib import Path
from patzta.jobs.contract import Order
from patzta.jobs.service import Jobs
from patzta.jobs.settings import JobSettings
from patzta.store.database import Database

async def main(folder, url):
    jobs = Jobs(Database(url), JobSettings(folder / "jobs", folder, 0, 0.5, ()))
    talk = "i=0; while [ $i -lt 4000 ]; do echo line-$i-%s; i=$((i+1)); done; exit %d"
    started = [await jobs.run(Order(talk % ("x" * 60, n), True), "bot") for n in range(10)]
    async def ask(job):
        while True:
            await asyncio.gather(*[jobs.state(job.id) for _ in range(5)])
    print(*[job.id for job in started], flush=True)
    await asyncio.gather(*map(ask, started))

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.slow)])
async def test_a_bot_that_is_killed_loses_no_byte_and_no_status(machine, rounds) -> None:
    url = f"sqlite+aiosqlite:///{machine.root}/jobs.db"
    told = "".join(f"line-{i}-{'x' * 60}\r\n" for i in range(4000)).encode()
    for turn in range(rounds):
        with started(BOT, str(machine.root), url) as bot:
            numbers = [int(word) for word in bot.stdout.readline().split()]
            await asyncio.sleep(0.02 * turn)
            bot.kill()
        assert len(numbers) == 10
        again = machine.opened()
        for code, number in enumerate(numbers):
            job = await machine.ended(await again.get(number), 120)
            assert (job.exit_code, b"".join(again.pieces(number))) == (code, told)


@pytest.mark.slow
async def test_three_hundred_quiet_jobs(machine) -> None:
    started = [await machine.run("sleep 1000", shell=False) for _ in range(300)]
    assert {(await machine.jobs.get(job.id)).status for job in started} == {Status.RUNNING}
    for job in started:
        await machine.jobs.kill(job.id, ACTOR, now=True)
    ended = [await machine.ended(job, 120) for job in started]
    assert {(job.status, job.exit_code) for job in ended} == {(Status.KILLED, 137)}
    assert marked(machine.root) == []


async def test_the_command_in_a_terminal(tmp_path) -> None:
    def job(*words: str, code: int = 0) -> str:
        environment = {"PATH": "/usr/bin:/bin", "PATZTA_DATA": str(tmp_path), "PYTHONPATH": str(ROOT), "HOME": "/tmp"}
        done = subprocess.run(
            [sys.executable, "-m", "patzta.jobs.command", *words],
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    assert (
        job("run", "--wait", "--name", "greet", "--", "sh", "-c", "echo hi $0; exit 3", "a b", code=3) == "1\nhi a b\n"
    )
    assert job("log", "1") == "hi a b\n"
    assert job("run", "--", "sleep", "1000") == "2\n"
    job("kill", "2", "--now")
    assert job("run", "--wait", "--shell", "--env", "A=b", "--", "echo $A | tr b c") == "3\nc\n"
    listed = [json.loads(line) for line in job("list", "--json").splitlines()]
    assert [one["id"] for one in listed] == [1, 2, 3]
    one = json.loads(job("show", "1", "--json"))
    assert list(one) == ["id", "name", "command", "status", "exit_code", "started", "ended"]
    assert (one["name"], one["command"], one["status"], one["exit_code"]) == (
        "greet",
        "sh -c 'echo hi $0; exit 3' 'a b'",
        "failed",
        3,
    )
    assert job("list", "--status", "killed").split()[:2] == ["2", "killed"]
    job("show", "9", code=1)
    job("run", "--env", "nonsense", "--", "true", code=2)
    job("nonsense", code=2)


async def test_watching_and_typing_in_ones_own_terminal(machine) -> None:
    job = await machine.run("while read x; do echo got $x at $(stty size); done")
    master, slave = os.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
    url = f"sqlite+aiosqlite:///{machine.root}/jobs.db"
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PATZTA_DATABASE_URL": url,
        "PATZTA_JOBS_FOLDER": str(machine.root / "jobs"),
    }
    command = (sys.executable, "-m", "patzta.jobs.command", "view", str(job.id))
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment) as watching:
        os.close(slave)
        os.set_blocking(master, False)
        said = b""

        async def until_said(text: bytes) -> None:
            nonlocal said
            async with asyncio.timeout(30):
                while text not in said:
                    with contextlib.suppress(BlockingIOError):
                        said += os.read(master, 4096)
                    await asyncio.sleep(0.02)

        async with asyncio.timeout(30):
            while (await machine.jobs.state(job.id)).columns != 97:
                await asyncio.sleep(0.02)
        os.write(master, b"hello\r")
        await until_said(b"got hello at 31 97")
        os.write(master, b"\x1d")
        await until_said(f"Job {job.id}: running.".encode())
        assert await asyncio.to_thread(watching.wait, 20) == 0
    os.close(master)
    assert (await machine.jobs.get(job.id)).status is Status.RUNNING


async def test_an_engine_that_is_not_there_is_named(machine) -> None:
    with pytest.raises(NotStarted, match="no 'moon' here; there are local"):
        await machine.jobs.run(Order("true", executor="moon"), ACTOR)
