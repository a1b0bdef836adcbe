"""General chat that the base itself wrote, mixed into the training so that it forgets less of what it can.

Self-generated replay: interleaving such text with what is new keeps small fine-tunings from degrading the rest
(arXiv 2512.22337). Nothing is downloaded: the base answers the questions of ``replay.txt`` before it is trained.
"""

# transformers gives only part of its types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import random
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


def replay(
    model: Any, tokenizer: Any, examples: Examples, tokens: int, kept: Path, seed: int, progress: Progress
) -> list[Example]:
    """Examples of about so many tokens; ``kept`` holds the answers, so that they are written once only."""
    chats = _read(kept)
    rng = random.Random(seed)
    found = [example for turns in chats for example in examples.fitting(turns)]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        while (have := sum(len(example.ids) for example in found)) < tokens:
            progress.update(have / tokens, "the base writes general chat for replay")
            questions = rng.sample(_QUESTIONS, _BATCH)
            prompts = [[{"role": "user", "content": question}] for question in questions]
            answers = generated(model, tokenizer, prompts, _NEW_TOKENS, temperature=0.8, top_p=0.95)
            new = [
                [Turn("user", question), Turn("assistant", answer)]
                for question, answer in zip(questions, answers, strict=True)
                if answer
            ]
            if not new:
                break
            chats += new
            found += [example for turns in new for example in examples.fitting(turns)]
    kept.write_text("".join(json.dumps([turn.content for turn in turns]) + "\n" for turns in chats), "utf-8")
    return found


def _read(path: Path) -> list[list[Turn]]:
    if not path.exists():
        return []
    pairs = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [[Turn("user", question), Turn("assistant", answer)] for question, answer in pairs]
