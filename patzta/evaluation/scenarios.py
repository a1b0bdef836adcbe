"""Short talks that a double must get through without Discord; what is wrong with an answer is named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from patzta.chat.conversation import Conversation, Message
from patzta.chat.placeholders import OPEN
from patzta.chat.transcript import Transcript
from patzta.dataset.languages import language
from patzta.dataset.splits import SPAN
from patzta.evaluation import BrokenScenarios
from patzta.evaluation.replies import messages, whole
from patzta.evaluation.systems import Writer

BUNDLED = Path(__file__).with_name("scenarios.json")
FRIEND = "Bára"
_START = datetime(2025, 1, 1, 18, tzinfo=UTC)
_TEMPLATE = re.compile(r"<\||\|>|</?(?:s|think|bos|eos|pad|unk|start_of_turn|end_of_turn)>|⟪|⟫|\[/?INST\]", re.I)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a friend says, each message answered in turn; ``language`` is a code such as ``cs``, or empty."""

    name: str
    says: tuple[str, ...]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """The answers, and what is wrong with them."""

    scenario: Scenario
    answers: tuple[str, ...]
    faults: tuple[str, ...]


def read_scenarios(path: Path) -> list[Scenario]:
    """A JSON array of objects with ``name``, ``says`` and perhaps ``language``. Raises BrokenScenarios."""
    try:
        found = [_scenario(item) for item in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenScenarios(path, error) from error
    if not found:
        raise BrokenScenarios(path, ValueError("it is empty"))
    return found


def play(writer: Writer, scenario: Scenario, double: str, control: Sequence[str]) -> Played:
    """Let the double answer every message, and judge what it says."""
    said: list[Message] = []
    contents: list[str] = []
    transcript = Transcript(double, control)
    for text in scenario.says:
        said.append(Message(FRIEND, _START + timedelta(seconds=30 * len(said)), text))
        chat = Conversation("scenario", None, (double, FRIEND), tuple(said))
        (content,) = writer.answers([transcript.turns(chat)])
        contents.append(content)
        for line in messages(content):
            said.append(Message(double, _START + timedelta(seconds=30 * len(said)), line))
    return Played(scenario, tuple(map(whole, contents)), tuple(faults(scenario, contents, control)))


def faults(scenario: Scenario, contents: Sequence[str], control: Sequence[str]) -> Iterator[str]:
    """Empty, a piece of a template or a placeholder in it, repeating what was asked, in another language."""
    for asked, content in zip(scenario.says, contents, strict=True):
        answer = whole(content)
        if not answer:
            yield "empty"
        if _TEMPLATE.search(answer) or OPEN in answer or any(token in answer for token in control if len(token) > 1):
            yield "a piece of the template"
        if _copies(answer, asked):
            yield "copies what was asked"
    found = language("\n".join(map(whole, contents)))
    if scenario.language and found and found not in _ALIKE.get(scenario.language, (scenario.language,)):
        yield f"language {found} instead of {scenario.language}"


_ALIKE = {"cs": ("cs", "sk"), "sk": ("sk", "cs"), "no": ("no", "nb", "nn", "da")}
"""Languages that short texts do not tell apart."""


def _copies(answer: str, asked: str) -> bool:
    said, given = _words(asked), _words(answer)
    size = min(SPAN, len(said))
    spans = {tuple(said[start : start + size]) for start in range(len(said) - size + 1)}
    return size > 2 and any(tuple(given[start : start + size]) in spans for start in range(len(given) - size + 1))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _scenario(item: dict[str, Any]) -> Scenario:
    says = tuple(item["says"])
    if not says or not all(isinstance(text, str) and text for text in says):
        raise ValueError("“says” must be a list of texts")
    return Scenario(str(item["name"]), says, str(item.get("language", "")))
