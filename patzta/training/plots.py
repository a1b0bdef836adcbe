"""The curves of a training as a picture."""

# The library that draws is typed in part only.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any


def curves(metrics: Sequence[dict[str, Any]]) -> bytes:
    """Loss a step, smoothed, and held-out loss; a PNG."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(7, 3.6), dpi=120, layout="constrained")
    axes = figure.subplots()
    trained = [(row["step"], row["loss"]) for row in metrics if "loss" in row]
    held_out = [(row["step"], row["held_out"]) for row in metrics if "held_out" in row]
    if trained:
        steps, losses = zip(*trained, strict=True)
        axes.plot(steps, losses, color="#c9d1ff", linewidth=1, label="training, each step")
        axes.plot(steps, smoothed(losses), color="#4c6fff", linewidth=2, label="training")
    if held_out:
        axes.plot(*zip(*held_out, strict=True), color="#d9480f", marker="o", linewidth=2, label="held out")
    axes.set(xlabel="steps", ylabel="nats a learnt token")
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="#e9ecf3")
    axes.spines[["top", "right"]].set_visible(False)
    if trained or held_out:
        axes.legend(frameon=False)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def smoothed(values: Sequence[float], weight: float = 0.95) -> list[float]:
    """An exponential average."""
    result: list[float] = []
    for value in values:
        result.append(value if not result else weight * result[-1] + (1 - weight) * value)
    return result
