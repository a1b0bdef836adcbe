"""How likely a model finds given answers. What all of them stand after is read once."""

# transformers gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch

from patzta.chat.transcript import Turn
from patzta.evaluation.batches import batches
from patzta.training.examples import IGNORED, Example, Examples

AT_ONCE = 32


class Scorer:
    """For one model and its tokenizer."""

    def __init__(self, model: Any, examples: Examples) -> None:
        self._model, self._examples = model, examples
        # A learnt prompt is put before whatever a model reads, so that nothing read before can be kept.
        self._keeps = not getattr(getattr(model, "active_peft_config", None), "is_prompt_learning", False)

    @torch.inference_mode()
    def nats(self, prompt: Sequence[Turn], answers: Sequence[str]) -> list[float]:
        """The logarithm of the probability of each answer, its end included, after ``prompt``."""
        rows = [self._examples.render([*prompt, Turn("assistant", answer)]).last() for answer in answers]
        if not self._keeps:
            return [nats for part in batches(rows, AT_ONCE) for nats in self._read(part, None, 0)]
        known = max(0, _shared(rows) - 1)
        memory = self._remembered(rows[0].ids[:known]) if known else None
        return [nats for part in batches(rows, AT_ONCE) for nats in self._read(part, memory, known)]

    def _remembered(self, ids: Sequence[int]) -> Any:
        read = torch.tensor([ids], device=self._model.device)
        return self._model(input_ids=read, use_cache=True, logits_to_keep=1).past_key_values

    def _read(self, rows: Sequence[Example], memory: Any, known: int) -> list[float]:
        width = max(len(row.ids) for row in rows)
        ids, labels, mask = (torch.tensor(values, device=self._model.device) for values in _padded(rows, width))
        past: Any = None
        if memory is not None:
            past = copy.deepcopy(memory)
            past.batch_repeat_interleave(len(rows))
        # Over an adapter only the keyword arguments reach the model.
        out = self._model(
            input_ids=ids[:, known:], attention_mask=mask, past_key_values=past, use_cache=past is not None
        )
        logits, wanted = out.logits[:, known - width : -1], labels[:, known + 1 :]
        learnt = wanted != IGNORED
        nats = torch.zeros(wanted.shape, device=logits.device)
        nats[learnt] = -torch.nn.functional.cross_entropy(logits[learnt].float(), wanted[learnt], reduction="none")
        return nats.sum(1).tolist()


def _shared(rows: Sequence[Example]) -> int:
    """How many tokens all rows begin with, before anything is learnt."""
    columns = zip(*(zip(row.ids, row.labels, strict=True) for row in rows), strict=False)
    return next((place for place, column in enumerate(columns) if _differs(column)), 0)


def _differs(column: Sequence[tuple[int, int]]) -> bool:
    return len({token for token, _ in column}) > 1 or any(label != IGNORED for _, label in column)


def _padded(rows: Sequence[Example], width: int) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """On the right: what comes later is not seen."""
    missing = [width - len(row.ids) for row in rows]
    return (
        [row.ids + [0] * more for row, more in zip(rows, missing, strict=True)],
        [row.labels + [IGNORED] * more for row, more in zip(rows, missing, strict=True)],
        [[1] * len(row.ids) + [0] * more for row, more in zip(rows, missing, strict=True)],
    )
