"""The state of an unfinished training in one file: adapter, optimizer, position and random numbers."""

# torch and peft give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import os
import pickle
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict


@dataclass(slots=True)
class Position:
    """Where training stands: the next batch, and the seconds that it took to come here."""

    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0


class Checkpoint:
    """Saves every ``seconds``. ``fingerprint`` keeps a training from going on with another one's state."""

    def __init__(self, path: Path, fingerprint: str, seconds: float) -> None:
        self._path = path
        self._fingerprint = fingerprint
        self._every = seconds
        self._saved = time.monotonic()

    def is_due(self) -> bool:
        """Whether the last one is old enough."""
        return time.monotonic() - self._saved >= self._every

    def save(self, model: PeftModel, optimizer: torch.optim.Optimizer, position: Position) -> None:
        """Replace the last one atomically: a process killed here leaves one of the two, whole."""
        state = {
            "fingerprint": self._fingerprint,
            "adapter": get_peft_model_state_dict(model),
            "optimizer": optimizer.state_dict(),
            "position": (position.epoch, position.batch, position.seconds),
            "random": torch.get_rng_state(),
            "cuda_random": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)
        self._saved = time.monotonic()

    def restore(self, model: PeftModel, optimizer: torch.optim.Optimizer) -> Position:
        """Bring everything back to the last save, or to the beginning if there is none of this very training."""
        state = self._load()
        if state is None:
            return Position()
        set_peft_model_state_dict(model, state["adapter"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        if state["cuda_random"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(state["cuda_random"])
        return Position(*state["position"])

    def discard(self) -> None:
        """Remove it, for the training is done."""
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(".partial").unlink(missing_ok=True)

    def _load(self) -> dict[str, Any] | None:
        try:
            state: dict[str, Any] = torch.load(self._path, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            return None
        return state if state.get("fingerprint") == self._fingerprint else None
