"""Whether a model fits here, said before anything is loaded, and which setting would make it fit."""

# The model libraries are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from patzta.inference import BrokenModel, TooLarge
from patzta.inference.attention import refuse_others
from patzta.inference.contract import Serving
from patzta.inference.memory import GIB, LIBRARIES, NF4, Size, free_memory, outline, size_of
from patzta.inference.packing import is_worth_it
from patzta.inference.precision import native_dtype

_WIDTHS = {"nf4": NF4, "int8": 1.0}


def admit(folder: Path, serving: Serving) -> None:
    """Raises BrokenModel for what is no model folder, or one with programs in it; TooLarge with what would fit.

    And UnknownArchitecture for what cannot be served here.
    """
    config = read_config(folder, foreign=serving.remote_code)
    model = outline(config, foreign=serving.remote_code)
    refuse_others(model)
    size, free = size_of(model), free_memory()
    if needed(size, config, serving) <= free:
        return
    smaller = next((said for said, one in _smaller(serving) if needed(size, config, one) <= free), None)
    what = f"Set {smaller} in the config, or take a smaller base." if smaller else "Take a smaller base."
    wants = needed(size, config, serving) / GIB
    raise TooLarge(f"{folder} takes about {wants:.1f} GiB of memory, {free / GIB:.1f} are free. {what}")


def read_config(folder: Path, *, foreign: bool = False) -> Any:
    """Raises BrokenModel, also for a model that brings a program of its own unless ``foreign`` ones are allowed."""
    remedy = "choose another model, or copy it anew"
    try:
        if not foreign and "auto_map" in json.loads((folder / "config.json").read_text("utf-8")):
            allow = "choose another, or allow it with remote_code = yes under [model] if you trust who made it"
            raise BrokenModel(folder, "this model brings a program of its own", allow)
        return AutoConfig.from_pretrained(folder, trust_remote_code=foreign)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).partition("\n")[0]
        raise BrokenModel(folder, f"it has no usable config ({reason})", remedy) from error


def needed(size: Size, config: Any, serving: Serving) -> float:
    """Bytes: weights, chats in hand and kept, libraries."""
    width = native_dtype().itemsize
    context, rows = room(config, serving)
    weights = _WIDTHS.get(serving.quantisation, width) * size.linear + width * size.rest
    if is_worth_it() and config.get_text_config().tie_word_embeddings:
        weights += width * size.vocabulary * size.hidden  # the packed head, beside the embedding that it shares with
    return weights + rows * context * bytes_a_token(config) + LIBRARIES


def room(config: Any, serving: Serving) -> tuple[int, int]:
    """Tokens that a chat may have, and how many chats are held: those in hand, and as many that may go on."""
    text = config.get_text_config()
    longest = getattr(text, "max_position_embeddings", serving.context)
    rope = getattr(text, "rope_parameters", None) or {}
    if rope.get("rope_type") == "longrope":  # beyond that, one long chat would turn the positions of all
        longest = rope.get("original_max_position_embeddings") or longest
    return min(serving.context, longest), 2 * serving.together


def bytes_a_token(config: Any) -> int:
    """Of keys and values in all layers."""
    text = config.get_text_config()
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    width = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return 2 * text.num_hidden_layers * heads * width * native_dtype().itemsize


def _smaller(serving: Serving) -> Iterator[tuple[str, Serving]]:
    """Each with those before it."""
    said: list[str] = []
    for name, value in (("quantisation", "nf4"), ("context", 2048), ("together", 4), ("together", 1)):
        now = getattr(serving, name)
        if now > value if isinstance(value, int) else now != value:
            said = [one for one in said if not one.startswith(name)] + [f"{name} = {value}"]
            serving = replace(serving, **{name: value})
            yield " and ".join(said), serving
