"""Drawing the next token of several chats at once, each with its own settings."""

# torch gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence

import torch

TRIES = 16
"""Draws from the whole vocabulary before it is sorted for those that still have no token."""


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
    reach ``top_p``, the one that passes it included, and all that are as likely as the last. A token of the whole
    vocabulary that is none of them is drawn again, which gives the same shares sooner than sorting.
    """
    shares = (logits.double() / temperature[:, None]).softmax(-1)
    until = shares.cumsum(-1)
    tokens = torch.zeros(len(shares), dtype=torch.long, device=shares.device)
    left = torch.arange(len(shares), device=shares.device)
    for _ in range(TRIES):
        drawn = _anywhere(until[left])
        tokens[left] = drawn
        left = left[~_kept(shares[left], drawn, top_p[left], top_k[left])]
        if not len(left):
            return tokens
    tokens[left] = _among_kept(shares[left], top_p[left], top_k[left])
    return tokens


def _anywhere(until: torch.Tensor) -> torch.Tensor:
    """A token of each row, by the sums [rows, vocabulary] of the shares up to each."""
    places = torch.rand(len(until), 1, dtype=until.dtype, device=until.device) * until[:, -1:]
    return torch.searchsorted(until, places, right=True)[:, 0].clamp(max=until.shape[1] - 1)


def _kept(shares: torch.Tensor, drawn: torch.Tensor, top_p: torch.Tensor, top_k: torch.Tensor) -> torch.Tensor:
    """Whether each row's token is of those that ``top_p`` and ``top_k`` leave."""
    likelier = shares > shares.gather(1, drawn[:, None])
    return ((shares * likelier).sum(-1) < top_p) & ((likelier.sum(-1) < top_k) | (top_k == 0))


def _among_kept(shares: torch.Tensor, top_p: torch.Tensor, top_k: torch.Tensor) -> torch.Tensor:
    shares, tokens = shares.sort(descending=True)
    rank = torch.arange(shares.shape[1], device=shares.device)[None]
    kept = (shares.cumsum(-1) - shares < top_p[:, None]) & ((rank < top_k[:, None]) | (top_k[:, None] == 0))
    kept[:, 0] = True
    drawn = _anywhere((shares * kept).cumsum(-1))
    return tokens.gather(1, drawn[:, None])[:, 0]
