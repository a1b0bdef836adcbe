"""``bin/job``: jobs from a terminal, for scripts and for the day Discord is away."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import shlex
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import Any

from patzta.commandline import ended
from patzta.errors import PatztaError
from patzta.framework.config import shell_settings
from patzta.jobs.attach import attach
from patzta.jobs.contract import Job, Order, Status
from patzta.jobs.engines import engines
from patzta.jobs.service import Jobs, shown
from patzta.store.database import Database
from patzta.store.migrate import upgrade

ACTOR = f"terminal:{getpass.getuser()}"
KILLED = 143
"""The exit status of ``run --wait`` for a job that was ended before it had one of its own."""

Work = Callable[[Jobs, argparse.Namespace], Coroutine[Any, Any, int]]


def main() -> int:
    """Parse the command line and do it; the exit code."""
    arguments = parse()
    work: Work = arguments.work
    return ended(lambda: asyncio.run(_with_jobs(work, arguments)))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="job", description="Runs and watches jobs that outlive what started them.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = _add(commands, "run", run, "start a job; its number goes to stdout")
    new.add_argument("--name", default="", help="what the list calls it")
    new.add_argument("--wait", action="store_true", help="show its output, and end with its exit status")
    new.add_argument("--shell", action="store_true", help="let a shell read the command: pipes, wildcards")
    new.add_argument("--cwd", type=Path, default=Path.cwd(), help="where it starts (default: here)")
    new.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="add to its environment")
    new.add_argument("--on", default="local", metavar="ENGINE", help="local, slurm or pbs (default: %(default)s)")
    new.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="for the engine")
    new.add_argument("--walltime", type=float, metavar="SECONDS", help="tell it to save and end after that")
    new.add_argument("command", nargs="+", metavar="COMMAND")
    many = _add(commands, "list", show_list, "show the newest jobs")
    many.add_argument("--json", action="store_true", help="a JSON object a line")
    many.add_argument("--status", type=Status, choices=list(Status), help="only those")
    many.add_argument("--count", type=int, default=50, help="how many (default: %(default)s)")
    one = _numbered(commands, "show", show, "show a job")
    one.add_argument("--json", action="store_true", help="as a JSON object")
    _numbered(commands, "log", show_log, "print its output, byte by byte")
    _numbered(commands, "view", view, "watch it and type into it; Ctrl-] leaves")
    end = _numbered(commands, "kill", kill, "end it")
    end.add_argument("--now", action="store_true", help="do not ask it first")
    return parser.parse_args()


def _add(commands: Any, name: str, work: Work, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(work=work)
    return parser


def _numbered(commands: Any, name: str, work: Work, about: str) -> argparse.ArgumentParser:
    parser = _add(commands, name, work, about)
    parser.add_argument("id", type=int, metavar="ID")
    return parser


@contextlib.asynccontextmanager
async def opened() -> AsyncGenerator[Jobs]:
    """The shellbot's jobs. Raises SettingsError, StoreError."""
    settings = shell_settings()
    await upgrade(settings.database)
    database = Database(settings.database)
    try:
        yield Jobs(database, settings.jobs, engines())
    finally:
        await database.close()


async def _with_jobs(work: Work, arguments: argparse.Namespace) -> int:
    async with opened() as jobs:
        return await work(jobs, arguments)


async def run(jobs: Jobs, arguments: argparse.Namespace) -> int:
    """Start a job."""
    words: list[str] = arguments.command
    command = " ".join(words) if arguments.shell else shlex.join(words)
    order = Order(
        command,
        arguments.shell,
        str(arguments.cwd),
        arguments.name,
        _pairs(arguments.env),
        walltime=arguments.walltime,
        executor=arguments.on,
        options=_pairs(arguments.option),
    )
    job = await jobs.run(order, ACTOR)
    sys.stdout.write(f"{job.id}\n")
    sys.stdout.flush()
    if not arguments.wait:
        return 0
    await _print(jobs, job.id)
    return exit_status(await jobs.get(job.id))


def exit_status(job: Job) -> int:
    """What a script gets for a job that has ended."""
    if job.exit_code is not None:
        return job.exit_code
    return KILLED if job.status is Status.KILLED else 1


def _pairs(words: list[str]) -> dict[str, str]:
    for word in words:
        if "=" not in word:
            raise Misused(f"'{word}' is not NAME=VALUE.")
    return dict(word.split("=", 1) for word in words)


class Misused(PatztaError):
    """A command line that cannot be understood."""

    exit_code = 2


async def _print(jobs: Jobs, number: int) -> None:
    async for piece in jobs.follow(number):
        sys.stdout.buffer.write(piece.data)
        sys.stdout.buffer.flush()


async def show_list(jobs: Jobs, arguments: argparse.Namespace) -> int:
    """The newest jobs, the newest last as in a log."""
    await jobs.reconcile()
    for job in reversed(await jobs.page(None, arguments.count, arguments.status)):
        sys.stdout.write((shown(job) if arguments.json else _line(job)) + "\n")
    return 0


def _line(job: Job) -> str:
    since = (job.ended or job.started or job.created).astimezone()
    code = "" if job.exit_code is None else str(job.exit_code)
    return f"{job.id:>6}  {job.status:<8} {code:>4}  {since:%Y-%m-%d %H:%M:%S}  {job.name or job.command}"


async def show(jobs: Jobs, arguments: argparse.Namespace) -> int:
    """One job."""
    job = await jobs.get(arguments.id)
    if arguments.json:
        sys.stdout.write(shown(job) + "\n")
        return 0
    for name in ("id", "name", "command", "status", "exit_code", "reason", "executor", "actor", "started", "ended"):
        value = getattr(job, name)
        sys.stdout.write(f"{name.replace('_', ' '):>10}  {'' if value is None else value}\n")
    sys.stdout.write(f"{'folder':>10}  {jobs.folder(job.id)}\n")
    return 0


async def show_log(jobs: Jobs, arguments: argparse.Namespace) -> int:
    """The output so far, raw."""
    await jobs.get(arguments.id)
    for data in jobs.pieces(arguments.id):
        sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return 0


async def kill(jobs: Jobs, arguments: argparse.Namespace) -> int:
    """End it."""
    await jobs.kill(arguments.id, ACTOR, now=arguments.now)
    return 0


async def view(jobs: Jobs, arguments: argparse.Namespace) -> int:
    """Watch it and type into it."""
    job = await jobs.get(arguments.id)
    await attach(jobs, job, ACTOR)
    return 0


if __name__ == "__main__":
    sys.exit(main())
