"""What a training will take, told before it begins, and which setting would make it fit.

Nothing is loaded: the base is laid out without weights. Memory is a sum of what must be kept, time a count of
operations over a speed that is measured here in a moment; both are rough.
"""

# torch and transformers give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from patzta.inference.memory import GIB, LIBRARIES, NF4, Size
from patzta.training.settings import Settings

_EFFICIENCY = 0.4
"""The share of a plain multiplication's speed that a whole training reaches; published trainings have 0.3 to 0.5."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Of one training: tokens of an epoch, how many of them are learnt, rows, steps, tokens of the longest row."""

    size: Size
    settings: Settings
    tokens: int
    learnt: int
    rows: int
    steps: int
    longest: int
    processes: int = 1

    @property
    def trained(self) -> int:
        """Parameters that learn."""
        match self.settings.method:
            case "full":
                return self.size.parameters
            case "prompt":
                return self.settings.prompt_tokens * self.size.hidden
            case _:
                return self.settings.rank * self.size.adapter

    def memory(self) -> float:
        """Bytes at the peak, of one process."""
        on_gpu = torch.cuda.is_available()
        width = 2 if on_gpu else 4
        size, settings = self.size, self.settings
        match settings.method:
            case "qlora":
                weights = NF4 * size.linear + 2 * size.rest
            case "full":
                weights = 4 * size.parameters
            case _:
                weights = width * size.parameters
        # Gradient and two moments, and the weights themselves where they are not counted yet.
        learning = self.trained * (12 if settings.method == "full" else 16)
        row = min(settings.max_tokens, self.longest)
        layer = width * (12 * size.hidden + 4 * size.inner)
        kept = size.layers * width * size.hidden + layer if settings.save_memory else size.layers * layer
        logits = row * self.learnt / max(1, self.tokens) * size.vocabulary * 12
        return weights + learning + row * kept + logits + 2 * size.hidden * size.inner * width + LIBRARIES

    def seconds(self, speed: float) -> float:
        """At so many operations a second of each process."""
        passes = 6 if self.settings.method == "full" else 4
        passes += 2 if self.settings.save_memory else 0
        operations = passes * self.size.parameters * self.tokens * self.settings.epochs * (1 + self.settings.replay)
        return operations / (speed * _EFFICIENCY * self.processes)

    def remedies(self, memory: float) -> list[str]:
        """What would make it fit into so many bytes: changes one after the other until it does."""
        plan, said = self, list[str]()
        for option, settings in _smaller(self.settings):
            plan = replace(plan, settings=settings)
            said.append(option)
            if plan.memory() <= memory:
                return said
        fitting = max(0.0, memory - LIBRARIES) / (NF4 + 0.4)
        return [f"a base of at most {fitting / 1e9:.1f} billion parameters, with --method qlora --save-memory"]

    def lines(self, memory: float, speed: float) -> Iterator[str]:
        """To be read, with what is free here and how fast it is."""
        needed, settings = self.memory(), self.settings
        minutes = self.seconds(speed) / 60
        yield f"base: {in_words(self.size.parameters)} parameters; {settings.method} trains {in_words(self.trained)}"
        yield f"data: {self.tokens:,} tokens an epoch, {self.learnt:,} of them learnt, in {self.rows:,} rows"
        yield f"steps: {self.steps:,} an epoch, {self.steps * settings.epochs:,} in {settings.epochs} epochs"
        yield f"memory: about {needed / GIB:.1f} GiB of {memory / GIB:.1f} free"
        yield f"time: about {minutes / 60:.1f} hours" if minutes > 90 else f"time: about {minutes:.0f} minutes"
        if needed > memory:
            yield f"This will not fit. What would: {', '.join(self.remedies(memory))}"


def in_words(count: float) -> str:
    """A number of parameters to be read."""
    return f"{count / 1e9:.2f} billion" if count >= 1e9 else f"{count / 1e6:.3g} million"


def _smaller(settings: Settings) -> Iterator[tuple[str, Settings]]:
    """Each with all of those before it."""
    if not settings.save_memory:
        settings = replace(settings, save_memory=True)
        yield "--save-memory", settings
    while settings.max_tokens > 512:
        settings = replace(settings, max_tokens=settings.max_tokens // 2)
        yield f"--max-tokens {settings.max_tokens}", settings
    if settings.method != "qlora":
        settings = replace(settings, method="qlora", learning_rate=None)
        yield "--method qlora", settings
    if settings.rank > 8:
        settings = replace(settings, rank=8, alpha=16)
        yield "--rank 8 --alpha 16", settings


def speed_here() -> float:
    """Floating-point operations a second of a large multiplication."""
    on_gpu = torch.cuda.is_available()
    side = 4096 if on_gpu else 768
    one = torch.ones(side, side, dtype=torch.bfloat16 if on_gpu else torch.float32, device="cuda" if on_gpu else "cpu")
    count, began = 0, 0.0
    while count < 3 or time.perf_counter() - began < 0.2:
        if count == 2:
            began = time.perf_counter()  # the first ones only warm up
        torch.mm(one, one)
        if on_gpu:
            torch.cuda.synchronize()
        count += 1
    return (count - 2) * 2 * side**3 / (time.perf_counter() - began)
