"""What a supervisor costs: ``PYTHONPATH=. .venv/bin/python benchmarks/jobs.py``. Needs tmux and dtach.

Launch to the first byte of output in the log, beside tmux and dtach; output to log and input to log; memory of a
supervisor; how fast the output of ``yes`` is taken, beside tmux's pipe-pane, in one run; attaching to 100 jobs again
after the bot was killed. Times in milliseconds unless said otherwise. Prints one JSON object on its last line.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from patzta.jobs.contract import Job, Order
from patzta.jobs.local import SUPERVISOR
from patzta.jobs.service import Jobs
from patzta.jobs.settings import JobSettings
from patzta.jobs.supervisor import records
from patzta.jobs.supervisor.log import extent
from patzta.jobs.supervisor.spec import Spec
from patzta.store.database import Database
from patzta.store.migrate import upgrade

LAUNCHES = 15
MEGABYTES = 200
MANY = 100


def until(condition: Callable[[], object]) -> float:
    """Wait, without a pause; the seconds that it took."""
    begin = time.perf_counter()
    while not condition():
        if time.perf_counter() > begin + 120:
            sys.exit("nothing came")
    return time.perf_counter() - begin


async def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        url = f"sqlite+aiosqlite:///{root}/jobs.db"
        await upgrade(url)
        database = Database(url)
        jobs = Jobs(database, JobSettings(root / "jobs", root, 0, 1.0, ()))
        found = {
            "launch": await launches(jobs, root),
            "input to output": await inputs(jobs),
            "memory of a supervisor, MiB": await memory(jobs),
            "yes, MB/s": await throughput(jobs, root),
            "attach to 100 jobs again, s": await again(jobs, database, root),
        }
        await database.close()
    print(json.dumps(found))


async def launches(jobs: Jobs, root: Path) -> dict[str, float]:
    """From the call to the first byte that a program wrote, one after the other, in turns."""
    took: dict[str, list[float]] = {"job": [], "supervisor alone": [], "tmux": [], "dtach": []}
    for turn in range(LAUNCHES):
        file = root / f"said-{turn}"
        begin = time.perf_counter()
        job = await jobs.run(Order(f"echo x > {file}; sleep 1", shell=True), "benchmark")
        until(file.exists)
        took["job"].append(time.perf_counter() - begin)
        for name, command in {
            "tmux": ["tmux", "-L", f"patzta-{os.getpid()}", "new-session", "-d", f"echo x > {file}.tmux; sleep 1"],
            "dtach": ["dtach", "-n", str(root / "dtach"), "sh", "-c", f"echo x > {file}.dtach; sleep 1"],
        }.items():
            begin = time.perf_counter()
            subprocess.run(command, check=True)
            until(Path(f"{file}.{name}").exists)
            took[name].append(time.perf_counter() - begin)
        await ended(jobs, job)
        took["supervisor alone"].append(_alone(root, turn))
    return {name: round(1000 * statistics.median(times), 1) for name, times in took.items()}


def _alone(root: Path, turn: int) -> float:
    """Without service and store."""
    folder = root / "alone" / str(1000 + turn)
    (folder / "box").mkdir(parents=True)
    file = folder / "said"
    Spec(["sh", "-c", f"echo x > {file}"], str(root), dict(os.environ)).write(str(folder))
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", SUPERVISOR, folder], check=True, stdout=subprocess.DEVNULL)
    until(file.exists)
    return time.perf_counter() - begin


async def ended(jobs: Jobs, job: Job) -> None:
    """Wait for its end."""
    while not (await jobs.get(job.id)).status.final:
        await asyncio.sleep(0.01)


async def inputs(jobs: Jobs) -> dict[str, float]:
    """From the call that types a line to its echo in the log."""
    job = await jobs.run(Order("cat"), "benchmark")
    folder, took = str(jobs.folder(job.id)), list[float]()
    for _ in range(200):
        before = extent(folder)[0]
        begin = time.perf_counter()
        await jobs.write(job.id, b"x\n", "benchmark")
        until(lambda before=before: extent(folder)[0] > before)
        took.append(time.perf_counter() - begin)
    await jobs.kill(job.id, "benchmark", now=True)
    await ended(jobs, job)
    return {"p50": round(1000 * statistics.median(took), 2), "p99": round(1000 * sorted(took)[-2], 2)}


async def memory(jobs: Jobs) -> dict[str, float]:
    """Of one whose job writes."""
    job = await jobs.run(Order("while :; do echo busy; sleep 0.01; done", shell=True), "benchmark")
    await asyncio.sleep(1)
    process = psutil.Process((records.read(str(jobs.folder(job.id)), "run.json") or {})["pid"])
    used = process.memory_full_info()
    await jobs.kill(job.id, "benchmark", now=True)
    await ended(jobs, job)
    return {"resident": round(used.rss / 2**20, 1), "of its own": round(used.uss / 2**20, 1)}


async def throughput(jobs: Jobs, root: Path) -> dict[str, float]:
    """The same output, in turns: here, and through tmux into a file."""
    size = MEGABYTES * 10**6
    command = f"yes all-work-and-no-play | head -c {size}"
    mine, tmux = list[float](), list[float]()
    socket = f"patzta-{os.getpid()}"
    for turn in range(3):
        begin = time.perf_counter()
        job = await jobs.run(Order(command, shell=True), "benchmark")
        await ended(jobs, job)
        mine.append(MEGABYTES / (time.perf_counter() - begin))
        begin, done, log = time.perf_counter(), root / f"done-{turn}", root / f"piped-{turn}"
        subprocess.run(["tmux", "-L", socket, "new-session", "-d", "-s", f"t{turn}", "sleep 1000"], check=True)
        subprocess.run(["tmux", "-L", socket, "pipe-pane", "-t", f"t{turn}", f"cat > {log}"], check=True)
        begin = time.perf_counter()
        subprocess.run(
            ["tmux", "-L", socket, "respawn-pane", "-k", "-t", f"t{turn}", f"{command}; touch {done}; sleep 1000"],
            check=True,
        )
        until(done.exists)
        tmux.append(MEGABYTES / (time.perf_counter() - begin))
        log.unlink(missing_ok=True)
    subprocess.run(["tmux", "-L", socket, "kill-server"], check=False)
    median, theirs = statistics.median(mine), statistics.median(tmux)
    return {"job": round(median, 1), "tmux pipe-pane": round(theirs, 1), "ratio": round(median / theirs, 2)}


async def again(jobs: Jobs, database: Database, root: Path) -> float:
    """A new service over 100 jobs that run."""
    started = [await jobs.run(Order("sleep 1000"), "benchmark") for _ in range(MANY)]
    begin = time.perf_counter()
    fresh = Jobs(database, JobSettings(root / "jobs", root, 0, 1.0, ()))
    await fresh.reconcile()
    states = await asyncio.gather(*(fresh.state(job.id) for job in started))
    took = time.perf_counter() - begin
    assert all(states)
    for job in started:
        await jobs.kill(job.id, "benchmark", now=True)
    for job in started:
        await ended(jobs, job)
    return round(took, 2)


if __name__ == "__main__":
    if missing := [name for name in ("tmux", "dtach") if not shutil.which(name)]:
        sys.exit(f"install {' and '.join(missing)} first")
    asyncio.run(main())
