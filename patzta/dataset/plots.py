"""Pictures of a dataset's numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from patzta.dataset.statistics import Statistics

MINE, THEIRS = "#4c6fff", "#b9bfcc"
REPLIES = ((10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (6 * 3600, "6 h"), (86400, "1 d"))
"""Upper bounds of the bars of reply times."""


def figures(found: Statistics) -> dict[str, Any]:
    """matplotlib figures by their titles."""
    return {
        "Messages by month": over_time(found),
        "Messages in a burst": bars(
            [str(size) for size in range(1, 11)], [found.bursts[size] for size in range(1, 11)]
        ),
        "Time until a reply": bars(*_replies(found.replies)),
        "Languages": bars(*_top(found.languages.most_common(8))),
    }


def over_time(found: Statistics) -> Any:
    """The double's and the others' messages by month."""
    figure, axes = _figure()
    places = range(len(found.months))
    mine, theirs = ([counts[place] for counts in found.months.values()] for place in (0, 1))
    axes.bar(places, mine, color=MINE, label="the double")
    axes.bar(places, theirs, bottom=mine, color=THEIRS, label="others")
    step = max(1, len(found.months) // 8)
    axes.set_xticks(list(places)[::step], list(found.months)[::step], rotation=30, ha="right")
    axes.legend(frameon=False)
    return figure


def bars(names: Sequence[str], counts: Sequence[int]) -> Any:
    """A bar for each name."""
    figure, axes = _figure()
    axes.bar(names, counts, color=MINE)
    return figure


def as_svg(figure: Any) -> str:
    """For a page; the same figure gives the same text."""
    import matplotlib as library

    matplotlib: Any = library  # its types leave much open
    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "patzta", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue().partition("<svg")[1] + out.getvalue().partition("<svg")[2]


def _figure() -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(5, 2.4), layout="constrained")
    axes = figure.subplots()
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _replies(seconds: Sequence[float]) -> tuple[list[str], list[int]]:
    counts = [0] * (len(REPLIES) + 1)
    for value in seconds:
        counts[sum(value > bound for bound, _ in REPLIES)] += 1
    return [*(f"≤ {name}" for _, name in REPLIES), "more"], counts


def _top(pairs: Sequence[tuple[str, int]]) -> tuple[list[str], list[int]]:
    return [name for name, _ in pairs], [count for _, count in pairs]
