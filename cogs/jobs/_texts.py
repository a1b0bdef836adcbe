"""How jobs are written down for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import discord

from patzta.jobs.contract import Job, Order, Status
from patzta.terminal.ansi import inline

SIGNS = {
    Status.QUEUED: "\N{HOURGLASS WITH FLOWING SAND}",
    Status.RUNNING: "\N{BLACK RIGHT-POINTING TRIANGLE}\N{VARIATION SELECTOR-16}",
    Status.SUCCESS: "\N{WHITE HEAVY CHECK MARK}",
    Status.FAILED: "\N{CROSS MARK}",
    Status.KILLED: "\N{SKULL}",
    Status.LOST: "\N{WHITE QUESTION MARK ORNAMENT}",
    Status.UNKNOWN: "\N{SATELLITE ANTENNA}",
}
COMMAND = 60
"""Characters of a command in a list."""


def line(job: Job) -> str:
    """A job in a list."""
    since = job.ended or job.started or job.created
    exit_code = "" if job.exit_code is None else f" {job.exit_code}"
    name = inline(job.name or job.command, COMMAND)
    return f"{SIGNS[job.status]} **{job.id}** {name} {job.status}{exit_code}, {discord.utils.format_dt(since, 'R')}"


def listed(jobs: Sequence[Job], wanted: Status | None) -> str:
    """A page of them."""
    if not jobs:
        return f"No job is {wanted}." if wanted else "There are no jobs yet: `/job run` starts one."
    return "\n".join(map(line, jobs))


def info(
    job: Job, order: Order, folder: str, written: tuple[int, int], events: Sequence[tuple[datetime, str, str]]
) -> str:
    """All that is known of a job; ``written`` are the bytes of its output and those dropped of them."""
    total, dropped = written
    facts = {
        "command": inline(job.command, 900) + (" by a shell" if order.shell else ""),
        "status": f"{job.status}{f' ({job.reason})' if job.reason else ''}",
        "exit code": "" if job.exit_code is None else str(job.exit_code),
        "started": _time(job.started),
        "ended": _time(job.ended),
        "by": _actor(job.actor),
        "in": inline(order.cwd, 200),
        "on": job.executor + (f" as {job.engine_id}" if job.engine_id else ""),
        "output": f"{total:,} bytes" + (f", of which {dropped:,} were dropped from the middle" if dropped else ""),
        "folder": inline(folder, 300),
    }
    lines = [f"**Job {job.id}**{f': {discord.utils.escape_markdown(job.name)}' if job.name else ''}"]
    lines += [f"{name}: {value}" for name, value in facts.items() if value]
    lines += [f"-# {discord.utils.format_dt(at, 'f')} {_actor(actor)}: {what}" for at, actor, what in events]
    return "\n".join(lines)[:2000]


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{discord.utils.format_dt(at, 'f')}, {discord.utils.format_dt(at, 'R')}"


def _actor(actor: str) -> str:
    kind, _, name = actor.partition(":")
    return f"<@{name}>" if kind == "discord" else actor
