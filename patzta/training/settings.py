"""How to train, as plain values: no library is needed to name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["qlora", "lora", "full", "prompt"]

# Adapters want about ten times the rate of a whole model: Schulman et al. 2025, "LoRA Without Regret",
# https://thinkingmachines.ai/blog/lora/. Prompts: Lester et al. 2021, https://arxiv.org/abs/2104.08691, scaled down.
_RATES: dict[Method, float] = {"qlora": 2e-4, "lora": 2e-4, "full": 2e-5, "prompt": 3e-2}


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; the defaults suit the chats of one person and a base of some billion parameters on one GPU.

    Attributes:
        method: ``qlora`` trains adapters on a base in 4 bit, ``lora`` on the base as it is, ``full`` the base itself,
            ``prompt`` a few vectors before its input.
        epochs: how often each session is seen, cut at random each time.
        batch_tokens: tokens of a step.
        max_tokens: of one example, and of what goes through the model at once; longer ones are cut between turns.
        packing: several examples go through the model side by side, none seeing another.
        learning_rate: the highest, reached after the share ``warm_up`` of the training; a cosine leads to a tenth.
            None is the method's usual one.
        rank, alpha, dropout: of the adapters.
        prompt_tokens: vectors that prompt tuning learns.
        save_memory: compute activations twice instead of keeping them.
        replay: what share of the tokens is general chat that the base itself wrote, so that it forgets less.
        canaries: made-up secrets that are planted among the sessions, to find out later what the model gives away.
        evaluate_every: steps between two looks at the held-out sessions; None is a sixth of the training.
        evaluated: at most so many held-out sessions are used.
        samples: answers that are written at each look.
        patience: end after so many looks without a lower held-out loss; 0 never does. The best state is kept.
        seed: of everything random. On one CPU thread the same seed gives the same bytes.
    """

    method: Method = "qlora"
    epochs: int = 3
    batch_tokens: int = 4096
    max_tokens: int = 2048
    packing: bool = True
    learning_rate: float | None = None
    warm_up: float = 0.05
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    prompt_tokens: int = 32
    save_memory: bool = False
    replay: float = 0.1
    canaries: int = 0
    evaluate_every: int | None = None
    evaluated: int = 200
    samples: int = 3
    patience: int = 2
    seed: int = 0

    @property
    def rate(self) -> float:
        """The highest learning rate."""
        return _RATES[self.method] if self.learning_rate is None else self.learning_rate
