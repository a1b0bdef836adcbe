"""Writing answers to many prompts at once, for training and evaluation: the worker has an engine of its own."""

# transformers gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

Messages = list[dict[str, str]]


@torch.no_grad()
def generated(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Messages],
    new_tokens: int,
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
    top_k: int = 0,
    never: list[list[int]] | None = None,
    batch: int = 16,
) -> list[str]:
    """One sampled answer a prompt, without what ends it; prompts of like length go together.

    A prompt that is too long for the model loses its oldest turns, two at a time.
    """
    model.eval()
    room = model.config.get_text_config().max_position_embeddings - new_tokens
    ids = [_ids(tokenizer, prompt, room) for prompt in prompts]
    order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
    answers = [""] * len(ids)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        inputs = {name: values.to(model.device) for name, values in _padded([ids[n] for n in chosen], tokenizer)}
        written = model.generate(
            **inputs,
            do_sample=True,
            temperature=temperature,
            top_p=top_p,
            top_k=top_k,
            max_new_tokens=new_tokens,
            min_new_tokens=2,  # an answer of nothing is no answer
            bad_words_ids=never or None,
            pad_token_id=_padding(tokenizer),
            use_cache=True,
        )
        width = inputs["input_ids"].shape[1]
        for number, row in zip(chosen, written, strict=True):
            answers[number] = str(tokenizer.decode(row[width:], skip_special_tokens=True)).strip("\n")
    return answers


def _ids(tokenizer: Any, prompt: Messages, room: int) -> list[int]:
    ids = list(tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_dict=True)["input_ids"])
    if len(ids) <= room:
        return ids
    return _ids(tokenizer, prompt[2:], room) if len(prompt) > 2 else ids[-room:]


def _padding(tokenizer: Any) -> int:
    return tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id


def _padded(rows: Sequence[Sequence[int]], tokenizer: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """On the left: what is written continues where a prompt ends."""
    width, filler = max(map(len, rows)), _padding(tokenizer)
    yield "input_ids", torch.tensor([[filler] * (width - len(row)) + list(row) for row in rows])
    yield "attention_mask", torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
