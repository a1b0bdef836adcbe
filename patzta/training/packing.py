"""Rows: what goes through the model at once, one example or several side by side."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from patzta.training.examples import IGNORED, Example

_OPEN = 64
"""Rows that are being filled at a time: enough that little stays empty, few enough that the order stays random."""


@dataclass(frozen=True, slots=True)
class Row:
    """Examples side by side."""

    examples: tuple[Example, ...]

    @property
    def tokens(self) -> int:
        """Their length together."""
        return sum(len(example.ids) for example in self.examples)

    @property
    def learnt(self) -> int:
        """How many tokens are predicted and learnt; the first of an example never is."""
        return sum(label != IGNORED for example in self.examples for label in example.labels[1:])


def rows(examples: Iterable[Example], tokens: int, *, packing: bool = True) -> list[Row]:
    """All examples from which something is learnt, in rows of at most ``tokens``.

    Each goes into the fullest open row that has place for it (best fit with bounded space).
    """
    wanted = [example for example in examples if any(label != IGNORED for label in example.labels[1:])]
    if not packing:
        return [Row((example,)) for example in wanted]
    closed: list[Row] = []
    open_rows: list[tuple[int, list[Example]]] = []
    for example in wanted:
        size = len(example.ids)
        fitting = [number for number, (used, _) in enumerate(open_rows) if used + size <= tokens]
        used, members = open_rows.pop(max(fitting, key=lambda number: open_rows[number][0])) if fitting else (0, [])
        open_rows.append((used + size, [*members, example]))
        if len(open_rows) > _OPEN:
            fullest = max(range(len(open_rows)), key=lambda number: open_rows[number][0])
            closed.append(Row(tuple(open_rows.pop(fullest)[1])))
    return closed + [Row(tuple(members)) for _, members in open_rows]


def steps(rows: Sequence[Row], tokens: int, rng: random.Random) -> list[list[Row]]:
    """The rows in random order, so many at a step that it has about ``tokens``, and at least one."""
    order = list(rows)
    rng.shuffle(order)
    groups: list[list[Row]] = []
    filled = tokens
    for row in order:
        if filled + row.tokens > tokens:
            groups.append([])
            filled = 0
        groups[-1].append(row)
        filled += row.tokens
    return groups
