"""Supervisors, as they behave towards jobs, disks and clients of every kind."""

import asyncio
import os
import signal
import socket
import struct
import sys
import time

import psutil
import pytest

from patzta.jobs import NotTaken
from patzta.jobs.contract import Status
from patzta.jobs.evidence import Evidence, look
from patzta.jobs.local import SUPERVISOR
from patzta.jobs.supervisor import log, records
from patzta.jobs.supervisor.log import LogWriter, extent, read
from tests.jobs.conftest import ACTOR, marked, until

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120)]


@pytest.mark.parametrize(
    ("command", "status", "code"),
    [
        ("exit 0", Status.SUCCESS, 0),
        ("exit 7", Status.FAILED, 7),
        ("kill -SEGV $$", Status.FAILED, 139),
        ("exec no-such-program", Status.FAILED, 127),
        ("echo x > here; exec ./here", Status.FAILED, 126),
    ],
)
async def test_how_a_job_ended_is_known(machine, command, status, code) -> None:
    """Most of these end before the supervisor's first look."""
    job = await machine.ended(await machine.run(command))
    assert (job.status, job.exit_code) == (status, code)
    assert job.started <= job.ended


async def test_a_missing_program_and_a_missing_folder_say_so(machine) -> None:
    job = await machine.ended(await machine.run("no-such-program x", shell=False))
    assert (job.exit_code, await machine.output(job)) == (127, b"no-such-program: not found\r\n")
    job = await machine.ended(await machine.run("true", shell=False, cwd="/no/such/folder"))
    assert (job.exit_code, await machine.output(job)) == (127, b"/no/such/folder: not found\r\n")


async def test_a_job_has_a_terminal_of_the_given_size(machine) -> None:
    job = await machine.run("tty; stty size; echo $TERM", rows=33, columns=101)
    said = await machine.output(job)
    assert said.startswith(b"/dev/pts/")
    assert said.endswith(b"33 101\r\nxterm-256color\r\n")


async def test_no_secret_of_the_bot_reaches_a_job(machine) -> None:
    names = {line.split(b"=")[0] for line in (await machine.output(await machine.run("env"))).splitlines()}
    assert b"PATH" in names
    assert not names & {b"BOT_TOKEN", b"PYTHONSAFEPATH"}
    passing = machine.opened(environment=("BOT_TOKEN",))
    job = await passing.run(await machine.jobs.order(1), ACTOR)
    assert b"BOT_TOKEN=very secret" in await machine.output(job)


async def test_limits_hold(machine) -> None:
    job = await machine.run("ulimit -v; ulimit -t; nice", memory=2**30, cpu=77, niceness=5)
    assert (await machine.output(job)).split() == [b"1048576", b"77", b"5"]


async def test_a_job_that_closes_its_terminal_goes_on(machine) -> None:
    job = await machine.run("exec >/dev/null 2>&1 </dev/null; sleep 0.6; exec >/dev/tty; echo back; exit 3")
    ended = await machine.ended(job)
    assert (ended.exit_code, await machine.output(job)) == (3, b"back\r\n")


async def test_what_a_job_leaves_behind_ends_with_it(machine) -> None:
    job = await machine.run("(setsid sleep 1000 &) ; (trap '' TERM HUP; sleep 1000) & echo $!; exit 2")
    ended = await machine.ended(job)
    assert ended.exit_code == 2
    assert marked(machine.root) == []


async def test_a_deaf_tree_is_ended_within_two_graces(machine, seconds) -> None:
    script = "trap '' INT TERM HUP; for i in 1 2 3 4 5; do (setsid sh -c 'trap \"\" INT TERM HUP; sleep 1000' &); done"
    job = await machine.run(f"{script}; echo deaf; while :; do sleep 1; done")
    await machine.until_said(job, b"deaf")
    await machine.jobs.kill(job.id, ACTOR)
    before = seconds()
    ended = await machine.ended(job)
    assert (ended.status, ended.exit_code, ended.reason) == (Status.KILLED, 137, "killed")
    assert 0.9 < seconds() - before < 5
    assert marked(machine.root) == []


async def test_a_job_may_save_when_it_is_interrupted(machine) -> None:
    job = await machine.run("trap 'echo saved; exit 5' INT; echo up; while :; do sleep 0.1; done")
    await machine.until_said(job, b"up")
    await machine.jobs.kill(job.id, ACTOR)
    ended = await machine.ended(job)
    assert (ended.status, ended.exit_code) == (Status.KILLED, 5)
    assert b"saved" in await machine.output(job)


async def test_walltime_lets_it_save(machine) -> None:
    job = await machine.run("trap 'echo saved; exit 0' TERM; while :; do sleep 0.05; done", walltime=0.5)
    ended = await machine.ended(job)
    assert (ended.status, ended.reason, ended.exit_code) == (Status.KILLED, "walltime", 0)
    assert b"saved" in await machine.output(job)


async def test_in_an_allocation_a_job_is_told_before_that_is_over(machine, monkeypatch) -> None:
    monkeypatch.setenv("PATZTA_ENDS", str(time.time() + 120))
    job = await machine.run("trap 'echo saved; exit 0' TERM; while :; do sleep 0.05; done")
    assert (await machine.jobs.state(job.id)).ends < time.time() + 5
    ended = await machine.ended(job)
    assert (ended.status, ended.reason) == (Status.KILLED, "walltime")
    assert b"saved" in await machine.output(job)


async def test_typing_and_its_limits(machine) -> None:
    job = await machine.run('read line; echo "got $line"; sleep 1000')
    await machine.jobs.write(job.id, b"hello\n", ACTOR)
    await machine.until_said(job, b"got hello")
    with pytest.raises(NotTaken, match="more than 4000 bytes"):
        await machine.jobs.write(job.id, b"x" * 6000, ACTOR)
    with pytest.raises(NotTaken, match="does not read its input"):
        for _ in range(100):
            await machine.jobs.write(job.id, b"y" * 2000 + b"\n", ACTOR)
    await machine.jobs.kill(job.id, ACTOR)
    assert (await machine.ended(job)).status is Status.KILLED


async def test_control_c_is_a_key_like_others(machine) -> None:
    job = await machine.run(f"{sys.executable} -c 'import time; print(1, flush=True); time.sleep(1000)'", shell=False)
    await machine.until_said(job, b"1")
    await machine.jobs.write(job.id, b"\x03", ACTOR)
    ended = await machine.ended(job)
    assert (ended.status, ended.exit_code) == (Status.FAILED, 130)
    assert b"KeyboardInterrupt" in await machine.output(job)


async def test_a_password_prompt_is_known(machine) -> None:
    job = await machine.run("stty -echo; echo ready; read secret; stty echo; read rest")
    await machine.until_said(job, b"ready")
    assert (await machine.jobs.state(job.id)).echoes is False
    await machine.jobs.write(job.id, b"hush\n", ACTOR)
    async with asyncio.timeout(10):
        while not (await machine.jobs.state(job.id)).echoes:
            await asyncio.sleep(0.02)
    await machine.jobs.write(job.id, b"\n", ACTOR)
    await machine.ended(job)
    assert b"hush" not in await machine.output(job)


async def test_clients_that_vanish_or_talk_nonsense_do_no_harm(machine) -> None:
    job = await machine.run("while :; do echo on; sleep 0.05; done")
    await machine.until_said(job, b"on")
    where = os.open(machine.jobs.folder(job.id), os.O_PATH)

    def connected() -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.connect(f"/proc/self/fd/{where}/ctl")
        return client

    for nonsense in (b"\n", b"{}\n", b"[[[[\n", b"null\n", b'{"do": 1}\n', b'{"do": "size"}\n', b"[" * 5000 + b"\n"):
        with connected() as client:
            client.sendall(nonsense)
            assert b"error" in client.recv(1000)
    with connected() as client, pytest.raises((BrokenPipeError, ConnectionResetError)):
        for _ in range(100):
            client.sendall(b"x" * 2**16)
    for _ in range(50):
        # Closed with a reset while answers are on their way.
        client = connected()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(b'{"do": "state"}\n' * 200)
        client.close()
    crowd = [connected() for _ in range(40)]
    for client in crowd:
        client.close()
    os.close(where)
    assert (await machine.jobs.state(job.id)) is not None
    assert machine.supervisor(job).is_running()


async def test_a_killed_supervisor_is_lost_and_never_a_wrong_status(machine) -> None:
    job = await machine.run("trap '' HUP; echo up; while :; do sleep 1; done")
    await machine.until_said(job, b"up")
    machine.supervisor(job).kill()
    ended = await machine.ended(job)
    assert (ended.status, ended.exit_code) == (Status.LOST, None)
    left = [process.pid for process in marked(machine.root)]
    assert left
    assert all(str(pid) in ended.reason for pid in left if psutil.pid_exists(pid)) or "still there" in ended.reason


async def test_a_reboot_is_told_from_a_crash(machine) -> None:
    job = await machine.run("sleep 1000")
    await until(lambda: (machine.jobs.folder(job.id) / "run.json").exists())
    run = records.read(str(machine.jobs.folder(job.id)), "run.json")
    machine.supervisor(job).kill()
    records.write(str(machine.jobs.folder(job.id)), "run.json", run | {"boot": "another"})
    ended = await machine.ended(job)
    assert ended.status is Status.LOST
    assert "started anew" in ended.reason


async def test_a_second_start_is_refused_and_noted(machine) -> None:
    job = await machine.ended(await machine.run("echo once"))
    folder = machine.jobs.folder(job.id)
    words = (sys.executable, "-I", "-S", SUPERVISOR, "--shared", folder)
    again = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.DEVNULL)
    assert await again.wait() == 75
    assert len(list(folder.glob("refused-*.json"))) == 1
    assert await machine.output(job) == b"once\r\n"
    assert look(folder) == Evidence(Status.SUCCESS, 0, "a second start was refused", job.started, job.ended)


async def test_the_log_keeps_head_and_tail_and_counts_what_it_dropped(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(log, "HEAD", 100)
    monkeypatch.setattr(log, "SEGMENT", 50)
    writer, data = LogWriter(str(tmp_path)), bytes(range(256)) * 10
    rest = data
    while rest:
        rest = rest[writer.write(rest) :]
    writer.close()
    total, dropped = extent(str(tmp_path))
    assert total == len(data)
    offset, kept = 0, []
    while (piece := read(str(tmp_path), offset, 33))[1]:
        begin, some = piece
        assert some == data[begin : begin + len(some)]
        kept.append(range(begin, begin + len(some)))
        offset = begin + len(some)
    assert kept[0].start == 0
    assert offset == total
    assert dropped == total - sum(map(len, kept)) > 0


@pytest.mark.slow
async def test_a_gigabyte_is_bounded_and_counted(machine) -> None:
    size = 2**30
    job = await machine.run(f"stty -opost; head -c {size} /dev/zero | tr '\\0' x; printf END")
    await machine.ended(job, 100)
    total, dropped = extent(str(machine.jobs.folder(job.id)))
    assert total == size + 3
    assert total - dropped <= log.HEAD + (log.KEPT + 1) * log.SEGMENT
    pieces = list(machine.jobs.pieces(job.id))
    assert sum(map(len, pieces)) == total - dropped
    assert b"".join(pieces[-2:]).endswith(b"xEND")


async def test_a_supervisor_is_small(machine) -> None:
    job = await machine.run("while :; do echo busy; sleep 0.01; done")
    await machine.until_said(job, b"busy")
    await machine.jobs.state(job.id)
    assert machine.supervisor(job).memory_info().rss < 12 * 2**20


async def test_term_to_the_supervisor_ends_the_job_in_good_order(machine) -> None:
    job = await machine.run("trap 'echo saved; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    await machine.until_said(job, b"up")
    machine.supervisor(job).send_signal(signal.SIGTERM)
    ended = await machine.ended(job)
    assert (ended.status, ended.reason) == (Status.KILLED, "terminated")
    assert b"saved" in await machine.output(job)


async def test_a_full_disk_makes_the_job_wait(machine, small_disk) -> None:
    machine.root = small_disk
    machine.jobs = machine.opened()
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (3 * 2**20))
    size = 3 * 2**20
    job = await machine.run(f"stty -opost; head -c {size} /dev/zero | tr '\\0' x; printf END; exit 9")
    async with asyncio.timeout(30):
        while not ((state := await machine.jobs.state(job.id)) and state.blocked):
            await asyncio.sleep(0.05)
    assert (await machine.jobs.get(job.id)).status is Status.RUNNING
    ballast.unlink()
    ended = await machine.ended(job)
    assert ended.exit_code == 9
    assert await machine.output(job) == b"x" * size + b"END"
