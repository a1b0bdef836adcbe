"""The training loop."""

# transformers and peft give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence

import torch
from peft import PeftModel

from patzta.chat.transcript import Turn
from patzta.progress import Progress
from patzta.training.checkpoint import Checkpoint, Position
from patzta.training.examples import IGNORED, Example, Examples, batched
from patzta.training.settings import Settings
from patzta.training.signals import deferred_stop


class Trainer:
    """The loop over batches."""

    def __init__(self, model: PeftModel, padding: int, settings: Settings) -> None:
        self.model = model
        self._padding = padding
        self._settings = settings
        self._device = next(model.parameters()).device
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._optimizer = torch.optim.AdamW(self._parameters, lr=settings.learning_rate, weight_decay=0.0)

    def train(
        self,
        sessions: Sequence[Sequence[Turn]],
        examples: Examples,
        held_out: Sequence[Sequence[Example]],
        checkpoint: Checkpoint,
        progress: Progress,
    ) -> float:
        """All epochs from where the checkpoint stands; gives the seconds that it took in all."""
        position = checkpoint.restore(self.model, self._optimizer)
        began = time.monotonic() - position.seconds
        average: float | None = None
        with deferred_stop() as stop:
            for epoch, number, count, batch in self._rest(sessions, examples, position):
                done, then = ((epoch + part / count) / self._settings.epochs for part in (number, number + 1))
                loss = self.step(batch, done)
                average = loss if average is None else 0.95 * average + 0.05 * loss
                if self._is_evaluation(done, then):
                    progress.say(f"{then:.0%} trained, held-out loss {self.loss(held_out) or math.nan:.3f}")
                progress.update(then, f"training, loss {average:.3f}")
                if stop.asked or checkpoint.is_due():
                    seconds = time.monotonic() - began
                    checkpoint.save(self.model, self._optimizer, Position(epoch, number + 1, seconds))
                    stop.obey()
        return time.monotonic() - began

    def _rest(
        self, sessions: Sequence[Sequence[Turn]], examples: Examples, position: Position
    ) -> Iterator[tuple[int, int, int, list[Example]]]:
        """(epoch, number of the batch, batches in the epoch, batch) from the position on."""
        start = position.batch
        for epoch in range(position.epoch, self._settings.epochs):
            batches = self.batches(sessions, examples, epoch)
            for number in range(start, len(batches)):
                yield epoch, number, len(batches), batches[number]
            start = 0

    def batches(self, sessions: Sequence[Sequence[Turn]], examples: Examples, epoch: int) -> list[list[Example]]:
        """The batches of an epoch, the same ones whenever it is asked for."""
        rng = random.Random(f"{self._settings.seed}/{epoch}")
        cut = (example for turns in sessions for example in examples.chunked(turns, rng))
        return batched(cut, self._settings.batch_tokens, rng)

    def step(self, batch: Sequence[Example], done: float) -> float:
        """Learn from one batch when the share ``done`` of the training lies behind; gives the loss before."""
        self.model.train()
        for group in self._optimizer.param_groups:
            group["lr"] = self._settings.learning_rate * schedule(done, self._settings.warm_up)
        loss = self._forward(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return loss.item()

    @torch.no_grad()
    def loss(self, batches: Sequence[Sequence[Example]]) -> float | None:
        """Nats a learnt token, over all batches."""
        self.model.eval()
        total, number = 0.0, 0
        for batch in batches:
            # The first token of an example is never predicted.
            learnt = sum(label != IGNORED for example in batch for label in example.labels[1:])
            total += self._forward(batch).item() * learnt
            number += learnt
        return total / number if number else None

    def _forward(self, batch: Sequence[Example]) -> torch.Tensor:
        width = max(len(example.ids) for example in batch)
        inputs = {
            "input_ids": [_padded(example.ids, self._padding, width) for example in batch],
            "attention_mask": [_padded([1] * len(example.ids), 0, width) for example in batch],
            "labels": [_padded(example.labels, IGNORED, width) for example in batch],
        }
        tensors = {name: torch.tensor(rows, device=self._device) for name, rows in inputs.items()}
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._device.type == "cuda"):
            return self.model(**tensors, use_cache=False).loss

    def _is_evaluation(self, done: float, then: float) -> bool:
        """Whether one of the evaluations but the last lies between these two shares of the training."""
        times = (number / self._settings.evaluations for number in range(1, self._settings.evaluations))
        return any(done < moment <= then for moment in times)


def schedule(done: float, warm_up: float) -> float:
    """The share of the highest learning rate when the share ``done`` of the training lies behind."""
    if done < warm_up:
        return (done + 0.01) / (warm_up + 0.01)
    return 0.1 + 0.9 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up))) / 2


def _padded(values: Sequence[int], filler: int, width: int) -> list[int]:
    return [*values, *[filler] * (width - len(values))]
