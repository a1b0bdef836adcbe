"""Keys and values of many chats at once: a tensor a layer, a row a chat, each as far as it has come.

The library's own caches hold rows of one length. With these a chat joins or leaves between two steps, and what was read
of it stays in its row to be gone on with.
"""

# torch and transformers give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin


class Slots(Cache):
    """``rows`` chats of at most ``length`` tokens, in ``layers`` layers.

    ``at`` says where the next forward reads and writes. ``device`` is the model's.
    """

    def __init__(self, layers: int, rows: int, length: int, device: torch.device | str = "cpu") -> None:
        self._held = [_Layer(self) for _ in range(layers)]
        super().__init__(layers=[*self._held])
        self.rows, self.length = rows, length
        self.end = 0
        self.positions = torch.zeros(0, 0, dtype=torch.long, device=device)
        self.numbers = torch.zeros(0, 1, dtype=torch.long, device=device)
        self.part: slice | torch.Tensor = slice(0)

    def at(self, rows: Sequence[int], positions: torch.Tensor) -> None:
        """In these rows; ``positions`` [rows, tokens] of what is read next."""
        device = self.positions.device
        self.end = int(positions.max()) + 1
        self.positions = positions.to(device)
        self.numbers = torch.tensor(rows, device=device)[:, None]
        together = list(rows) == list(range(rows[0], rows[0] + len(rows)))
        # A slice is a view, where numbers would copy what the rows hold.
        self.part = slice(rows[0], rows[0] + len(rows)) if together else self.numbers[:, 0]

    def seen(self, window: int | None = None) -> torch.Tensor:
        """Which tokens each token sees, [rows, 1, tokens, tokens of the longest row]; at most ``window`` of them."""
        places = torch.arange(self.end, device=self.positions.device)[None, None, None, :]
        now = self.positions[:, None, :, None]
        return (places <= now) if window is None else (places <= now) & (places > now - window)

    def copy(self, source: int, target: int, count: int) -> None:
        """The first ``count`` tokens of one row into another."""
        for layer in self._held:
            for held in (layer.keys, layer.values):
                if held is not None:
                    held[target, :, :count] = held[source, :, :count]

    def swap(self, one: int, other: int, count: int) -> None:
        """Two rows change places, as far as ``count`` tokens."""
        if one == other:
            return
        for layer in self._held:
            for held in (layer.keys, layer.values):
                if held is not None:
                    kept = held[one, :, :count].clone()
                    held[one, :, :count] = held[other, :, :count]
                    held[other, :, :count] = kept


class _Layer(CacheLayerMixin):
    """One layer's; made when the first keys show how large they are."""

    is_sliding = False

    def __init__(self, slots: Slots) -> None:
        super().__init__()
        self._slots = slots

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """See the library."""
        rows, length = self._slots.rows, self._slots.length
        # What is not seen yet is multiplied by nothing, which of a NaN is one.
        self.keys = key_states.new_zeros(rows, key_states.shape[1], length, key_states.shape[3])
        self.values = value_states.new_zeros(rows, value_states.shape[1], length, value_states.shape[3])
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write the new ones, [rows, heads, tokens, width]; give all that may be seen."""
        if self.keys is None or self.values is None:
            self.lazy_initialization(key_states, value_states)
            assert self.keys is not None
            assert self.values is not None
        slots = self._slots
        self.keys[slots.numbers, :, slots.positions] = key_states.transpose(1, 2)
        self.values[slots.numbers, :, slots.positions] = value_states.transpose(1, 2)
        return self.keys[slots.part, :, : slots.end], self.values[slots.part, :, : slots.end]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:  # noqa: ARG002  the library's signature
        """Keys that are seen, and the first of them."""
        return self._slots.end, 0

    def get_seq_length(self) -> int:
        """Tokens of the longest row before this forward."""
        return self._slots.end - self._slots.positions.shape[1]

    def get_max_length(self) -> int:
        """Tokens that a row can hold."""
        return self._slots.length
