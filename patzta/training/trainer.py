"""The training loop."""

# transformers and peft give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import torch

from patzta.chat.transcript import Turn
from patzta.progress import Progress
from patzta.training.checkpoint import Checkpoint, Position
from patzta.training.examples import Example, Examples
from patzta.training.log import Log
from patzta.training.loss import Loss
from patzta.training.packing import Row, rows, steps
from patzta.training.parallel import Parallel
from patzta.training.settings import Settings
from patzta.training.signals import deferred_stop

Sampler = Callable[[], Sequence[tuple[str, str, str]]]


class Trainer:
    """The loop over steps."""

    def __init__(self, model: Any, settings: Settings, parallel: Parallel | None = None) -> None:
        self.model = model
        self._settings = settings
        self._parallel = parallel or Parallel()
        self._wrapped = self._parallel.wrapped(model)
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._optimizer = torch.optim.AdamW(self._parameters, lr=settings.rate, weight_decay=0.0)
        virtual = settings.prompt_tokens if settings.method == "prompt" else 0
        self._loss = Loss(model, virtual)
        self.packing = settings.packing and not virtual

    def train(
        self,
        sessions: Sequence[Sequence[Turn]],
        examples: Examples,
        held_out: Sequence[Row],
        checkpoint: Checkpoint,
        log: Callable[[int], Log],
        progress: Progress,
        sample: Sampler = tuple,
        replay: Sequence[Example] = (),
    ) -> float:
        """From where the checkpoint stands to the end, or to where it learns no more; gives the seconds in all.

        ``log`` opens the log at a step; ``sample`` writes answers; ``replay`` is mixed into each epoch.
        """
        place = checkpoint.restore(self.model, self._optimizer)
        lines = log(place.step)
        began = time.monotonic() - place.seconds
        with deferred_stop() as stop:
            for number, count, batch in self._rest(sessions, examples, replay, place):
                done, then = ((place.epoch + part / count) / self._settings.epochs for part in (number, number + 1))
                loss = self.step(batch, done)
                place.average = loss if place.average is None else 0.95 * place.average + 0.05 * loss
                place.step, place.number, place.seconds = place.step + 1, number + 1, time.monotonic() - began
                tokens = sum(row.tokens for row in batch)
                lines.add(place.step, loss=loss, rate=self._rate(done), tokens=tokens, seconds=round(place.seconds, 2))
                looked = self._is_look(place.step, done, then)
                if looked and self._look(held_out, checkpoint, lines, place, progress, sample):
                    progress.say(f"no better for {place.waiting} looks: that is the end")
                    break
                progress.update(then, f"training, loss {place.average:.3f}")
                asked = self._parallel.any(stop.asked)
                if asked or looked or self._parallel.any(checkpoint.is_due()):
                    checkpoint.save(self.model, self._optimizer, place)
                if asked:
                    self._parallel.wait()
                    stop.obey()
        self._parallel.wait()
        checkpoint.restore_best(self.model)
        lines.draw()
        return time.monotonic() - began

    def _look(
        self,
        held_out: Sequence[Row],
        checkpoint: Checkpoint,
        lines: Log,
        place: Position,
        progress: Progress,
        sample: Sampler,
    ) -> bool:
        """At the held-out sessions; whether it has been without gain for too long."""
        loss = self.loss(held_out)
        if loss is not None:
            lines.add(place.step, held_out=loss)
            progress.say(f"step {place.step}: loss {place.average or math.nan:.3f}, held out {loss:.3f}")
            place.waiting = 0 if place.best is None or loss < place.best else place.waiting + 1
            if place.waiting == 0:
                place.best = loss
                checkpoint.save_best(self.model)
        if answers := sample():
            lines.sample(place.step, answers)
        lines.draw()
        return 0 < self._settings.patience <= place.waiting

    def _rest(
        self,
        sessions: Sequence[Sequence[Turn]],
        examples: Examples,
        replay: Sequence[Example],
        place: Position,
    ) -> Iterator[tuple[int, int, list[Row]]]:
        """(number of the step in its epoch, steps in the epoch, rows) from the position on, which it moves on."""
        for epoch in range(place.epoch, self._settings.epochs):
            batches = self.batches(sessions, examples, epoch, replay)
            start, place.epoch = place.number if epoch == place.epoch else 0, epoch
            for number in range(start, len(batches)):
                yield number, len(batches), batches[number]

    def batches(
        self, sessions: Sequence[Sequence[Turn]], examples: Examples, epoch: int, replay: Sequence[Example] = ()
    ) -> list[list[Row]]:
        """The steps of an epoch, the same ones whenever it is asked for."""
        rng = random.Random(f"{self._settings.seed}/{epoch}")
        cut = [*(example for turns in sessions for example in examples.chunked(turns, rng)), *replay]
        rng.shuffle(cut)
        packed = rows(cut, self._settings.max_tokens, packing=self.packing)
        return steps(packed, self._settings.batch_tokens, rng)

    def step(self, batch: Sequence[Row], done: float) -> float:
        """Learn from the rows when the share ``done`` of the training lies behind; gives nats a learnt token before."""
        self.model.train()
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate(done)
        learnt = sum(row.learnt for row in batch)
        # A process without a row of its own still has to take part in the exchange of gradients.
        mine = [(row, 1.0) for row in self._parallel.share(batch)] or [(batch[0], 0.0)]
        total = 0.0
        for number, (row, weight) in enumerate(mine, 1):
            last = number == len(mine)
            with nullcontext() if last else self._parallel.without_exchange(self._wrapped):
                loss = weight * self._loss.tokens(row, self._wrapped).sum() / learnt
                (loss * self._parallel.count).backward()  # the exchange averages where a sum is meant
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return self._parallel.total(total)

    def loss(self, held_out: Sequence[Row]) -> float | None:
        """Nats a learnt token, over all rows."""
        nats = sum(self._loss.examples(self._parallel.share(held_out)))
        learnt = sum(row.learnt for row in held_out)
        return self._parallel.total(nats) / learnt if learnt else None

    def keeps_apart(self, one: Example, other: Example) -> bool:
        """Whether this architecture does not see over the border between two examples in a row."""
        self.model.eval()
        with torch.no_grad():
            together = self._loss.tokens(Row((one, other)))
            apart = torch.cat([self._loss.tokens(Row((example,))) for example in (one, other)])
        # In bfloat16 the same sum differs a little with its order.
        rough = together.is_cuda or self.model.dtype == torch.bfloat16
        return torch.allclose(together, apart, rtol=0, atol=0.2 if rough else 1e-3)

    def _rate(self, done: float) -> float:
        return self._settings.rate * schedule(done, self._settings.warm_up)

    def _is_look(self, step: int, done: float, then: float) -> bool:
        """Every so many steps, or after each sixth of the training; always at its end."""
        if every := self._settings.evaluate_every:
            return step % every == 0 or then >= 1
        return any(done < part / 6 <= then + 1e-9 for part in range(1, 7))


def schedule(done: float, warm_up: float) -> float:
    """The share of the highest learning rate when the share ``done`` of the training lies behind."""
    if done < warm_up:
        return (done + 0.01) / (warm_up + 0.01)
    return 0.1 + 0.9 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up))) / 2
