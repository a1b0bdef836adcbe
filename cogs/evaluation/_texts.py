"""How runs are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import discord

from patzta.settings import ROOT
from patzta.store.runs import Run, RunAnswer

SIGNS = {"waits": "\N{HOURGLASS WITH FLOWING SAND}", "writes": "\N{PENCIL}\N{VARIATION SELECTOR-16}"}
SHOWN = 250
"""Characters of an answer that a comparison in a message shows."""


def progress(
    run_id: int, channels: Sequence[discord.TextChannel], states: Mapping[int, str | RunAnswer], state: str
) -> str:
    """The live message of a run, a line for each channel, at most as long as Discord allows."""
    done = sum(isinstance(one, RunAnswer) for one in states.values())
    lines = [f"**Run {run_id}**: {state}, {done} of {len(channels)} channels."]
    for channel in channels:
        one = states[channel.id]
        lines.append(_line(one) if isinstance(one, RunAnswer) else f"{SIGNS[one]} <#{channel.id}>")
    return _fitting(lines)


def _line(answer: RunAnswer) -> str:
    if answer.error:
        return f"\N{CROSS MARK} <#{answer.channel_id}>: {answer.error[:100]}"
    return f"\N{WHITE HEAVY CHECK MARK} <#{answer.channel_id}> {answer.seconds:.1f} s, [answer]({answer.link})"


def listed(found: Sequence[Run]) -> str:
    """A line for each run."""
    if not found:
        return "There are no runs yet: `/test` makes one."
    return _fitting([f"**{run.id}** {discord.utils.format_dt(run.at)} {run.state}, {_model(run)}" for run in found])


def shown(run: Run, answers: Sequence[RunAnswer]) -> str:
    """One run with all that was said, as Markdown."""
    head = [
        f"# Run {run.id}",
        "",
        f"{run.at:%Y-%m-%d %H:%M} UTC, {run.state}, {_model(run)}",
        f"settings {run.settings}",
    ]
    return "\n".join([*head, *[part for answer in answers for part in _section(answer)]]) + "\n"


def _section(answer: RunAnswer) -> list[str]:
    said = [f"> {line}" for line in (answer.error or answer.text or "(nothing)").splitlines()]
    return ["", f"## {answer.channel} ({answer.seconds:.1f} s)", "", *said]


def compared(first: Run, second: Run, one: Sequence[RunAnswer], other: Sequence[RunAnswer]) -> str:
    """Two runs side by side, as Markdown: a table for each channel."""
    left, right = ({answer.channel: answer for answer in answers} for answers in (one, other))
    lines = [
        f"# Runs {first.id} and {second.id}",
        "",
        f"- {first.id}: {_model(first)}",
        f"- {second.id}: {_model(second)}",
    ]
    for channel in sorted(left.keys() | right.keys()):
        lines += ["", f"## {channel}", "", f"| {first.id} | {second.id} |", "|---|---|"]
        lines.append(f"| {_cell(left.get(channel))} | {_cell(right.get(channel))} |")
    return "\n".join(lines) + "\n"


def side_by_side(first: Run, second: Run, one: Sequence[RunAnswer], other: Sequence[RunAnswer]) -> str:
    """The beginning of a comparison, for a message."""
    left, right = ({answer.channel: answer for answer in answers} for answers in (one, other))
    lines: list[str] = []
    for channel in sorted(left.keys() | right.keys()):
        lines.append(f"**{channel}**")
        for run, answers in ((first, left), (second, right)):
            text = _cell(answers.get(channel)).replace("<br>", " / ")
            lines.append(f"`{run.id}` {discord.utils.escape_markdown(text[:SHOWN])}")
    return _fitting(lines or ["Neither run said anything."])


def _cell(answer: RunAnswer | None) -> str:
    text = (answer.error or answer.text) if answer else ""
    return text.replace("|", "\\|").replace("\n", "<br>") or "–"


def relative(path: Path) -> str:
    """A folder below the checkout by its path from there."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def _model(run: Run) -> str:
    return f"model `{run.model}` `{run.adapter[:8]}`"


def _fitting(lines: Sequence[str], limit: int = 1950) -> str:
    """As many lines as fit into a message."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) > limit:
            return "\n".join([*kept, "…"])
        kept.append(line)
    return "\n".join(kept)
