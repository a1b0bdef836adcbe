"""The double beside its baselines on held-out chats, all in one run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patzta.dataset.build import double_of
from patzta.dataset.statistics import read_split, statistics
from patzta.evaluation import NoQuestions, choosing, privacy, style
from patzta.evaluation.authorship import Authorship, told_apart
from patzta.evaluation.bootstrap import Interval, mean, ratio
from patzta.evaluation.replies import Reply, messages, replies, spread, whole
from patzta.evaluation.systems import Retrieval, Writer, seeded
from patzta.evaluation.voices import with_bases
from patzta.progress import Progress
from patzta.training import canaries

LAST_TRAINED = 4000
"""Replies of the training split that retrieval and the classifiers know, the newest ones."""


@dataclass(slots=True)
class Data:
    """What is held out and measured, what retrieval and the classifiers know, other words of the double."""

    double: str
    held_out: list[Reply]
    known: list[Reply]
    more: list[Reply]

    @classmethod
    def read(cls, dataset: Path, count: int) -> Data:
        """Raises BrokenDataset or NoQuestions."""
        double = double_of(dataset)
        held_out, known, spare = (
            list(replies(read_split(dataset, split), double)) for split in ("test", "train", "validation")
        )
        if not held_out or not known:
            split = "test" if known else "train"
            raise NoQuestions(dataset / f"{split}.jsonl", "the double answers nobody in it; hold out more chats")
        chosen = spread(held_out, count)
        more = [*known, *spare][-len(chosen) :]
        return cls(double, chosen, known[-LAST_TRAINED:], more)


@dataclass(slots=True)
class Measured:
    """``systems`` as in the report; ``answers`` of each to the held-out contexts, as a model writes them."""

    systems: dict[str, dict[str, Interval]]
    privacy: dict[str, Any]
    answers: dict[str, list[str]]
    data: Data
    pool: int = 1
    notes: list[str] = field(default_factory=list[str])

    def as_json(self) -> dict[str, Any]:
        """The report."""
        systems = {
            name: {metric: found.as_json() for metric, found in metrics.items()}
            for name, metrics in self.systems.items()
        }
        return {
            "systems": systems,
            "privacy": self.privacy,
            "replies": len(self.data.held_out),
            "authorship_pool": self.pool,
        }


def measure(model: Path, dataset: Path, count: int = 300, seed: int = 0, progress: Progress | None = None) -> Measured:
    """Everything that the report says. Raises BrokenDataset, BrokenModel or NoQuestions."""
    progress = progress or Progress()
    data = Data.read(dataset, count)
    progress.say(f"{len(data.held_out)} held-out replies; loading the model")
    who = with_bases(model, data.double, data.known)
    result = Measured({}, {}, {}, data)
    if "base" not in who:
        result.notes.append("The model is whole: it has no base beside it, so base and prompted base are left out.")
    retrieval = Retrieval(data.known)
    lists = choosing.candidates(data.held_out, data.known, seed)
    for number, (name, writer) in enumerate(who.items()):
        seeded(seed)
        result.systems[name] = _likelihoods(writer, data, lists, seed)
        progress.update((2 * number + 1) / (2 * len(who) + 2), f"{name} chooses")
        result.answers[name] = list(writer.answers([reply.context for reply in data.held_out]))
        progress.update((2 * number + 2) / (2 * len(who) + 2), f"{name} answers")
    result.systems["retrieval"] = {"hits_at_1": mean(choosing.retrieval_hits(retrieval, data.held_out, lists))}
    result.answers["retrieval"] = [retrieval.answer(reply) for reply in data.held_out]
    result.systems["human"] = {}
    result.answers["human"] = [data.more[number % len(data.more)].content for number in range(len(data.held_out))]
    _compare(result, dataset)
    seeded(seed)
    _audit(result, who["double"], model, dataset, seed)
    progress.update(1.0, "done")
    return result


def _likelihoods(writer: Writer, data: Data, lists: Sequence[Sequence[str]], seed: int) -> dict[str, Interval]:
    given = choosing.scores(writer, data.held_out, lists)
    without = choosing.elsewhere(writer, lists, data.known, seed)
    bits = [-row[0] / math.log(2) for row in given]
    return {
        "hits_at_1": mean(choosing.hits(given, lists, without)),
        "bits_per_character": ratio(bits, [len(whole(reply.content)) + 1 for reply in data.held_out]),
    }


def _compare(result: Measured, dataset: Path) -> None:
    """What is measured on the answers as they stand, for every system and for other words of the person."""
    data = result.data
    own = [whole(reply.content) for reply in data.held_out]
    others = [reply.asked for reply in data.held_out]
    authorship = Authorship([whole(reply.content) for reply in data.known], [reply.asked for reply in data.known])
    authorship.choose_pool(own, others)
    result.pool = authorship.pool
    real = [reply.texts for reply in data.held_out]
    for name, answers in result.answers.items():
        texts, bursts = [whole(answer) for answer in answers], [messages(answer) for answer in answers]
        # The person's own words of then are what authorship is measured on; the floor of the rest is other words.
        alike = authorship.measure(own if name == "human" else texts, others)
        apart = told_apart(own, texts)
        found = {"authorship_auc": alike, "human_or_generated_auc": apart, **style.distances(bursts, real)}
        found |= {"distinct_1": style.distinct(bursts, 1), "distinct_2": style.distinct(bursts, 2)}
        found["chrf"] = style.chrf(bursts, real)
        result.systems[name] |= {metric: value for metric, value in found.items() if value is not None}
    test, train = (statistics(read_split(dataset, split), data.double).replies for split in ("test", "train"))
    if floor := style.pauses(train, test):
        result.systems["human"]["pause_distance"] = floor


def _audit(result: Measured, double: Writer, model: Path, dataset: Path, seed: int) -> None:
    data = result.data
    known = privacy.Known.of(read_split(dataset, "train"), data.double)
    said = result.answers | {"human": [reply.content for reply in data.held_out]}
    result.privacy = {
        "copies": {name: privacy.copied(answers, data.held_out, known) for name, answers in said.items()},
        "canaries": privacy.canaries(double, canaries.read(model), data.double, seed),
        "placeholders": privacy.placeholders(result.answers["double"], data.held_out, "CZ"),
    }
