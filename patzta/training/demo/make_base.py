"""Make the demo's base model from nothing: ``python -m patzta.training.demo.make_base [--minutes N]``.

A tokenizer and a small Llama are trained on generated small talk (``corpus.py``) and written to ``base/``. The time
that is given sets the learning rate's schedule, so a faster machine makes a better model of the same seed.
"""
# Of what torch and transformers hand out, only part has types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from patzta.chat.transcript import Transcript
from patzta.training.demo.corpus import conversations
from patzta.training.demo.spelling import bare

BASE = Path(__file__).parent / "base"
SEED = 22
VOCABULARY = 2048
CONTEXT = 1024
TOKENS_PER_STEP = 2048
"""Roughly what stands in one batch."""
OTHERS_WEIGHT = 0.1
"""How much the lines of the others count in the loss: they teach words and careless spelling, not what to answer."""

# Every in_features divides by 64 and out_features by 32: bitsandbytes cannot pack other linears on CPUs.
HIDDEN, LAYERS, HEADS, FEED_FORWARD = 192, 4, 3, 512
PAD, TEXT_END, TURN_START, TURN_END = SPECIAL = ("<|pad|>", "<|endoftext|>", "<|im_start|>", "<|im_end|>")

CHAT_TEMPLATE = (
    "{%- for m in messages -%}{%- if m['role'] == 'assistant' -%}{{- '<|im_start|>assistant\\n' -}}"
    "{% generation %}{{- m['content'] + '<|im_end|>' -}}{% endgeneration %}{{- '\\n' -}}"
    "{%- else -%}{{- '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' -}}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)

_log = logging.getLogger(__name__)
Row = tuple[list[int], list[float]]


def chats(seed: int) -> Iterator[list[dict[str, str]]]:
    """The corpus as the turns of the chat template, without end."""
    for conversation in conversations(seed):
        turns = Transcript(conversation.participants[-1], SPECIAL).turns(conversation)
        yield [{"role": turn.role, "content": turn.content} for turn in turns]


def make_tokenizer(samples: int = 20_000) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer that knows Czech with and without diacritics, and English."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = ["\n".join(turn["content"] for turn in chat) for chat in islice(chats(SEED), samples)]
    careless = [bare(text).lower() for text in texts[::2]]
    bpe.train_from_iterator(texts + careless, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, pad_token=PAD, bos_token=TEXT_END, eos_token=TURN_END, model_max_length=CONTEXT
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def make_model() -> LlamaForCausalLM:
    """The untrained network."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=HIDDEN,
            intermediate_size=FEED_FORWARD,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            num_key_value_heads=HEADS,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            pad_token_id=SPECIAL.index(PAD),
            bos_token_id=SPECIAL.index(TEXT_END),
            eos_token_id=SPECIAL.index(TURN_END),
        )
    )


def row(tokenizer: PreTrainedTokenizerFast, chat: list[dict[str, str]]) -> Row:
    """A chat's tokens and how much each counts in the loss."""
    encoded: Any = tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
    weights = [1.0 if mine else OTHERS_WEIGHT for mine in encoded["assistant_masks"]]
    return encoded["input_ids"][:CONTEXT], weights[:CONTEXT]


def batches(tokenizer: PreTrainedTokenizerFast, seed: int, pool: int = 256) -> Iterator[list[Row]]:
    """Rows of about the same length together, so that little is padding."""
    random = Random(seed)
    source = chats(seed)
    while True:
        rows = sorted((row(tokenizer, chat) for chat in islice(source, pool)), key=lambda each: len(each[0]))
        groups: list[list[Row]] = [[]]
        for each in rows:
            if (len(groups[-1]) + 1) * len(each[0]) > TOKENS_PER_STEP:
                groups.append([])
            groups[-1].append(each)
        random.shuffle(groups)
        yield from (group for group in groups if group)


def loss_of(model: LlamaForCausalLM, rows: list[Row]) -> torch.Tensor:
    """The weighted mean of the next tokens' losses. Padding stands at the right, where causal attention never looks."""
    length = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([ids + [0] * (length - len(ids)) for ids, _ in rows])
    weights = torch.tensor([weights + [0.0] * (length - len(weights)) for _, weights in rows])[:, 1:].flatten()
    # In float32: with matrices this small, autocast to bfloat16 took twice the time on a CPU that has it.
    logits = model(input_ids=ids, use_cache=False).logits[:, :-1].flatten(0, 1)
    losses = functional.cross_entropy(logits, ids[:, 1:].flatten(), reduction="none")
    return (losses * weights).sum() / weights.sum()


def learning_rate(share: float, step: int, peak: float = 3e-3) -> float:
    """Up within a hundred steps, then down along a cosine as the share of the time that is over grows."""
    return peak * min(1.0, (step + 1) / 100) * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, share))) / 2)


def train(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, minutes: float) -> dict[str, float]:
    """Train for that long; gives the figures for the card."""
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.95), weight_decay=0.1)
    begin, tokens, mean, step = time.monotonic(), 0, 0.0, 0
    for step, rows in enumerate(batches(tokenizer, SEED)):
        share = (time.monotonic() - begin) / 60 / minutes
        if share >= 1:
            break
        loss = loss_of(model, rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.param_groups[0]["lr"] = learning_rate(share, step)
        optimizer.step()
        optimizer.zero_grad()
        tokens += sum(len(ids) for ids, _ in rows)
        mean = loss.item() if step == 0 else 0.98 * mean + 0.02 * loss.item()
        if step % 50 == 0:
            left = minutes * 60 * (1 - share)
            _log.info("step %d  loss %.3f (mean %.3f)  %d tokens  %d s left", step, loss.item(), mean, tokens, left)
    return {"steps": step, "tokens": tokens, "loss": round(mean, 3), "minutes": minutes}


@torch.no_grad()
def held_out_loss(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, count: int = 60) -> float:
    """The mean loss on conversations that were not trained on."""
    rows = islice(batches(tokenizer, SEED + 1), count)
    return round(sum(loss_of(model, each).item() for each in rows) / count, 3)


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, figures: dict[str, float], folder: Path) -> None:
    """Write the model folder with its card."""
    model.bfloat16().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    parameters = sum(each.numel() for each in model.parameters())
    (folder / "README.md").write_text(_card(parameters, figures), encoding="utf-8")


def _card(parameters: int, figures: dict[str, float]) -> str:
    return f"""---
license: mit
---

# The demo's base model

A Llama of {parameters:,} parameters that makes small talk in Czech and English. It exists so that the demo double
can be fine-tuned on any computer in a few minutes; it knows nothing about the world and is of no use beyond that.

Made by `python -m patzta.training.demo.make_base --minutes {figures["minutes"]:g}` from random weights and generated
conversations of invented people (`patzta/training/demo/smalltalk/`). No other text or model took part.

```json
{json.dumps(figures)}
```

`loss` is the weighted training loss at the end, `held_out_loss` that on conversations not trained on. Context {CONTEXT}
tokens, vocabulary {VOCABULARY}; the chat template is ChatML with generation markers. Same licence as the project.
"""


def main() -> None:
    """Train and write ``base/``."""
    parser = argparse.ArgumentParser(description="Make the demo's base model from nothing.")
    parser.add_argument("--minutes", type=float, default=31, help="how long to train (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=BASE, help="where to write it (default: %(default)s)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("transformers").setLevel(logging.ERROR)  # it warns of every chat that is cut to the context
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    tokenizer, model = make_tokenizer(), make_model()
    figures = train(model, tokenizer, arguments.minutes)
    figures["held_out_loss"] = held_out_loss(model, tokenizer)
    save(model, tokenizer, figures, arguments.out)
    _log.info("%s: %s", arguments.out, figures)


if __name__ == "__main__":
    main()
