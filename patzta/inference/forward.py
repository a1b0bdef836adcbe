"""What the batcher asks a model: tokens of many chats into the slots, logits out."""

# The model libraries are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch

from patzta.inference.attention import exchange, unservable
from patzta.inference.slots import Part, Slots


class Forward:
    """Of one model, into ``slots``. Raises UnknownArchitecture.

    A learnt prompt (prompt tuning) is read like a beginning that all chats share: ``prefix`` are its tokens, which are
    negative, since no vocabulary has them.
    """

    def __init__(self, model: Any, slots: Slots) -> None:
        self.slots = slots
        learnt = getattr(model, "active_peft_config", None)
        is_prompt = bool(getattr(learnt, "is_prompt_learning", False))
        self._plain: Any = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._prompt: Any = model.get_prompt(1)[0] if is_prompt else None
        self.prefix = [-1 - number for number in range(len(self._prompt))] if is_prompt else []
        exchange(self._plain)
        self._try()

    def __call__(self, parts: Sequence[Part]) -> torch.Tensor:
        """Read them all; the last logits of each row, [rows of all parts, vocabulary]."""
        self.slots.read(parts)
        rows = [row for part in parts for row in part.ids]
        ends = torch.tensor(list(accumulate(len(row) for row in rows)), device=self._plain.device)
        out = self._plain(
            **self._given([token for row in rows for token in row]),
            position_ids=self.slots.positions[None],
            past_key_values=self.slots,
            use_cache=True,
            logits_to_keep=ends - 1,
            slots=self.slots,
        )
        return out.logits[0].float()

    def _try(self) -> None:
        """Some models do not pass on to their attention what it is called with, or have masks of their own."""
        token = self.prefix[0] if self.prefix else 0
        try:
            with torch.inference_mode():
                logits = self([Part(0, [[token] * 2], [0]), Part(1, [[token]], [0])])
        except TypeError as error:
            raise unservable(self._plain) from error
        if len(logits) != 2:  # it does not say what follows where it is asked
            raise unservable(self._plain)

    def close(self) -> None:
        """Let go of the model and of what was read."""
        self._plain = self._prompt = None
        self.slots.close()

    def _given(self, ids: list[int]) -> dict[str, torch.Tensor]:
        """As the model takes them: tokens, or what the learnt ones stand for."""
        if min(ids) >= 0:
            return {"input_ids": torch.tensor([ids], device=self._plain.device)}
        words = self._plain.get_input_embeddings()
        parts = [
            self._prompt[-1 - one] if one < 0 else words(torch.tensor(one, device=words.weight.device)) for one in ids
        ]
        return {"inputs_embeds": torch.stack([part.to(self._plain.dtype) for part in parts])[None]}


def ends_of(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end a turn, by the model's own settings and its tokenizer's."""
    said = model.generation_config.eos_token_id
    ends = [] if said is None else [said] if isinstance(said, int) else list(said)
    return sorted({*ends, *([] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id])})
