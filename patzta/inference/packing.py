"""Linear layers whose weights are laid out for the few rows at a time that chats written together have.

On a CPU the usual product of 8 rows reaches a quarter to a half of the speed that oneDNN has with a weight laid out
beforehand; of one row, and of the hundreds of a long prompt, it is about as fast (docs/log.md).
"""

# torch gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import Any

import torch

ROWS = 8
"""That the layout is chosen for."""


class PackedLinear(torch.nn.Linear):
    """A linear layer that keeps its weight in oneDNN's layout alone, and gives a plain copy to who asks for it."""

    def __init__(self, layer: torch.nn.Linear) -> None:
        torch.nn.Module.__init__(self)
        self.in_features, self.out_features, self.bias = layer.in_features, layer.out_features, layer.bias
        self._packed: Any = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), ROWS)  # noqa: SLF001

    @property
    def weight(self) -> torch.Tensor:  # pyright: ignore[reportIncompatibleVariableOverride]
        """A copy in rows: adapters ask for its width and place, some for its numbers."""
        return self._packed.to_dense()

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002  the base's name
        """(..., in_features) to (..., out_features)."""
        return torch.ops.mkldnn._linear_pointwise(input, self._packed, self.bias, "none", [], "")  # noqa: SLF001


def is_worth_it() -> bool:
    """Whether this machine computes on a CPU where it was measured to be."""
    return not torch.cuda.is_available() and torch.backends.cpu.get_cpu_capability().startswith("AVX")


def pack(model: torch.nn.Module) -> None:
    """Replace each plain linear layer, before an adapter is laid over it. Layers in 4 or 8 bit stay as they are."""
    for parent in list(model.modules()):
        for name, layer in list(parent.named_children()):
            if type(layer) is torch.nn.Linear:
                setattr(parent, name, PackedLinear(layer))
