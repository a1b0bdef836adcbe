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
    marks = _PLAIN_MARKS if tokenizer.chat_template == PLAIN_TEMPLATE else ()
    return [*(token.content for token in tokenizer.added_tokens_decoder.values()), *marks]


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
    """Token ids of the conversation and the opening of the double's turn, at most ``budget`` of them.

    Too long a history loses its older half, again and again: a start that moves in large steps lets a cache of
    earlier prompts be of use. A single message that is too long keeps its end.
    """
    while len(ids := _ids(tokenizer, transcript.turns(conversation))) > budget:
        count = len(conversation.messages)
        if count > 1:
            conversation = conversation.slice(count - count // 2, count)
            continue
        (message,) = conversation.messages
        if len(message.text) < 2:
            return ids[-budget:]
        shorter = replace(message, text=message.text[len(message.text) // 2 :])
        conversation = replace(conversation, messages=(shorter,))
    return ids


def _ids(tokenizer: Any, turns: list[Turn]) -> list[int]:
    messages = [{"role": turn.role, "content": turn.content} for turn in turns]
    if messages and messages[-1]["role"] == "assistant":
        # The double spoke last and is asked to go on.
        messages.append({"role": "user", "content": "[pause 1 h]"})
    encoded = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)
    return list(encoded["input_ids"])
