"""How to train, as plain values: no library is needed to name them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; the defaults suit a base of some billion parameters on one GPU.

    Attributes:
        epochs: how often each session is seen, cut at random each time.
        batch_tokens: tokens of a batch, padding included.
        max_tokens: of one example; longer ones are cut between turns.
        learning_rate: the highest, reached after the share ``warm_up`` of the training; a cosine leads to a tenth.
        rank, alpha, dropout: of the adapters.
        save_memory: compute activations twice instead of keeping them.
        evaluations: how often the held-out loss is taken, evenly spaced, the last time at the end.
        evaluated: at most so many held-out sessions are used.
        seed: of everything random. On one CPU thread the same seed gives the same bytes.
    """

    epochs: int = 3
    batch_tokens: int = 4096
    max_tokens: int = 2048
    learning_rate: float = 2e-4
    warm_up: float = 0.05
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    save_memory: bool = False
    evaluations: int = 1
    evaluated: int = 200
    seed: int = 0
