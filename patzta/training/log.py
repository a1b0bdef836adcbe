"""What a training leaves behind to be looked at, while it runs and after it.

metrics.jsonl   {"step", "loss", "rate", "tokens", "seconds"} a step, {"step", "held_out"} a look
samples.md      answers to held-out messages, a chapter a look
curves.png      both losses over the steps
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from patzta.training.plots import curves

METRICS, SAMPLES, CURVES = "metrics.jsonl", "samples.md", "curves.png"


class Log:
    """Writes them into ``folder``, from ``step`` on: what an interrupted training wrote beyond is forgotten.

    Of several processes only one ``writes``.
    """

    def __init__(self, folder: Path, step: int, tensorboard: Path | None = None, *, writes: bool = True) -> None:
        self._folder = folder
        self._writes = writes
        self._board = None
        if not writes:
            return
        rows = [row for row in read_metrics(folder) if row["step"] <= step]
        (folder / METRICS).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        samples = folder / SAMPLES
        if samples.exists():
            kept = [part for part in samples.read_text("utf-8").split("\n## ") if not _is_later(part, step)]
            samples.write_text("\n## ".join(kept), "utf-8")
        self._board = _board(tensorboard) if tensorboard else None

    def add(self, step: int, **figures: float) -> None:
        """A line of metrics."""
        if not self._writes:
            return
        with (self._folder / METRICS).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **figures}) + "\n")
        for name, value in figures.items():
            if self._board:
                self._board.add_scalar(name, value, step)

    def sample(self, step: int, answers: Sequence[tuple[str, str, str]]) -> None:
        """What was asked, what the person answered, what the model answered."""
        if not self._writes:
            return
        parts = [f"## After {step} steps\n"]
        for asked, real, written in answers:
            parts.append(f"{_quoted(asked)}\n\n- really: {_inline(real)}\n- the model: {_inline(written)}\n")
        path = self._folder / SAMPLES
        before = path.read_text("utf-8") if path.exists() else "# Answers to held-out messages\n"
        path.write_text(before + "\n" + "\n".join(parts), "utf-8")

    def draw(self) -> None:
        """The curves as they are now."""
        if self._writes:
            (self._folder / CURVES).write_bytes(curves(read_metrics(self._folder)))


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """What stands in ``metrics.jsonl``; a line that was cut by a kill is left out."""
    path = folder / METRICS
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return list(_parsed(lines))


def _parsed(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _is_later(part: str, step: int) -> bool:
    words = part.split()
    return words[:1] == ["After"] and int(words[1]) > step


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}  " for line in text.split("\n"))


def _inline(text: str) -> str:
    return " ⏎ ".join(text.split("\n"))


def _board(folder: Path) -> Any:
    from torch.utils.tensorboard.writer import SummaryWriter

    return SummaryWriter(str(folder))
