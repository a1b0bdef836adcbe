"""The models of a model folder that answer, loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from patzta.evaluation.replies import Reply
from patzta.evaluation.systems import Writer, persona_opening
from patzta.inference.loading import load
from patzta.inference.persona import Persona
from patzta.inference.prompt import control_tokens
from patzta.training.examples import Examples
from patzta.training.model import load_tokenizer

LONGEST = 2048
"""Tokens of context that a system reads."""


def double_alone(folder: Path) -> tuple[Writer, str, list[str]]:
    """The double, its name, and what is a control token to it. Raises BrokenModel."""
    persona, tokenizer, model = _opened(folder)
    examples = Examples(tokenizer, persona.name, LONGEST)
    return Writer(model, examples, tokenizer, persona.sampling), persona.name, control_tokens(tokenizer)


def with_bases(folder: Path, double: str, train: Sequence[Reply]) -> dict[str, Writer]:
    """The double; with an adapter also its base and the base that is told whom to play. Raises BrokenModel."""
    persona, tokenizer, model = _opened(folder)
    examples = Examples(tokenizer, double, LONGEST)
    found = {"double": Writer(model, examples, tokenizer, persona.sampling)}
    if hasattr(model, "disable_adapter"):
        opening, off = persona_opening(double, train), model.disable_adapter
        found["base"] = Writer(model, examples, tokenizer, persona.sampling, within=off)
        found["prompted"] = Writer(model, examples, tokenizer, persona.sampling, opening, off)
    return found


def _opened(folder: Path) -> tuple[Persona, Any, Any]:
    persona = Persona.read(folder)
    persona.check(folder)
    return persona, load_tokenizer(folder), load(folder, persona)
