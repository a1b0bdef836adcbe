"""The whole program, as it is started: /restart of cogs and of the process, /shutdown, and dying."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from patzta.sandbox.client import SandboxClient
from patzta.settings import ROOT
from tests.conftest import DATA
from tests.e2e.test_command import COMMAND
from tests.running import DIRECT, eventually

pytestmark = pytest.mark.timeout(400)

ROUNDS = 3


class Program:
    """A running ``bin/patztabot --sandbox``."""

    def __init__(self, process: subprocess.Popen, people: SandboxClient, log: list[str], data: Path) -> None:
        self.process = process
        self.data = data
        self.people = people
        self.log = log

    async def run(self, name: str, **options) -> str:
        """Run a command as the owner; the answer's text."""
        answer = await self.people.answer(await self.people.command("vilem", DIRECT, name, options))
        return answer["content"]

    async def ready(self) -> None:
        await eventually(lambda: any("is ready after" in line for line in self.log), within=60)

    async def start_anew(self) -> str:
        """Run /restart process:true; what the new process says."""
        mark = self.people.mark()
        assert await self.run("restart", process=True) == "Starting anew…"
        return (await self.people.wait_for_message(contains="Back after", since=mark, timeout=60))["content"]

    async def ask(self, text: str) -> list[str]:
        mark = self.people.mark()
        await self.people.send("vilem", DIRECT, text)
        answer = await self.people.wait_for_message(channel=DIRECT, author="patztabot22", since=mark, timeout=60)
        return answer["content"]

    def children(self) -> dict[str, int]:
        """The processes that it started: which part of the project each runs, and its id."""
        return dict(_children(self.process.pid, str(self.data)))

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


def _children(parent: int, data: str):
    """A worker is nobody's child: it is known by its folder."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
            state = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
            command = (entry / "cmdline").read_text().split("\0") if state and state[0] != "Z" else []
            is_worker = "patzta.inference.worker" in command and command[-2].startswith(data)
            if command and (int(state[1]) == parent or is_worker):
                yield command[command.index("-m") + 1], int(entry.name)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextlib.asynccontextmanager
async def started(root: Path = ROOT, data: Path = DATA):
    process = subprocess.Popen(
        [*COMMAND, "--sandbox", "--port", "0"],
        cwd=root,
        env={**os.environ, "PATZTA_DATA": str(data)},
        stderr=subprocess.PIPE,
        text=True,
    )
    log: list[str] = []
    reader = threading.Thread(target=lambda: log.extend(iter(process.stderr.readline, "")), daemon=True)
    reader.start()
    try:
        await eventually(lambda: any("Open http" in line for line in log) or process.poll() is not None, within=60)
        url = re.search(r"http://\S+", "".join(log))[0]
        async with SandboxClient(url) as people:
            yield Program(process, people, log, data)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.to_thread(process.wait, 30)
        finally:
            process.kill()


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the project that a test may edit."""
    copy = tmp_path / "checkout"
    for name in ("patzta", "cogs", "extensions", "alembic", "config"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*_token.txt"))
    shutil.copy(ROOT / "constraints.txt", copy)
    return copy


@pytest.mark.slow
async def test_a_new_process_keeps_model_page_and_history(demo) -> None:
    async with started() as program:
        await program.ready()
        assert await program.ask("ahoj")
        before, said = program.children(), await program.people.messages("vilem", DIRECT)
        assert set(before) == {"patzta.sandbox", "patzta.inference.worker"}
        # The bot of a test before may have left one.
        found_at_start = sum("found the model worker again" in line for line in program.log)
        open_files = []
        for _ in range(ROUNDS):
            assert re.fullmatch(r"Back after \d+\.\d s; the model stayed loaded\.", await program.start_anew())
            assert await program.ask("a teď?")
            open_files.append(program.open_files())
        assert program.children() == before, "the very same processes"
        assert max(open_files) - min(open_files) <= 2, open_files
        kept = await program.people.messages("vilem", DIRECT)
        assert [message["id"] for message in kept][: len(said)] == [message["id"] for message in said]
        found = sum("found the model worker again" in line for line in program.log)
        assert found - found_at_start == ROUNDS
        assert sum("told Discord" in line for line in program.log) <= 1, "the commands are known"
        assert not any("Traceback" in line for line in program.log)


@pytest.mark.slow
async def test_a_worker_that_died_meanwhile_is_started_anew(demo) -> None:
    async with started() as program:
        await program.ready()
        worker = program.children()["patzta.inference.worker"]
        os.kill(worker, signal.SIGKILL)
        assert "Back after" in await program.start_anew()
        assert await program.ask("ahoj")
        assert program.children()["patzta.inference.worker"] != worker


@pytest.mark.slow
async def test_edited_cogs_and_edited_inference_code(demo, checkout) -> None:
    cog = checkout / "cogs" / "lifecycle" / "_cog.py"
    whole = cog.read_text()
    async with started(checkout) as program:
        await program.ready()
        assert await program.run("ping") == "Pong."

        cog.write_text(whole.replace('"Pong."', '"Pang."'))
        assert "✅ cogs.lifecycle: changed" in await program.run("restart")
        assert await program.run("ping") == "Pang."

        cog.write_text("raise RuntimeError('no idea')\n")
        report = await program.run("restart")
        assert "❌ cogs.lifecycle keeps its old code" in report
        assert "RuntimeError: no idea" in report
        assert await program.run("ping") == "Pang."
        cog.write_text(whole)

        wire = checkout / "patzta" / "inference" / "wire.py"
        wire.write_text(wire.read_text() + "\n# changed\n")
        assert "patzta/inference/wire.py changed since the start" in await program.run("restart")
        worker = program.children()["patzta.inference.worker"]
        back = await program.start_anew()
        assert "the model stayed loaded" not in back
        assert any("the model worker is replaced: other code" in line for line in program.log)
        assert await program.ask("ahoj")
        assert program.children()["patzta.inference.worker"] != worker
        assert not runs(worker)
        assert "changed since the start" not in await program.run("restart")


@pytest.mark.slow
async def test_buttons_from_before_the_restart_work_in_the_new_process(demo, tmp_path) -> None:
    (tmp_path / "models").symlink_to(demo.parent)
    async with started(data=tmp_path) as program:
        await program.ready()
        mark = program.people.mark()
        await program.people.send("cizinec", DIRECT, "pusťte mě")
        notice = await program.people.wait_for_message(contains="wrote to me in", since=mark)
        await program.start_anew()
        (allow, _) = notice["components"][0]["components"]
        mark = program.people.mark()
        await program.people.click("vilem", notice["channel_id"], notice["id"], allow["custom_id"])
        done = await program.people.wait_for_message(contains="may chat with me now", since=mark)
        assert done["id"] == notice["id"]


async def test_shutdown_ends_everything_with_exit_code_0(demo) -> None:
    async with started() as program:
        children = program.children()
        assert await program.run("shutdown") == "Bye."
        assert await asyncio.to_thread(program.process.wait, 30) == 0
        assert not any(runs(pid) for pid in children.values())
        assert not any("Traceback" in line for line in program.log)


@pytest.mark.slow
async def test_a_bot_that_is_killed_leaves_the_worker_to_the_next(demo) -> None:
    async with started() as program:
        await program.ready()
        children = program.children()
        assert len(children) == 2
        program.process.kill()
        await eventually(lambda: not runs(children["patzta.sandbox"]))
    worker = children["patzta.inference.worker"]
    assert runs(worker)
    async with started() as program:
        await program.ready()
        assert program.children()["patzta.inference.worker"] == worker
        assert await program.ask("ahoj")
    assert not runs(worker)


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error(demo) -> None:
    command = f"{sys.executable} -m patzta.framework --sandbox --port 0 --say ahoj --say hej --say nazdar | head -1"
    done = subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env={**os.environ, "PATZTA_DATA": str(DATA)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 1
    assert "Broken" not in done.stderr
    assert "Traceback" not in done.stderr
