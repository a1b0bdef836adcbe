"""How large a model is, and what memory is free."""

# torch and transformers give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch
from transformers import AutoModelForCausalLM

from patzta.inference import UnknownArchitecture

GIB = 1024**3
NF4 = 0.52
"""Bytes of a parameter in 4 bit with double quantisation: half a byte, and the scale of each block of 64."""
LIBRARIES = 0.7 * GIB
"""What torch and its like take beside a model."""
_CGROUP = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Size:
    """Of a base: parameters of the layers that 4 bit shrinks, of the rest, of adapters for each rank, and widths."""

    linear: int
    rest: int
    adapter: int
    layers: int
    hidden: int
    inner: int
    vocabulary: int

    @property
    def parameters(self) -> int:
        """All of them."""
        return self.linear + self.rest


def outline(config: Any, *, foreign: bool = False) -> Any:
    """A model with this config and no weights, whose own program is run if ``foreign``.

    Raises UnknownArchitecture for an architecture that makes no chat model.
    """
    try:
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config, trust_remote_code=foreign)
    except (ValueError, KeyError) as error:
        raise UnknownArchitecture(f"this base is of no architecture that writes text: {error}") from error


def size_of(model: Any) -> Size:
    """Of a base, with weights or without."""
    head = model.get_output_embeddings()
    linear = [module for module in model.modules() if isinstance(module, torch.nn.Linear) and module is not head]
    shrinking = sum(module.weight.numel() for module in linear)
    text = model.config.get_text_config()
    return Size(
        shrinking,
        sum(weight.numel() for weight in model.parameters()) - shrinking,
        sum(module.in_features + module.out_features for module in linear),
        text.num_hidden_layers,
        text.hidden_size,
        max((module.out_features for module in linear), default=text.hidden_size),
        text.vocab_size,
    )


def free_memory() -> float:
    """Bytes: of the GPU where there is one, else of this machine or what the job may use of it."""
    if torch.cuda.is_available():
        return float(torch.cuda.mem_get_info()[0])
    free = float(psutil.virtual_memory().available)
    limit = _CGROUP.read_text().strip() if _CGROUP.exists() else "max"
    return free if limit == "max" else min(free, float(limit))
