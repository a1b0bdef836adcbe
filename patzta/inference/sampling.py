"""Drawing the next token of several chats at once, each with its own settings."""

# torch gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence

import torch

LIKELIEST = 256
"""Tokens that are sorted at first: nearly always enough, and many times sooner than a whole vocabulary."""


class Bans:
    """What is not written: token sequences ``never``, and none of ``ends`` as the first token.

    An answer of nothing is no answer.
    """

    def __init__(self, never: Sequence[Sequence[int]], ends: Sequence[int], device: torch.device) -> None:
        self._single = torch.tensor([ids[0] for ids in never if len(ids) == 1], dtype=torch.long, device=device)
        self._longer = [(tuple(ids[:-1]), ids[-1]) for ids in never if len(ids) > 1]
        self._ends = torch.tensor(list(ends), dtype=torch.long, device=device)

    def put(self, logits: torch.Tensor, written: Sequence[Sequence[int]]) -> None:
        """On logits [rows, vocabulary], in place; ``written`` is what each row holds already."""
        logits[:, self._single] = -torch.inf
        for row, ids in enumerate(written):
            if not ids:
                logits[row, self._ends] = -torch.inf
            for before, last in self._longer:
                if tuple(ids[-len(before) :]) == before:
                    logits[row, last] = -torch.inf


def draw(logits: torch.Tensor, temperature: torch.Tensor, top_p: torch.Tensor, top_k: torch.Tensor) -> torch.Tensor:
    """A token of each row, [rows] from logits [rows, vocabulary]; ``top_k`` 0 is no limit.

    Nucleus sampling as in Holtzman et al. 2020, https://arxiv.org/abs/1904.09751: the likeliest tokens that together
    reach ``top_p``, the one that passes it included.
    """
    scaled = logits.float() / temperature[:, None]
    whole = scaled.logsumexp(-1, keepdim=True)
    values, tokens = scaled.topk(min(LIKELIEST, scaled.shape[1]))
    shares = (values - whole).exp()
    enough = (shares.sum(-1) >= top_p) | ((top_k > 0) & (top_k <= LIKELIEST))
    if not bool(enough.all()):
        values, tokens = scaled.sort(descending=True)
        shares = (values - whole).exp()
    rank = torch.arange(shares.shape[1], device=shares.device)[None]
    kept = (shares.cumsum(-1) - shares < top_p[:, None]) & ((rank < top_k[:, None]) | (top_k[:, None] == 0))
    kept[:, 0] = True
    drawn = torch.multinomial(shares * kept, 1)
    return tokens.gather(1, drawn)[:, 0]
