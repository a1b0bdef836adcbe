"""What a progress bar says, in one line for people."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BAR = re.compile(
    r"(?P<percent>\d{1,3})%\|[^|]*\|\s*(?P<done>[\d.]+[kMGT]?)/(?P<all>[\d.]+[kMGT]?)"
    r"\s*\[(?P<took>[\d:]+)<(?P<left>[\d:?]+),\s*(?P<speed>[^\],]+)"
)
"""tqdm's line: https://github.com/tqdm/tqdm"""
_OURS = re.compile(r"(?P<step>\d+)/(?P<all>\d+)\s+(?P<percent>\d{1,3}) %\s+(?P<what>.+)")
"""A line of this project's own training."""
_LOSS = re.compile(
    r"['\"]?\b(?:train_)?loss['\"]?\s*[:= ,]\s*['\"]?(?P<loss>\d+(?:\.\d+)?(?:e-?\d+)?|nan|inf)", re.IGNORECASE
)
LOOKED_AT = 60
"""Lines from the end in which a loss is searched."""


def summary(lines: Sequence[str]) -> str | None:
    """How far the work is, how long it takes still, and its newest loss; None where nothing says so."""
    bar = _last(_BAR, lines)
    ours = None if bar else _last(_OURS, lines)
    parts: list[str] = []
    if bar:
        parts = [f"{bar['percent']} %", f"{bar['done']} of {bar['all']}", _left(bar["left"]), bar["speed"].strip()]
    elif ours:
        parts = [f"{ours['percent']} %", f"step {ours['step']} of {ours['all']}"]
    loss = _last(_LOSS, lines)
    if loss and (parts or "loss" in lines[-1].lower()):
        parts.append(f"loss {loss['loss']}")
    return " \N{MIDDLE DOT} ".join(filter(None, parts)) or None


def _left(time: str) -> str:
    return "" if "?" in time else f"{time} left"


def _last(pattern: re.Pattern[str], lines: Sequence[str]) -> re.Match[str] | None:
    for line in reversed(lines[-LOOKED_AT:]):
        found = list(pattern.finditer(line))
        if found:
            return found[-1]
    return None
