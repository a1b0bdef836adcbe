"""General chat that the base itself wrote, mixed into the training so that it forgets less of what it can.

Self-generated replay: interleaving such text with what is new keeps small fine-tunings from degrading the rest
(arXiv 2512.22337). Nothing is downloaded: the base answers the questions of ``replay.txt`` before it is trained.
"""

# transformers gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from patzta.chat.transcript import Turn
from patzta.inference.generation import generated
from patzta.progress import Progress
from patzta.training.examples import Example, Examples

_QUESTIONS = Path(__file__).with_name("replay.txt").read_text("utf-8").splitlines()
_NEW_TOKENS = 160
_BATCH = 8


class Replay:
    """Such chats, kept at ``path``, so that they are written once only."""

    def __init__(self, path: Path, examples: Examples) -> None:
        self._path, self._examples = path, examples

    def read(self) -> list[Example]:
        """Those that are there."""
        return [example for turns in self._chats() for example in self._examples.fitting(turns)]

    def write(self, model: Any, tokenizer: Any, tokens: int, seed: int, progress: Progress) -> None:
        """Have the model write more until they have about so many tokens."""
        chats = self._chats()
        rng = random.Random(seed)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            while (have := self._tokens(chats)) < tokens:
                progress.update(have / tokens, "the base writes general chat for replay")
                new = _answered(model, tokenizer, rng.sample(_QUESTIONS, _BATCH))
                if not new:
                    break
                chats += new
        lines = (json.dumps([turn.content for turn in turns]) + "\n" for turns in chats)
        self._path.write_text("".join(lines), "utf-8")

    def _chats(self) -> list[list[Turn]]:
        if not self._path.exists():
            return []
        pairs = [json.loads(line) for line in self._path.read_text("utf-8").splitlines()]
        return [[Turn("user", question), Turn("assistant", answer)] for question, answer in pairs]

    def _tokens(self, chats: Sequence[Sequence[Turn]]) -> int:
        return sum(len(example.ids) for turns in chats for example in self._examples.fitting(turns))


def _answered(model: Any, tokenizer: Any, questions: Sequence[str]) -> list[list[Turn]]:
    prompts = [[{"role": "user", "content": question}] for question in questions]
    answers = generated(model, tokenizer, prompts, _NEW_TOKENS, temperature=0.8, top_p=0.95)
    pairs = zip(questions, answers, strict=True)
    return [[Turn("user", question), Turn("assistant", answer)] for question, answer in pairs if answer]
