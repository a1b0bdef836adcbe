"""From sessions to token ids and the mask of what is learnt: the double's turns with their end-of-turn token.

What is masked comes from the chat template's generation markers; where it has none, from the places of the double's
words in the rendered text.
"""

# transformers gives no complete types for tokenizers.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patzta.chat.conversation import Conversation
from patzta.chat.transcript import Transcript, Turn
from patzta.inference.prompt import control_tokens
from patzta.training.errors import UnusableTemplate

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

IGNORED = -100
"""The label of a token that is not learnt, as torch's cross entropy has it."""


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids and, of the same length, the labels: the same id where it is learnt, else IGNORED."""

    ids: list[int]
    labels: list[int]

    def last(self) -> Example:
        """The same with nothing learnt but the last stretch: a reply to what stands before it."""
        end = max((place for place, label in enumerate(self.labels) if label != IGNORED), default=-1)
        start = end
        while start > 0 and self.labels[start - 1] != IGNORED:
            start -= 1
        kept = self.labels[start : end + 1]
        return Example(self.ids, [IGNORED] * start + kept + [IGNORED] * (len(self.ids) - end - 1))


class Examples:
    """Renders the sessions of ``double`` for one tokenizer, in chunks of at most ``max_tokens``."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, double: str, max_tokens: int) -> None:
        self._tokenizer = tokenizer
        self._transcript = Transcript(double, control_tokens(tokenizer))
        self.max_tokens = max_tokens
        self._marked = "{% generation" in str(tokenizer.chat_template).replace("{%-", "{%")

    def exchanges(self, session: Conversation) -> list[Turn]:
        """The turns of a session up to the double's last one: nothing is learnt from what follows."""
        turns = self._transcript.turns(session)
        while turns and turns[-1].role == "user":
            turns.pop()
        return turns

    def chunked(self, turns: Sequence[Turn], rng: random.Random) -> Iterator[Example]:
        """Cut the turns at random before turns of the others, so that short contexts are learnt too.

        Half of the time a session stays whole. Every turn of the double is in exactly one chunk.
        """
        pairs, start = len(turns) // 2, 0
        whole = rng.random() < 0.5
        while start < pairs:
            end = pairs if whole else rng.randint(start + 1, pairs)
            yield from self.fitting(turns[2 * start : 2 * end])
            start = end

    def fitting(self, turns: Sequence[Turn]) -> Iterator[Example]:
        """As few examples as ``max_tokens`` allows; of a single exchange that is too long, the end."""
        example = self.render(turns)
        limit = self.max_tokens
        if len(example.ids) <= limit:
            yield example
        elif len(turns) > 2:
            middle = 2 * (len(turns) // 4)
            yield from self.fitting(turns[:middle])
            yield from self.fitting(turns[middle:])
        else:
            yield Example(example.ids[-limit:], example.labels[-limit:])

    def reply(self, turns: Sequence[Turn]) -> Example:
        """The last turn alone is learnt; the oldest turns go, two at a time, until the rest fits."""
        example = self.render(turns)
        while len(example.ids) > self.max_tokens and len(turns) > 2:
            turns = turns[2:]
            example = self.render(turns)
        return Example(example.ids[-self.max_tokens :], example.labels[-self.max_tokens :]).last()

    def render(self, turns: Sequence[Turn]) -> Example:
        """Raises UnusableTemplate."""
        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        return self._by_markers(messages) if self._marked else self._by_offsets(messages)

    def _by_markers(self, messages: list[dict[str, str]]) -> Example:
        encoded: Any = self._tokenizer.apply_chat_template(
            messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
        )
        return _masked(encoded["input_ids"], encoded["assistant_masks"])

    def _by_offsets(self, messages: list[dict[str, str]]) -> Example:
        text = self._text(messages)
        spans = list(self._spans(messages, text))
        encoded: Any = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        learnt = [any(start < high and low < end for low, high in spans) for start, end in encoded["offset_mapping"]]
        return _masked(encoded["input_ids"], learnt)

    def _spans(self, messages: list[dict[str, str]], text: str) -> Iterator[tuple[int, int]]:
        """Where in ``text`` the double's turns stand, end-of-turn token included.

        What the template puts between the turns is learnt from placeholders, so no message can be taken for it.
        """
        blanks = [message | {"content": f"\ue000{number}\ue001"} for number, message in enumerate(messages)]
        frame = re.split("\ue000\\d+\ue001", self._text(blanks))
        contents = [message["content"] for message in messages]
        if not _fits(frame, contents, text):
            contents = [content.strip() for content in contents]  # some templates trim
        if len(frame) != len(messages) + 1 or not _fits(frame, contents, text):
            raise UnusableTemplate("the chat template changes what people wrote; choose another base model")
        place = 0
        for message, before, content, after in zip(messages, frame, contents, frame[1:], strict=False):
            start = place + len(before)
            place = start + len(content)
            if message["role"] == "assistant":
                yield start, place + self._end_of_turn(after)

    def _end_of_turn(self, after: str) -> int:
        """How much of what follows a turn of the double ends it."""
        ends = [after.find(token) + len(token) for token in self._tokenizer.all_special_tokens if token in after]
        if not ends:
            raise UnusableTemplate("the chat template ends no turn with a control token; choose another base model")
        return min(ends)

    def _text(self, messages: list[dict[str, str]]) -> str:
        return str(self._tokenizer.apply_chat_template(messages, tokenize=False))


def _fits(frame: Sequence[str], contents: Sequence[str], text: str) -> bool:
    return text == frame[0] + "".join(content + after for content, after in zip(contents, frame[1:], strict=False))


def _masked(ids: Sequence[int], learnt: Iterable[int]) -> Example:
    labels = [token if learn else IGNORED for token, learn in zip(ids, learnt, strict=True)]
    return Example(list(ids), labels)
