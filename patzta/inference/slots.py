"""Keys and values of many chats at once: a tensor a layer, a row a chat, each as far as it has come.

The library's own caches hold rows of one length. With these a chat joins or leaves between two steps, and what was read
of it stays in its row to be gone on with.
"""

# torch and transformers give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring rows from ``first`` on, each of which reads equally many ``ids`` [rows][tokens].

    ``begins`` [rows] are the positions of the first of them.
    """

    first: int
    ids: Sequence[Sequence[int]]
    begins: Sequence[int]

    @property
    def count(self) -> int:
        """Rows."""
        return len(self.ids)

    @property
    def width(self) -> int:
        """Tokens of each."""
        return len(self.ids[0])

    @property
    def rows(self) -> slice:
        """Where they are; a slice is a view, where numbers would copy what the rows hold."""
        return slice(self.first, self.first + self.count)

    @property
    def end(self) -> int:
        """Tokens of the longest row after this."""
        return max(self.begins) + self.width

    def positions(self) -> torch.Tensor:
        """Of every token, [rows, tokens]."""
        return torch.tensor(self.begins)[:, None] + torch.arange(self.width)


class Slots(Cache):
    """``rows`` chats of at most ``length`` tokens, in ``layers`` layers.

    ``read`` says what the next forward reads, and where. ``device`` is the model's.
    """

    def __init__(self, layers: int, rows: int, length: int, device: torch.device | str = "cpu") -> None:
        self._held = [_Layer(self) for _ in range(layers)]
        super().__init__(layers=[*self._held])
        self.rows, self.length, self._device = rows, length, device
        self._parts: Sequence[Part] = []
        self._seen: dict[tuple[int, int | None], torch.Tensor] = {}
        self.positions = torch.zeros(0, dtype=torch.long, device=device)
        self.numbers = torch.zeros(0, dtype=torch.long, device=device)

    def read(self, parts: Sequence[Part]) -> None:
        """All tokens of these, one after the other in one row, are what is read next."""
        self._parts = parts
        self._seen = {}
        self.positions = torch.cat([part.positions().flatten() for part in parts]).to(self._device)
        numbers = [torch.arange(part.count).repeat_interleave(part.width) + part.first for part in parts]
        self.numbers = torch.cat(numbers).to(self._device)

    def parts(self) -> Iterator[tuple[Part, slice]]:
        """Each with the place of its tokens among all that are read."""
        begin = 0
        for part in self._parts:
            end = begin + part.count * part.width
            yield part, slice(begin, end)
            begin = end

    def seen(self, part: Part, window: int | None = None) -> torch.Tensor:
        """Which tokens each token sees, [rows, 1, tokens, tokens of the longest row]; at most ``window`` of them.

        It is the same for all layers of a forward.
        """
        if (found := self._seen.get((part.first, window))) is None:
            places = torch.arange(part.end, device=self._device)
            now = part.positions().to(self._device)[:, None, :, None]
            found = (places <= now) if window is None else (places <= now) & (places > now - window)
            self._seen[part.first, window] = found
        return found

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

    def close(self) -> None:
        """Let go of the memory."""
        for layer in self._held:
            layer.keys = layer.values = None


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
        """Write the new ones, [1, heads, tokens, width]; give those of all rows, [rows, heads, length, width]."""
        if self.keys is None or self.values is None:
            self.lazy_initialization(key_states, value_states)
            assert self.keys is not None
            assert self.values is not None
        slots = self._slots
        self.keys[slots.numbers, :, slots.positions] = key_states[0].transpose(0, 1)
        self.values[slots.numbers, :, slots.positions] = value_states[0].transpose(0, 1)
        return self.keys, self.values

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:  # noqa: ARG002  the library's signature
        """Keys that are seen, and the first of them."""
        return self._slots.length, 0

    def get_seq_length(self) -> int:
        """Tokens before this forward: each row has its own number, and positions are always given."""
        return 0

    def get_max_length(self) -> int:
        """Tokens that a row can hold."""
        return self._slots.length
