"""What the batcher asks a model: tokens at positions into the slots, logits out."""

# The model libraries are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from patzta.inference.slots import Slots


class Forward:
    """Of one model, into ``slots``.

    A learnt prompt (prompt tuning) is read like a beginning that all chats share: ``prefix`` are its tokens, which are
    negative, since no vocabulary has them.
    """

    def __init__(self, model: Any, slots: Slots) -> None:
        self.slots = slots
        learnt = getattr(model, "active_peft_config", None)
        is_prompt = bool(getattr(learnt, "is_prompt_learning", False))
        self._plain = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._prompt: Any = model.get_prompt(1)[0] if is_prompt else None
        self.prefix = [-1 - number for number in range(len(self._prompt))] if is_prompt else []
        text = self._plain.config.get_text_config()
        self._window: int | None = getattr(text, "sliding_window", None)
        if not getattr(text, "use_sliding_window", True):
            self._window = None
        kinds = set(getattr(text, "layer_types", None) or ())
        self._kinds = sorted(kinds) if len(kinds) > 1 else []

    def __call__(self, ids: Sequence[Sequence[int]], positions: torch.Tensor) -> torch.Tensor:
        """Ids [rows][tokens] at positions [rows, tokens], where ``slots.at`` says; the last logits of each row."""
        device = self._plain.device
        read = (
            {"inputs_embeds": torch.stack([self._embedded(row) for row in ids])}
            if any(row[0] < 0 for row in ids)
            else {"input_ids": torch.tensor(ids, device=device)}
        )
        out = self._plain(
            **read,
            position_ids=positions.to(device),
            attention_mask=self._mask(),
            past_key_values=self.slots,
            use_cache=True,
            logits_to_keep=1,
        )
        return out.logits[:, -1].float()

    def _mask(self) -> Any:
        """A mask for all layers, or one for each kind of them."""
        if not self._kinds:
            return self.slots.seen(self._window)
        return {kind: self.slots.seen(self._window if "sliding" in kind else None) for kind in self._kinds}

    def _embedded(self, ids: Sequence[int]) -> torch.Tensor:
        words = self._plain.get_input_embeddings()
        parts = [
            self._prompt[-1 - one] if one < 0 else words(torch.tensor(one, device=words.weight.device)) for one in ids
        ]
        return torch.stack([part.to(self._plain.dtype) for part in parts])


def ends_of(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end a turn, by the model's own settings and its tokenizer's."""
    said = model.generation_config.eos_token_id
    ends = [] if said is None else [said] if isinstance(said, int) else list(said)
    return sorted({*ends, *([] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id])})
