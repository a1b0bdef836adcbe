"""The result of a blind vote as a picture: ``python -m patzta.evaluation.plot FOOLED VOTES`` writes a PNG to stdout.

A process of its own: the library that draws is large, and a bot draws seldom.
"""

# The library that draws is typed in part only.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import argparse
import asyncio
import io
import sys

from patzta.evaluation.blind import wilson

ANCHORS = {"IMPersona (chats),\nfine-tuned": 0.4444, "IMPersona (chats),\nprompted": 0.25}
"""Shares of blind chats in which the imitation was taken for the person; arXiv 2504.04332."""


async def drawn(fooled: int, votes: int) -> bytes:
    """The picture, drawn in a process of its own."""
    command = (sys.executable, "-m", "patzta.evaluation.plot", str(fooled), str(votes))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    picture, _ = await process.communicate()
    return picture


def draw(fooled: int, votes: int) -> bytes:
    """A bar with its interval, beside published figures; a PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    low, high = wilson(fooled, votes)
    share = fooled / votes if votes else 0.0
    rows = {f"this vote\n({fooled} of {votes})": share} | ANCHORS
    colours = ["#5865f2"] + ["#c4c7d0"] * len(ANCHORS)
    figure, axes = plt.subplots(figsize=(7, 3), dpi=120)
    axes.barh(list(rows), [100 * value for value in rows.values()], color=colours, height=0.6)
    reach = [[100 * (share - low)], [100 * (high - share)]]
    axes.errorbar([100 * share], [0], xerr=reach, fmt="none", ecolor="#111", capsize=6)
    axes.axvline(50, color="#555", linestyle=":", linewidth=1)
    axes.invert_yaxis()
    axes.set(xlim=(0, 100), xlabel="% that took the double for the person, with the 95 % interval")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("fooled", type=int)
    parser.add_argument("votes", type=int)
    chosen = parser.parse_args()
    sys.stdout.buffer.write(draw(chosen.fooled, chosen.votes))
