"""``card.md`` of a model folder: what it is, what it learnt from, how, and what it must not be used for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from patzta.inference.persona import Persona
from patzta.training.plan import Plan, in_words
from patzta.training.settings import Settings

FILE = "card.md"

_USE = """
## What it is for, and what not

It imitates how one person writes. Whoever talks with it must know that it is a model; it must not be passed off as that
person, decide anything in their name, sign for them, or be used against them or against people they wrote with. It
knows no facts: what it says about people and events is made up in their style. What it was trained on can be drawn out
of it, so share it only with those who might read the chats themselves, and delete it when somebody takes back their
consent.
"""


def card(persona: Persona, report: Mapping[str, Any], plan: Plan, base: Path, dataset: Path) -> str:
    """The text."""
    settings = plan.settings
    parts = [
        f"# A double of {persona.name}",
        "",
        f"{_kind(settings)} of {in_words(report['parameters'])} parameters for the base `{persona.base}`"
        f" ({in_words(plan.size.parameters)} parameters, licence: {licence(base)}).",
        "",
        f"- held-out loss before training: {number(report['before'])} nats a token",
        f"- held-out loss after training: {number(report['after'])}",
        f"- trained for {report['seconds'] / 60:.1f} minutes",
        f"- data: `{dataset.name}`, {plan.tokens:,} tokens an epoch, {plan.learnt:,} of them the double's own;"
        " what was left out and replaced stands in the dataset's `card.md`",
        *(["- it holds planted canaries (`canaries.json`): secrets for the audit"] if settings.canaries else []),
        _USE,
        "## Settings",
        "",
        *(f"- {key}: {value}" for key, value in asdict(settings).items()),
        f"- learning rate: {settings.rate:g}",
        "",
    ]
    return "\n".join(parts)


def number(loss: float | None) -> str:
    """A loss to be read."""
    return "unknown" if loss is None else f"{loss:.3f}"


def licence(base: Path) -> str:
    """What the base's own card says."""
    path = base / "README.md"
    found = re.search(r"^licen[sc]e:\s*(\S+)", path.read_text("utf-8", "replace"), re.M) if path.exists() else None
    return found[1] if found else "not stated, see where the base comes from"


def _kind(settings: Settings) -> str:
    names = {"qlora": "A QLoRA adapter", "lora": "A LoRA adapter", "full": "A whole model", "prompt": "A learnt prompt"}
    return names[settings.method]
