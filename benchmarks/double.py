"""Ask a double and its base the same questions: ``python benchmarks/double.py [--model FOLDER]``.

Prints ten answers of both side by side, then how often each repeats itself over a hundred questions and how much of the
style of the one whom it doubles each has. Base and adapter are one model in NF4, as when they serve.
"""
# Of what torch, transformers and peft hand out, only part has types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from peft import PeftModel

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import Transcript
from patzta.inference.persona import Persona
from patzta.inference.prompt import control_tokens
from patzta.training.demo.questions import questions
from patzta.training.model import load_base, load_tokenizer

MODEL = Path(__file__).parents[1] / "data" / "models" / "demo"
ASKER = "Eva"

Answer = Callable[[str], str]


class Pair:
    """A base and the double made of it."""

    def __init__(self, folder: Path) -> None:
        self._persona = Persona.read(folder)
        base = Path(self._persona.base_source(folder))
        self._tokenizer = load_tokenizer(folder)
        self._transcript = Transcript(self._persona.name, control_tokens(self._tokenizer))
        self._model: Any = PeftModel.from_pretrained(load_base(base), folder).eval()

    def double(self, question: str) -> str:
        """What the double answers."""
        return self._generated(question)

    def base(self, question: str) -> str:
        """What the base without the adapter answers."""
        with self._model.disable_adapter():
            return self._generated(question)

    @torch.no_grad()
    def _generated(self, question: str) -> str:
        asked = Message(ASKER, datetime(2024, 9, 1, 18, 0, tzinfo=UTC), question)
        turns = self._transcript.turns(Conversation("benchmark", None, (ASKER, self._persona.name), (asked,)))
        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        inputs: Any = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_dict=True, return_tensors="pt"
        ).to(self._model.device)
        usual = self._persona.sampling
        written = self._model.generate(
            **inputs,
            do_sample=True,
            temperature=usual.temperature,
            top_p=usual.top_p,
            top_k=usual.top_k,
            max_new_tokens=usual.max_new_tokens,
        )
        return str(self._tokenizer.decode(written[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))


def repeated(answers: list[str]) -> float:
    """The share of answers that were given before, word for word."""
    return round(1 - len(set(answers)) / len(answers), 3)


def style(answers: list[str]) -> dict[str, float]:
    """What can be counted of a way of writing."""
    lines = [line for answer in answers for line in answer.split("\n")]
    return {
        "sub_messages": round(fmean(answer.count("\n") + 1 for answer in answers), 2),
        "lower_case": round(fmean(line == line.lower() for line in lines), 3),
        "full_stops": round(fmean(line.endswith(".") for line in lines), 3),
        "czech_diacritics": round(fmean(bool(re.search("[áčďéěíňóřšťúůýž]", line)) for line in lines), 3),
    }


def measured(answer: Answer, asked: list[str]) -> tuple[list[str], dict[str, float]]:
    """All the answers and their figures."""
    answers = [answer(question) for question in asked]
    return answers, {"repeated": repeated(answers), **style(answers)}


def main() -> None:
    """Print the table and the figures."""
    parser = argparse.ArgumentParser(description="Ask a double and its base the same questions.")
    parser.add_argument("--model", type=Path, default=MODEL, help="a model folder (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="print the hundred answers as well")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(22)
    pair = Pair(arguments.model)
    shown, counted = questions()
    print("| question | base | double |\n|---|---|---|")
    for question in shown:
        print(f"| {question} | {_cell(pair.base(question))} | {_cell(pair.double(question))} |")
    sys.stderr.write(f"{len(counted)} more questions for each\n")
    answers, double = measured(pair.double, counted)
    _, base = measured(pair.base, counted)
    if arguments.all:
        print("\n".join(f"{question} → {_cell(answer)}" for question, answer in zip(counted, answers, strict=True)))
    print(json.dumps({"questions": len(counted), "double": double, "base": base}))


def _cell(answer: str) -> str:
    return answer.replace("\n", " ⏎ ").replace("|", "\\|")


if __name__ == "__main__":
    main()
