"""The text of a view, and what is told at a job's end."""

from __future__ import annotations

import time
from collections.abc import Sequence

import discord

from patzta.jobs.contract import Job, State, Status
from patzta.store.views import ShownJob
from patzta.terminal import ansi
from patzta.terminal.progress import summary
from patzta.terminal.styles import Line, plain

LIMIT = 4000
"""Characters that all texts of a message with components may have."""
COMMAND = 120
WARNING = 600.0
"""Seconds before a job's time is over from which on its views say so."""


def message(job: Job, state: State | None, shown: ShownJob, lines: Sequence[Line]) -> str:
    """Job and command on top, what is said of its progress, and the screen below."""
    head = [f"**Job {job.id}** {_name(job)} {_status(job)}"]
    if progress := summary([plain(line) for line in lines]):
        head.append(progress)
    if notes := _notes(job, state, shown):
        head.append("-# " + " \N{MIDDLE DOT} ".join(notes))
    text = "\n".join(head) + "\n"
    return text + ansi.block(lines, LIMIT - ansi.size(text))


def _name(job: Job) -> str:
    return ansi.inline(job.name or job.command, COMMAND)


def _status(job: Job) -> str:
    """Times are drawn by Discord itself, so that a view that is not edited stays right."""
    if job.status is Status.RUNNING and job.started:
        return f"running, started {discord.utils.format_dt(job.started, 'R')}"
    code = "" if job.exit_code is None else f" ({job.exit_code})"
    reason = f": {job.reason}" if job.reason and job.reason != job.status else ""
    ended = f" {discord.utils.format_dt(job.ended, 'R')}" if job.ended else ""
    return f"**{job.status}**{code}{reason}{ended}"


def _notes(job: Job, state: State | None, shown: ShownJob) -> list[str]:
    notes: list[str] = []
    if shown.frozen:
        notes.append("frozen")
    if shown.scroll:
        notes.append(f"{shown.scroll} rows up")
    if state and not job.status.final:
        if state.stopping:
            notes.append(f"is being ended ({state.stopping})")
        if state.blocked:
            notes.append("waits: the disk is full")
        if state.ends and state.ends - time.time() < WARNING:
            notes.append(f"its time is over <t:{round(state.ends)}:R>")
        if not state.echoes:
            notes.append("what is typed is not shown")
    return notes


def ended(job: Job) -> str:
    """Tell that a job is over."""
    took = f" after {_duration((job.ended - job.started).total_seconds())}" if job.ended and job.started else ""
    code = f" with {job.exit_code}" if job.status is Status.FAILED else ""
    return f"Job **{job.id}** {_name(job)} {_verb(job.status)}{code}{took}."


def _verb(status: Status) -> str:
    return {Status.SUCCESS: "is done", Status.FAILED: "failed", Status.KILLED: "was ended"}.get(status, f"is {status}")


def silent(job: Job, minutes: int) -> str:
    """Tell that a job writes nothing."""
    return f"Job **{job.id}** {_name(job)} has written nothing for {minutes} min."


def _duration(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
