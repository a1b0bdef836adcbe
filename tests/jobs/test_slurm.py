"""Jobs on a real Slurm of one node."""

import asyncio
import os
import subprocess

import pytest
import pytest_asyncio

from patzta.jobs import NotStarted, NotTaken
from patzta.jobs.cluster import Cluster
from patzta.jobs.contract import Order, Status
from patzta.jobs.service import Jobs
from patzta.jobs.settings import JobSettings
from patzta.jobs.slurm import Slurm
from tests import slurm as engine
from tests.conftest import need
from tests.jobs.conftest import ACTOR

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300), pytest.mark.slow]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    need("slurm", engine.available(), "no Slurm: apt install slurm-wlm munge, and be root")
    with engine.running(tmp_path_factory.mktemp("slurm")) as running:
        os.environ["SLURM_CONF"] = str(running.config)
        yield running
        del os.environ["SLURM_CONF"]


@pytest_asyncio.fixture
async def cluster(machine, slurm, monkeypatch):
    """The machine, whose jobs run on Slurm when nothing else is said."""
    monkeypatch.setattr("patzta.jobs.cluster.POLL", 0.2)
    settings = JobSettings(machine.root / "jobs", machine.root, 0, 0.5, ())
    machine.jobs = Jobs(machine.database, settings, [Cluster(Slurm())])
    yield machine
    for job in await machine.jobs.page(None, 100):
        if not job.status.final:
            await machine.jobs.kill(job.id, ACTOR, now=True)
            await machine.ended(job)


async def run(machine, command: str, **options):
    return await machine.jobs.run(Order(command, shell=True, executor="slurm", **options), ACTOR)


async def until_running(machine, job) -> None:
    async with asyncio.timeout(60):
        while (await machine.jobs.get(job.id)).status is not Status.RUNNING:
            await asyncio.sleep(0.05)


async def test_terminal_input_output_and_exit_status(cluster) -> None:
    job = await run(cluster, "tty; read -p 'name? ' n; echo hello $n from $SLURM_JOB_ID; exit 7", name="greet")
    await until_running(cluster, job)
    await cluster.jobs.write(job.id, b"Zuzana\n", ACTOR)
    ended = await cluster.ended(job)
    assert (ended.status, ended.exit_code) == (Status.FAILED, 7)
    said = await cluster.output(job)
    assert said.startswith(b"/dev/pts/")
    assert f"hello Zuzana from {ended.engine_id}".encode() in said


async def test_kill_lets_it_save(cluster) -> None:
    job = await run(cluster, "trap 'echo saved; exit 5' INT; echo up; while :; do sleep 0.1; done")
    await cluster.until_said(job, b"up", 60)
    await cluster.jobs.kill(job.id, ACTOR)
    ended = await cluster.ended(job)
    assert (ended.status, ended.exit_code) == (Status.KILLED, 5)
    assert b"saved" in await cluster.output(job)


async def test_one_that_waits_is_taken_back(cluster) -> None:
    job = await run(cluster, "echo never", options={"begin": "now+1hour"})
    assert (await cluster.jobs.get(job.id)).status is Status.QUEUED
    with pytest.raises(NotTaken, match="waits in the cluster's queue"):
        await cluster.jobs.write(job.id, b"x", ACTOR)
    await cluster.jobs.kill(job.id, ACTOR)
    ended = await cluster.ended(job)
    assert (ended.status, ended.exit_code, ended.started) == (Status.KILLED, None, None)


async def test_what_slurm_does_not_take_is_said(cluster) -> None:
    with pytest.raises(NotStarted, match=r"(?s)Slurm did not take the job.*partition"):
        await run(cluster, "true", options={"partition": "moon"})


async def test_a_second_start_is_refused_and_reported(cluster) -> None:
    job = await run(cluster, "echo once")
    await cluster.ended(job)
    again = await asyncio.create_subprocess_exec(
        "sbatch", "--wait", str(cluster.jobs.folder(job.id) / "batch.sh"), stdout=subprocess.DEVNULL
    )
    assert await again.wait() == 75
    assert await cluster.output(job) == b"once\r\n"
    assert (await cluster.jobs.get(job.id)).status is Status.SUCCESS
    assert list(cluster.jobs.folder(job.id).glob("refused-*.json"))


async def test_slurms_own_warning_is_the_end_of_its_time(cluster) -> None:
    job = await run(cluster, "trap 'echo saved; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    await cluster.until_said(job, b"up", 60)
    signalled = await asyncio.create_subprocess_exec("scancel", "--batch", "-s", "USR1", job.engine_id)
    await signalled.wait()
    ended = await cluster.ended(job)
    assert (ended.status, ended.reason) == (Status.KILLED, "walltime")
    assert b"saved" in await cluster.output(job)


async def test_a_job_that_slurm_killed_is_lost_or_killed_but_never_done(cluster, monkeypatch) -> None:
    monkeypatch.setattr("patzta.jobs.cluster.SETTLE", 1.0)
    job = await run(cluster, "trap '' TERM INT HUP; echo up; while :; do sleep 1; done")
    await cluster.until_said(job, b"up", 60)
    killed = await asyncio.create_subprocess_exec("scancel", "-s", "KILL", job.engine_id)
    await killed.wait()
    ended = await cluster.ended(job, 60)
    assert ended.status in {Status.LOST, Status.KILLED}


async def test_a_controller_that_is_down_makes_nothing_fail(cluster, slurm) -> None:
    running = await run(cluster, "echo up; while :; do sleep 0.1; done")
    waiting = await run(cluster, "echo late", options={"begin": "now+1hour"})
    await cluster.until_said(running, b"up", 60)
    slurm.stop("slurmctld")
    statuses = set()
    for _ in range(8):
        statuses.add(((await cluster.jobs.get(running.id)).status, (await cluster.jobs.get(waiting.id)).status))
        await asyncio.sleep(0.5)
    assert statuses <= {(Status.RUNNING, Status.UNKNOWN), (Status.RUNNING, Status.QUEUED)}
    assert (await cluster.jobs.get(waiting.id)).status is Status.UNKNOWN
    await cluster.jobs.write(running.id, b"\x03", ACTOR)
    assert (await cluster.ended(running)).exit_code == 130
    slurm.start("slurmctld")
    await asyncio.to_thread(slurm.wait_for_node)
    async with asyncio.timeout(60):
        while (await cluster.jobs.get(waiting.id)).status is not Status.QUEUED:
            await asyncio.sleep(0.1)
    await cluster.jobs.kill(waiting.id, ACTOR)
