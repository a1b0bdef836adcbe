"""What /evaluate shows: how far it is, the figures of a report, or why there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cogs.evaluation._measuring import Measuring
from cogs.evaluation._texts import relative
from patzta.jobs.contract import Job, Status
from patzta.terminal.ansi import clean, inline

COLUMNS = {
    "hits_at_1": "Hits@1",
    "authorship_auc": "Author",
    "human_or_generated_auc": "Human",
    "bits_per_character": "Bits",
}
LEGEND = (
    "-# Intervals are in the picture. Hits@1: finds the real reply among 20, chance is 0.05. Author: taken for the"
    " person beside other people, higher is better. Human: told from the real replies, 0.5 is ideal. Bits: per"
    " character of the real replies, lower is better."
)
PICTURE = "likeness.png"
NAME = 30
"""Characters of a model's name that are shown."""
LAST = 300
"""Characters of a failed job's last line."""

_PERCENT = re.compile(r"(\d{1,3}) %  ")
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def begins(report: Path) -> str:
    """Before there is a job."""
    return f"**Likeness** of {inline(report.name, NAME)}: begins."


def progress(one: Measuring, output: str) -> str:
    """How far it is."""
    percents = _PERCENT.findall(output)
    return f"{_head(one)}: {percents[-1] if percents else '0'} % measured."


def failure(one: Measuring, job: Job, output: str) -> str:
    """Why there is no report. Of the output only the last line is shown: others may quote what people wrote."""
    match job.status:
        case Status.KILLED:
            return f"{_head(one)}: not measured, the job was ended."
        case Status.FAILED:
            lines = [line for line in re.split(r"[\r\n]+", _ESCAPE.sub("", output)) if line.strip()]
            last = inline(clean(lines[-1]), LAST) if lines else ""
            return f"{_head(one)}: not measured, exit status {job.exit_code}. {last}".rstrip()
        case _:
            return f"{_head(one)}: not measured, the job is {job.status} ({job.reason})."


def read(one: Measuring) -> tuple[str, Mapping[str, bytes]]:
    """The figures, and the picture by its name; a sentence alone where they cannot be read."""
    try:
        found = json.loads((one.report / "report.json").read_bytes())
        return result(one, found), {PICTURE: (one.report / PICTURE).read_bytes()}
    except (OSError, ValueError, KeyError) as error:
        return f"{_head(one)}: measured, but its report cannot be read: {inline(str(error), LAST)}", {}


def result(one: Measuring, found: Mapping[str, Any]) -> str:
    """The figures of a report. Its page is not sent, since it holds private chats."""
    page = inline(relative(one.report / "index.html"), LAST)
    return (
        f"{_head(one)} on {found['replies']} held-out replies:\n```\n{table(found['systems'])}\n```\n{LEGEND}\n"
        f"-# The page, with private chats side by side, stays on the machine: {page}"
    )


def table(systems: Mapping[str, Mapping[str, Any]]) -> str:
    """The main four figures of each system, narrow enough for a phone."""
    head = f"{'':<9}" + "".join(f"{title:>7}" for title in COLUMNS.values())
    rows = [
        f"{name:<9}" + "".join(f"{_value(found.get(metric)):>7}" for metric in COLUMNS)
        for name, found in systems.items()
    ]
    return "\n".join([head, *rows])


def _value(found: Mapping[str, float] | None) -> str:
    return "–" if found is None else f"{found['value']:.2f}"


def _head(one: Measuring) -> str:
    return f"**Job {one.job.id}**, likeness of {inline(one.model, NAME)}"
