"""Hits@1: the real reply among others' places, found by how likely a system says it is.

A likelihood alone prefers what always fits ("ok"): most of what the answer has after other contexts is taken off it,
after Li et al. 2016, https://arxiv.org/abs/1510.03055.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from patzta.evaluation.replies import Reply
from patzta.evaluation.systems import Retrieval, Writer

CANDIDATES = 20
ELSEWHERE = 8
"""Other things that were asked, from the training data, after which an answer is looked at."""
SHARE = 0.75
"""Of the mean logarithm there, what is taken off; chosen on the validation split of the demo's data."""


def candidates(found: Sequence[Reply], more: Sequence[Reply], seed: int) -> list[list[str]]:
    """Each reply, in the first place, and 19 different ones: held-out ones, then ``more`` if those are few."""
    rng = random.Random(f"candidates/{seed}")
    contents = list(dict.fromkeys(reply.content for reply in found))
    spare = [content for content in dict.fromkeys(reply.content for reply in more) if content not in set(contents)]
    missing = max(0, CANDIDATES - len(contents))
    contents += rng.sample(spare, min(missing, len(spare)))
    return [[reply.content, *_others(reply.content, contents, rng)] for reply in found]


def _others(content: str, contents: Sequence[str], rng: random.Random) -> list[str]:
    drawn = rng.sample(contents, min(CANDIDATES, len(contents)))
    return [other for other in drawn if other != content][: CANDIDATES - 1]


def scores(writer: Writer, found: Sequence[Reply], lists: Sequence[Sequence[str]]) -> list[list[float]]:
    """Nats of the candidates after each context; the real one's comes first."""
    return [writer.nats(reply.context, answers) for reply, answers in zip(found, lists, strict=True)]


def elsewhere(writer: Writer, lists: Sequence[Sequence[str]], known: Sequence[Reply], seed: int) -> dict[str, float]:
    """Mean nats of every candidate after what was asked in other places."""
    rng = random.Random(f"elsewhere/{seed}")
    contents = sorted({content for answers in lists for content in answers})
    others = rng.sample(known, min(ELSEWHERE, len(known)))
    columns = [writer.nats(reply.context[-1:], contents) for reply in others]
    return {content: sum(nats) / len(nats) for content, *nats in zip(contents, *columns, strict=True)}


def hits(given: Sequence[Sequence[float]], lists: Sequence[Sequence[str]], without: dict[str, float]) -> list[bool]:
    """Whether the first one wins; ``without`` is what ``elsewhere`` gives."""
    return [
        _first_wins([nats - SHARE * without[answer] for nats, answer in zip(row, answers, strict=True)])
        for row, answers in zip(given, lists, strict=True)
    ]


def retrieval_hits(retrieval: Retrieval, found: Sequence[Reply], lists: Sequence[Sequence[str]]) -> list[bool]:
    """By similarity in place of likelihood."""
    return [_first_wins(retrieval.similarity(reply, answers)) for reply, answers in zip(found, lists, strict=True)]


def _first_wins(values: Sequence[float]) -> bool:
    return all(values[0] > other for other in values[1:])
