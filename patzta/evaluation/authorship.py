"""Whose words are these: a linear classifier on character n-grams.

The strongest simple method for short texts; Stamatatos 2009, "A Survey of Modern Authorship Attribution Methods",
https://doi.org/10.1002/asi.21001.
"""

# scikit-learn is typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from patzta.evaluation.batches import batches
from patzta.evaluation.bootstrap import Interval, auc

FEWEST = 10
"""Texts of a side; fewer tell nothing."""
POOLS = (1, 2, 4, 8)
TELLS = 0.95
"""The AUC from which the person is told from others well enough."""


class Authorship:
    """Learns from training data who is the double and who somebody else.

    A single chat message says little about its author, so texts are pooled: as few as it takes to tell the person's own
    held-out words from other people's. More would let everybody who is a little alike pass for the person.
    """

    def __init__(self, own: Sequence[str], others: Sequence[str]) -> None:
        self._model = _classifier().fit([*own, *others], [1] * len(own) + [0] * len(others))
        self.pool = 1

    def measure(self, texts: Sequence[str], others: Sequence[str]) -> Interval | None:
        """How surely ``texts`` are taken for the double's when beside ``others``."""
        first, second = pooled(texts, self.pool), pooled(others, self.pool)
        return auc(self._sure(first), self._sure(second)) if min(len(first), len(second)) >= FEWEST else None

    def choose_pool(self, own: Sequence[str], others: Sequence[str]) -> None:
        """``own`` are held-out words of the person."""
        for self.pool in POOLS:
            found = self.measure(own, others)
            if found is None or found.value >= TELLS:
                return

    def _sure(self, texts: Sequence[str]) -> Any:
        return self._model.decision_function(texts)


def told_apart(human: Sequence[str], written: Sequence[str]) -> Interval | None:
    """How well a classifier that is trained on the one and the other tells a text that it has not seen: 0.5 is chance.

    Fivefold, every text judged by the classifier that has not seen it.
    """
    if min(len(human), len(written)) < FEWEST:
        return None
    truth = np.array([0] * len(human) + [1] * len(written))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    judged = cross_val_predict(_classifier(), [*human, *written], truth, cv=folds, method="decision_function")
    return auc(judged[truth == 1], judged[truth == 0])


def pooled(texts: Sequence[str], size: int) -> list[str]:
    """So many neighbours together; a rest that is smaller is left out."""
    return ["\n".join(part) for part in batches(texts, size) if len(part) == size]


def _classifier() -> Any:
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), lowercase=False, sublinear_tf=True)
    return make_pipeline(grams, LogisticRegression(C=10, max_iter=1000, class_weight="balanced"))
