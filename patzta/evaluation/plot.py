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

ANCHORS = {"a coin": 0.5, "IMPersona, fine-tuned": 0.4444, "IMPersona, prompted": 0.25}
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
    figure, axes = plt.subplots(figsize=(7, 2.4), dpi=120)
    axes.barh([0], [share * 100], color="#5865f2", height=0.5)
    axes.errorbar(
        [share * 100], [0], xerr=[[(share - low) * 100], [(high - share) * 100]], fmt="none", ecolor="#111", capsize=5
    )
    for name, anchor in ANCHORS.items():
        axes.axvline(anchor * 100, color="#888", linestyle=":", linewidth=1)
        axes.text(anchor * 100, 0.42, name, rotation=20, fontsize=7, color="#555")
    axes.set(xlim=(0, 100), ylim=(-0.5, 0.9), yticks=[], xlabel="% of votes that took the double for the person")
    axes.set_title(f"{fooled} of {votes} votes; 95 % interval {low:.0%} to {high:.0%}", fontsize=10, pad=18)
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
