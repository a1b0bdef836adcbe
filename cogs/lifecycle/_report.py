"""What the lifecycle commands say."""

from __future__ import annotations

import platform
import resource
import sys
import textwrap
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from patzta.framework.bot import Bot
from patzta.framework.plugins import Loaded
from patzta.framework.reloading import Kept, Report
from patzta.framework.sources import listed
from patzta.inference.contract import Status
from patzta.settings import ROOT

LIMIT = 2000
"""Characters that Discord takes in one message."""
WIDTH = 68
"""Characters that a line of a code block shows without scrolling."""
TRACE = 900
"""Characters of a traceback that are shown: its end tells most."""
PACKAGES = ("patzta", "discord.py", "SQLAlchemy", "transformers", "bitsandbytes", "torch")

STATES = {
    "starting": "⏳ My model is about to start.",
    "loading": "⏳ My model is loading.",
    "ready": "✅ My model is ready.",
    "failed": "❌ My model does not work: {detail}",
}


def status(model: Status | None, busy: list[int], uptime: float) -> str:
    """A few friendly lines; ``uptime`` is in seconds."""
    lines = [f"Up for {duration(uptime)}."]
    if model:
        who = f"I am the double of **{model.double}**. " if model.double else ""
        lines.insert(0, who + STATES[model.state].format(detail=model.detail))
        lines.append(_queue(busy))
    return "\n".join(lines)


def _queue(busy: list[int]) -> str:
    if not busy:
        return "Nobody is waiting for an answer."
    places = "one place" if len(busy) == 1 else f"{len(busy)} places"
    return f"Answering in {places}; {sum(busy)} message{'s' if sum(busy) > 1 else ''} in all."


def back(seconds: float, model: Status | None) -> str:
    """What a new process says."""
    states = {"ready": "; the model stayed loaded", "loading": "; the model is loading"}
    return f"Back after {seconds:.1f} s{states.get(model.state, '') if model else ''}."


def duration(seconds: float) -> str:
    """The two largest units: ``3 h 12 min``."""
    left, parts = int(seconds), list[str]()
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def insides(bot: Bot, model: Status | None) -> str:
    """The debugging response."""
    plugins = [f"{name} {plugin.hash}{' resident' * plugin.resident}" for name, plugin in bot.plugins.loaded.items()]
    draining = f", {bot.plugins.draining} old versions finish" if bot.plugins.draining else ""
    worker = f"{model.state}, {model.queued} queued, {model.model}" if model else "none"
    lines = [
        *textwrap.wrap(f"Python {platform.python_version()}, {', '.join(_versions())}", WIDTH),
        f"up {duration(time.time() - bot.started)}, latency {bot.latency * 1000:.0f} ms",
        f"loop lag p50 {bot.lag.percentile(0.5):.1f} ms, p99 {bot.lag.percentile(0.99):.1f} ms in the last minute",
        f"memory {memory():.0f} MiB",
        f"model: {worker}",
        f"places: {bot.places.busy() or 'no queue'}",
        f"plugins{draining}:",
        *(f"  {plugin}" for plugin in plugins),
    ]
    return fenced("\n".join(lines), LIMIT)


def _versions() -> list[str]:
    known = {name.lower(): name for name in PACKAGES}
    found = {found.name.lower(): found.version for found in metadata.distributions() if found.name.lower() in known}
    return [f"{name} {found[key]}" for key, name in known.items() if key in found]


def memory() -> float:
    """What this process holds in memory, in MiB; its highest mark where the system tells no more."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def restarted(report: Report) -> list[str]:
    """Lines on what a reload of the cogs did."""
    lines = [f"Reloaded the cogs in {report.milliseconds:.0f} ms.", *map(_cog, report.cogs)]
    if report.told:
        lines.append("📣 Told Discord the changed commands.")
    if report.refused:
        lines.append(f"⚠️ Discord does not take the changed commands: {report.refused}")
    if report.outside:
        outside = listed(report.outside)
        lines.append(f"⚠️ {outside} changed since the start: only `/restart process:true` takes that up.")
    return lines


def _cog(done: Loaded | Kept) -> str:
    if isinstance(done, Kept):
        return f"❌ {done.name} keeps its old code:\n{fenced(done.trace, TRACE)}"
    change = "as before" if done.before == done.after else f"changed ({done.before} → {done.after})"
    warnings = "".join(f"\n　⚠️ {warning}" for warning in done.warnings)
    return f"✅ {done.name}: {change}, {done.milliseconds:.0f} ms{warnings}"


def fenced(text: str, limit: int) -> str:
    """A code block of at most ``limit`` characters that shows the end of the text."""
    text = text.strip().replace("```", "'''").replace(str(ROOT) + "/", "")
    room = limit - len("```\n\n```")
    return f"```\n{text if len(text) <= room else '…' + text[1 - room :]}\n```"


def fitting(lines: Iterable[str]) -> str:
    """As many of the lines as fit into a message."""
    text = "\n".join(lines)
    return text if len(text) <= LIMIT else text[: LIMIT - 1] + "…"
