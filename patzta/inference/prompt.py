"""From a request to the tokens that a model reads, within its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from patzta.chat.conversation import Conversation
from patzta.chat.placeholders import OPEN, without_links
from patzta.chat.transcript import Transcript, Turn

_PLAIN_MARKS = ("⟪system⟫", "⟪user⟫", "⟪assistant⟫")
PLAIN_TEMPLATE = (
    "{{- bos_token if bos_token is defined else '' -}}"
    "{%- for message in messages -%}{{- '⟪' + message['role'] + '⟫\\n' -}}"
    "{%- if message['role'] == 'assistant' -%}"
    "{%- generation -%}{{- message['content'] + eos_token -}}{%- endgeneration -%}"
    "{%- else -%}{{- message['content'] -}}{%- endif -%}{{- '\\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '⟪assistant⟫\\n' -}}{%- endif -%}"
)
"""For bases without a chat template: plain text, no token is added."""


def control_tokens(tokenizer: Any) -> list[str]:
    """Every string that the tokenizer reads as one token whatever stands around it, and the marks of our own template.

    ``all_special_tokens`` is not enough: it leaves out those without a role of their own, such as ``<|im_start|>``.
    """
    added = (token.content for token in tokenizer.added_tokens_decoder.values())
    return [*added, *plain_marks(tokenizer.chat_template)]


def plain_marks(template: str) -> tuple[str, ...]:
    """The marks of our own template, if it is that one."""
    return _PLAIN_MARKS if template == PLAIN_TEMPLATE else ()


def hide_links(conversation: Conversation) -> Conversation:
    """As in the dataset, where addresses of the web are placeholders."""
    messages = (replace(message, text=without_links(message.text)) for message in conversation.messages)
    return replace(conversation, messages=tuple(messages))


def placeholder_ids(tokenizer: Any) -> list[list[int]]:
    """What a model must not write, so that no placeholder begins: the ways in which the opening bracket is written.

    Whatever slips through is taken out of the text (``Swallow``).
    """
    ways: list[list[int]] = [
        tokenizer.encode(before + OPEN, add_special_tokens=False) for before in ("", " ", "a", "(")
    ]
    return [list(way) for way in sorted({_shortest(tokenizer, way) for way in ways})]


def never_written(tokenizer: Any, ends: Sequence[int]) -> list[list[int]]:
    """Token sequences that a double does not write: placeholders, and control tokens other than what ends a turn."""
    control = [[number] for number in tokenizer.added_tokens_decoder if number not in ends]
    return [*placeholder_ids(tokenizer), *control]


def _shortest(tokenizer: Any, ids: list[int]) -> tuple[int, ...]:
    """As few of the last tokens as make up the bracket; fewer are part of other characters, too."""
    ends = (ids[-count:] for count in range(1, len(ids)))
    return tuple(next((end for end in ends if OPEN in tokenizer.decode(end)), ids))


def prompt_ids(tokenizer: Any, transcript: Transcript, conversation: Conversation, budget: int) -> list[int]:
    """Token ids of the conversation and the opening of the double's turn, at most ``budget`` of them."""
    while len(ids := _ids(tokenizer, transcript.turns(conversation))) > budget:
        if (shorter := halved(conversation)) is None:
            return ids[-budget:]
        conversation = shorter
    return ids


def prompt_messages(transcript: Transcript, conversation: Conversation, budget: int) -> list[dict[str, str]]:
    """The same as messages of at most ``budget`` characters, for a server that has the tokenizer."""
    messages = _messages(transcript.turns(conversation))
    while sum(len(message["content"]) for message in messages) > budget:
        if (shorter := halved(conversation)) is None:
            break
        conversation = shorter
        messages = _messages(transcript.turns(conversation))
    return messages


def halved(conversation: Conversation) -> Conversation | None:
    """Without its older half; of a single message, the end. None when nothing can go.

    A start that moves in large steps lets a cache of earlier prompts be of use.
    """
    count = len(conversation.messages)
    if count > 1:
        return conversation.slice(count - count // 2, count)
    (message,) = conversation.messages
    if len(message.text) < 2:
        return None
    return replace(conversation, messages=(replace(message, text=message.text[len(message.text) // 2 :]),))


def _ids(tokenizer: Any, turns: list[Turn]) -> list[int]:
    encoded = tokenizer.apply_chat_template(_messages(turns), add_generation_prompt=True, return_dict=True)
    return list(encoded["input_ids"])


def _messages(turns: list[Turn]) -> list[dict[str, str]]:
    messages = [{"role": str(turn.role), "content": turn.content} for turn in turns]
    if messages and messages[-1]["role"] == "assistant":
        # The double spoke last and is asked to go on.
        messages.append({"role": "user", "content": "[pause 1 h]"})
    return messages
