"""What training on a dataset will take, before anything is loaded: orders of magnitude, from published figures."""

from __future__ import annotations

from dataclasses import dataclass

CHARACTERS_PER_TOKEN = 3.0
"""Of tokenizers with many languages; English has four, Czech fewer than three."""

# torchtune's README: Llama-3.1-8B, QLoRA, two rows of 2,048 tokens, one RTX 4090: 7.4 GiB, 2,413 tokens a second;
# its step-by-step table: Llama-3.2-3B, QLoRA, A100: 4.6 GiB. Memory is linear between them, speed inverse to the size.
_GIB, _GIB_PER_BILLION = 2.5, 0.61
_TOKENS_PER_SECOND = 2413 * 8.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """For a base of ``billions`` of parameters in 4 bit: GiB of graphics memory, hours on one RTX 4090."""

    billions: float
    memory: float
    hours: float


def tokens(characters: int) -> int:
    """About how many tokens a text has."""
    return round(characters / CHARACTERS_PER_TOKEN)


def estimate(count: int, billions: float, epochs: float = 2) -> Estimate:
    """Of QLoRA over ``count`` tokens."""
    seconds = count * epochs / (_TOKENS_PER_SECOND / billions)
    return Estimate(billions, _GIB + _GIB_PER_BILLION * billions, seconds / 3600)
