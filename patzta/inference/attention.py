"""Attention for chats of unlike length in one forward: their tokens pass all other layers as one long row.

The library lets a model's attention be exchanged by name, for all architectures that are written for it. What stands
here gives each group of rows its own keys, and leaves the computing to the library.
"""

# torch and transformers give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from patzta.inference import UnknownArchitecture
from patzta.inference.slots import Slots

FUSED, WRITTEN_OUT = "slots", "slots-eager"
"""Names by which the library finds attention by torch's own product, and by the model's own steps."""
KINDS = {"full_attention", "sliding_attention"}
"""Of layers: the others keep a state of the whole row, or see pieces that their attention is not told of."""


def exchange(model: Any) -> None:
    """Have the model attend into slots; from then on it is to be called with ``slots=``."""
    model.set_attn_implementation(FUSED if model._supports_sdpa else WRITTEN_OUT)  # noqa: SLF001


def refuse_others(model: Any) -> None:
    """Raises UnknownArchitecture where `exchange` would not do; the model may be without weights."""
    kinds = set(getattr(model.config.get_text_config(), "layer_types", None) or ())
    if not model._supports_attention_backend or not kinds <= KINDS:  # noqa: SLF001
        raise unservable(model)


def unservable(model: Any) -> UnknownArchitecture:
    """What is said of it."""
    return UnknownArchitecture(
        f"{type(model).__name__} cannot answer several chats at once here: it keeps more than keys and values, or "
        "its attention cannot be exchanged. Take a base such as Llama, Qwen, Gemma or Mistral, or serve this one "
        "elsewhere and set engine = openai under [model]."
    )


def _written_out(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    seen: torch.Tensor,
    **more: Any,
) -> Any:
    """By the model's own steps, for those that have more of them (caps, sinks); their masks are added."""
    own = sys.modules[type(module).__module__].eager_attention_forward
    mask = torch.zeros(seen.shape, dtype=query.dtype, device=query.device)
    return own(module, query, key, value, mask.masked_fill(~seen, torch.finfo(query.dtype).min), **more)


def _by_parts(
    attend: Callable[..., Any],
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: None = None,
    *,
    slots: Slots,
    **more: Any,
) -> tuple[torch.Tensor, None]:
    """Query [1, heads, tokens, width], keys and values as ``slots`` gives them; out comes [1, tokens, heads, width].

    Raises TypeError for a layer that has a mask of its own: the library makes none for this attention.
    """
    if attention_mask is not None:
        raise TypeError(f"{type(module).__name__} has a mask of its own")
    window = more.pop("sliding_window", _window(module))
    found: list[torch.Tensor] = []
    for part, tokens in slots.parts():
        asked = query[0, :, tokens].unflatten(1, (part.count, -1)).transpose(0, 1)
        keys, values = (held[part.rows, :, : part.end] for held in (key, value))
        out, _ = attend(module, asked, keys, values, slots.seen(part, window), **more)
        found.append(out.flatten(0, 1))
    return torch.cat(found)[None], None


def _window(module: Any) -> int | None:
    """Of a layer that leaves it to its mask."""
    config = getattr(module, "config", None)
    of_all = None if getattr(config, "layer_types", None) else getattr(config, "sliding_window", None)
    return getattr(module, "sliding_window", of_all)


AttentionInterface.register(FUSED, partial(_by_parts, sdpa_attention_forward))
AttentionInterface.register(WRITTEN_OUT, partial(_by_parts, _written_out))
