"""The state of an unfinished training in files: what is trained, optimizer, position and random numbers."""

# torch gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from patzta.training.errors import TrainingError


@dataclass(slots=True)
class Position:
    """Where training stands.

    Attributes:
        epoch, number: of the next step.
        step: how many have been made.
        seconds: that it took to come here.
        average: of the loss, over the last steps.
        best: the lowest held-out loss; ``waiting`` counts the looks since.
    """

    epoch: int = 0
    number: int = 0
    step: int = 0
    seconds: float = 0.0
    average: float | None = None
    best: float | None = None
    waiting: int = 0


class Checkpoint:
    """Saves every ``seconds``. ``fingerprint`` keeps a training from going on with another one's state."""

    def __init__(self, folder: Path, fingerprint: str, seconds: float, *, writes: bool = True) -> None:
        self._path = folder / "checkpoint"
        self._best = folder / "best"
        self._fingerprint = fingerprint
        self._every = seconds
        self._saved = time.monotonic()
        self._writes = writes

    def is_due(self) -> bool:
        """Whether the last one is old enough."""
        return time.monotonic() - self._saved >= self._every

    def save(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer, position: Position) -> None:
        """Replace the last one atomically: a process killed here leaves one of the two, whole."""
        self._saved = time.monotonic()
        state = {
            "trained": _trained(model),
            "optimizer": optimizer.state_dict(),
            "position": asdict(position),
            "random": torch.get_rng_state(),
            "cuda_random": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }
        self._write(self._path, state)

    def restore(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Position:
        """Bring everything back to the last save, or to the beginning if there is none of this very training."""
        state = self._load(self._path)
        if state is None:
            return Position()
        _put(model, state["trained"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        if state["cuda_random"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(state["cuda_random"])
        return Position(**state["position"])

    def save_best(self, model: torch.nn.Module) -> None:
        """Remember what is trained as it is now, beside the state."""
        self._write(self._best, {"trained": _trained(model)})

    def restore_best(self, model: torch.nn.Module) -> None:
        """Take the remembered one, if there is one."""
        if state := self._load(self._best):
            _put(model, state["trained"])

    def _write(self, path: Path, state: dict[str, Any]) -> None:
        if not self._writes:
            return
        _unless_full(path, lambda partial: _write(partial, {"fingerprint": self._fingerprint, **state}))

    def _load(self, path: Path) -> dict[str, Any] | None:
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            return None
        return state if state.get("fingerprint") == self._fingerprint else None


def _trained(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: weight.detach() for name, weight in model.named_parameters() if weight.requires_grad}


@torch.no_grad()
def _put(model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
    for name, weight in model.named_parameters():
        if name in state:
            weight.copy_(state[name])


def _unless_full(path: Path, write: Callable[[Path], None]) -> None:
    partial = path.with_suffix(".partial")
    try:
        write(partial)
    except (OSError, RuntimeError) as error:
        # torch tells a full disk as a RuntimeError of its own.
        partial.unlink(missing_ok=True)
        raise TrainingError(
            f"the checkpoint {path} cannot be written ({error}); make room and start again: it goes on from the last"
        ) from error
    partial.replace(path)


def _write(path: Path, state: dict[str, Any]) -> None:
    with path.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
