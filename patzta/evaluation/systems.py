"""Who answers: the double, its base with and without being told whom to play, and the nearest real reply."""

# transformers and scikit-learn give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer

from patzta.chat.transcript import Turn
from patzta.evaluation.batches import batches
from patzta.evaluation.replies import Reply
from patzta.evaluation.scoring import Scorer
from patzta.inference.generation import generated
from patzta.inference.persona import Sampling
from patzta.inference.prompt import placeholder_ids
from patzta.training.examples import Examples

EXAMPLES = 4
"""Exchanges that the prompted base is shown."""
AT_ONCE = 16
INSTRUCTION = (
    "From now on you are {name} in a chat with friends. Answer as {name} would: in the same language, as short,"
    " with the same words, spelling and emoji. This is how {name} writes:"
)


class Writer:
    """A model that answers. ``opening`` comes before every context; ``within`` may switch the adapter off."""

    def __init__(
        self,
        model: Any,
        examples: Examples,
        tokenizer: Any,
        sampling: Sampling,
        opening: Sequence[Turn] = (),
        within: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self._model, self._examples, self._tokenizer = model, examples, tokenizer
        self._sampling, self._opening, self._within = sampling, tuple(opening), within
        self._scorer = Scorer(model, examples)
        length = getattr(model.config.get_text_config(), "max_position_embeddings", examples.max_tokens)
        self._new_tokens = min(sampling.max_new_tokens, length // 4)
        self._room = min(length, 2 * examples.max_tokens) - 2 * self._new_tokens

    def answers(self, contexts: Sequence[Sequence[Turn]]) -> Iterator[str]:
        """One drawn answer each, as the model writes it."""
        never = placeholder_ids(self._tokenizer)
        for part in batches(contexts, AT_ONCE):
            with self._within():
                yield from generated(
                    self._model,
                    self._tokenizer,
                    [[{"role": turn.role, "content": turn.content} for turn in self._fitted(each)] for each in part],
                    self._new_tokens,
                    temperature=self._sampling.temperature,
                    top_p=self._sampling.top_p,
                    top_k=self._sampling.top_k,
                    never=never,
                    batch=AT_ONCE,
                )

    def nats(self, context: Sequence[Turn], answers: Sequence[str]) -> list[float]:
        """The logarithms of the probabilities of the answers."""
        with self._within():
            return self._scorer.nats(self._fitted(context), answers)

    def _fitted(self, context: Sequence[Turn]) -> list[Turn]:
        """The opening and as many of the last turns as there is room for; a single long turn keeps its end."""
        turns = list(context)
        while (over := self._tokens([*self._opening, *turns]) - self._room) > 0 and len(turns) > 2:
            turns = turns[2:]
        if over > 0:
            turns[0] = Turn(turns[0].role, turns[0].content[-max(1, len(turns[0].content) - 4 * over) :])
        return [*self._opening, *turns]

    def _tokens(self, turns: Sequence[Turn]) -> int:
        return len(self._examples.render(turns).ids)


def persona_opening(name: str, train: Sequence[Reply]) -> list[Turn]:
    """The instruction and a few exchanges of usual length, spread over the training data."""
    typical = sorted(train, key=lambda reply: abs(len(reply.content) - 60))[: max(EXAMPLES, len(train) // 4)]
    shown = typical[:: max(1, len(typical) // EXAMPLES)][:EXAMPLES]
    turns = [
        turn for reply in shown for turn in (Turn("user", reply.context[-1].content), Turn("assistant", reply.content))
    ]
    first = Turn("user", f"{INSTRUCTION.format(name=name)}\n{turns[0].content}")
    return [first, *turns[1:]]


class Retrieval:
    """Says what the person answered to what is most like the question: the ceiling of style, for the words are real."""

    def __init__(self, train: Sequence[Reply]) -> None:
        self._train = train
        self._grams: Any = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        self._grams.fit([text for reply in train for text in (reply.asked, reply.content)])
        self._asked = self._vectors([reply.asked for reply in train])
        self._said = self._vectors([reply.content for reply in train])

    def answer(self, reply: Reply) -> str:
        """The content of the nearest one."""
        return self._train[int(np.argmax(self._near(reply)))].content

    def similarity(self, reply: Reply, answers: Sequence[str]) -> list[float]:
        """Of each answer to the training's reply that fits both question and answer best."""
        said = (self._vectors(answers) @ self._said.T).toarray()
        return (said * self._near(reply)[None, :]).max(1).tolist()

    def _near(self, reply: Reply) -> Any:
        return (self._vectors([reply.asked]) @ self._asked.T).toarray()[0]

    def _vectors(self, texts: Sequence[str]) -> Any:
        return self._grams.transform(texts)


def seeded(number: int) -> None:
    """What is drawn next is the same in every run."""
    torch.manual_seed(number)
