"""Several processes that train one model together, by accelerate: each takes its share of every step's rows.

A single process is the case of one. ``torchrun`` starts several, on one machine or on more.
"""

# torch and accelerate give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import torch
from accelerate import Accelerator

T = TypeVar("T")


class Parallel:
    """This process among the others."""

    def __init__(self) -> None:
        self._accelerator = Accelerator(cpu=not torch.cuda.is_available())
        self.device: torch.device = self._accelerator.device
        self.count: int = self._accelerator.num_processes
        self.is_first: bool = self._accelerator.is_main_process

    def wrapped(self, model: Any) -> Any:
        """The model whose gradients are averaged over all processes."""
        return self._accelerator.prepare_model(model, device_placement=False) if self.count > 1 else model

    def share(self, things: Sequence[T]) -> Sequence[T]:
        """This process's part: every ``count``-th."""
        return things[self._accelerator.process_index :: self.count]

    def without_exchange(self, model: Any) -> AbstractContextManager[Any]:
        """Inside, gradients are only added up: the last backward pass of a step exchanges them."""
        return self._accelerator.no_sync(model)

    def total(self, value: float) -> float:
        """The sum over all processes."""
        if self.count == 1:
            return value
        added: Any = self._accelerator.reduce(torch.tensor(value, dtype=torch.float64, device=self.device), "sum")
        return float(added)

    def any(self, flag: bool) -> bool:
        """Whether it is so for one of them."""
        return self.total(float(flag)) > 0

    def wait(self) -> None:
        """Until all are here."""
        self._accelerator.wait_for_everyone()
