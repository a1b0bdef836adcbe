"""How unlikely a model finds what is learnt in rows."""

# torch gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.nn import functional

from patzta.training.examples import IGNORED
from patzta.training.packing import Row


class Loss:
    """Of one model; ``virtual`` vectors stand before its input where a prompt was learnt."""

    def __init__(self, model: Any, virtual: int = 0) -> None:
        self._model = model
        self._virtual = virtual
        self._device = next(model.parameters()).device
        plain = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._picks = "logits_to_keep" in inspect.signature(plain.forward).parameters

    def tokens(self, row: Row, model: Any = None) -> torch.Tensor:
        """Nats of each learnt token of a row, one example after the other: none of them sees another.

        Positions begin anew with each example: without an attention mask transformers takes that as a border. Logits
        are computed only where something is learnt, for they are what takes most memory. ``model`` is another shell
        around the same one.
        """
        ids = [token for example in row.examples for token in example.ids]
        labels = [label for example in row.examples for label in (IGNORED, *example.labels[1:])]
        places = [place for place, label in enumerate(labels) if label != IGNORED]
        given: dict[str, Any] = {"input_ids": self._tensor([ids])}
        if self._virtual:
            given["attention_mask"] = torch.ones_like(given["input_ids"])
        else:
            given["position_ids"] = self._tensor([[n for example in row.examples for n in range(len(example.ids))]])
        before = self._tensor([place - 1 + self._virtual for place in places])
        if self._picks:
            given["logits_to_keep"] = before
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._device.type == "cuda"):
            logits = (model or self._model)(**given, use_cache=False).logits[0]
        logits = logits if self._picks else logits[before]
        wanted = self._tensor([labels[place] for place in places])
        return functional.cross_entropy(logits.float(), wanted, reduction="none")

    @torch.no_grad()
    def examples(self, rows: Sequence[Row]) -> Iterator[float]:
        """The nats of each example, in the order of the rows."""
        self._model.eval()
        for row in rows:
            parts = self.tokens(row).split([Row((example,)).learnt for example in row.examples])
            yield from (float(part.sum()) for part in parts)

    def _tensor(self, values: Any) -> torch.Tensor:
        return torch.tensor(values, device=self._device)
