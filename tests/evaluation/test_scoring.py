"""Likelihoods and answers of a real model, in 4 bit."""

import math
from pathlib import Path

import pytest
import torch

from patzta.chat.transcript import Turn
from patzta.evaluation.scoring import Scorer
from patzta.evaluation.voices import double_alone, with_bases
from patzta.inference.loading import load
from patzta.inference.persona import Persona
from patzta.training.examples import IGNORED, Examples
from patzta.training.model import load_tokenizer
from tests.training.tiny import ME, SHE

PROMPT = [Turn("user", f"{SHE}: ahoj, jak je? 1")]
ANSWERS = ["jde to 1\na ty? 1", "v pět u Dvořáka 2", "x"]


@pytest.fixture(scope="module")
def opened(double: Path):
    tokenizer = load_tokenizer(double)
    return load(double, Persona.read(double)), Examples(tokenizer, ME, 512)


def test_what_is_read_once_gives_what_reading_it_all_gives(opened) -> None:
    model, examples = opened
    together = Scorer(model, examples).nats(PROMPT, ANSWERS)
    for answer, nats in zip(ANSWERS, together, strict=True):
        row = examples.render([*PROMPT, Turn("assistant", answer)]).last()
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([row.ids])).logits[0].float().log_softmax(-1)
        learnt = [(place, label) for place, label in enumerate(row.labels) if label != IGNORED]
        alone = sum(float(logits[place - 1, label]) for place, label in learnt)
        assert nats == pytest.approx(alone, rel=0.02)


def test_a_learnt_prompt_cannot_be_read_once_and_is_not(tmp_path: Path, dataset: Path, base: Path) -> None:
    from patzta.training.finetune import finetune
    from patzta.training.settings import Settings

    out = tmp_path / "prompted"
    finetune(dataset, base, out, Settings(method="prompt", epochs=1, max_tokens=128, replay=0.0, evaluated=2))
    double, _, _ = double_alone(out)
    (alone,), together = double.nats(PROMPT, ANSWERS[:1]), double.nats(PROMPT, ANSWERS)
    assert together[0] == pytest.approx(alone, rel=0.02)
    assert all(math.isfinite(nats) for nats in together)


def test_the_double_knows_its_answer_better_than_its_base(double: Path, dataset: Path) -> None:
    from patzta.evaluation.measure import Data

    data = Data.read(dataset, 5)
    who = with_bases(double, data.double, data.known)
    assert list(who) == ["double", "base", "prompted"]
    reply = data.held_out[0]
    nats = {name: writer.nats(reply.context, [reply.content])[0] for name, writer in who.items()}
    assert nats["double"] > nats["base"] + 1
    # Switching the adapter off leaves no trace.
    assert who["double"].nats(reply.context, [reply.content])[0] == nats["double"]
    assert all(isinstance(answer, str) for answer in who["base"].answers([reply.context]))


def test_too_long_a_context_keeps_its_end_and_the_opening(double: Path, dataset: Path) -> None:
    from patzta.evaluation.measure import Data

    data = Data.read(dataset, 5)
    prompted = with_bases(double, data.double, data.known)["prompted"]
    long = [Turn("user", f"{SHE}: {'slovo ' * 300}"), Turn("assistant", "jo"), Turn("user", f"{SHE}: {'a ' * 900}")]
    assert all(math.isfinite(nats) for nats in prompted.nats(long, ["jo", "ne"]))
    assert list(prompted.answers([long]))
