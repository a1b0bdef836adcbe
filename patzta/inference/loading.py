"""A model folder into memory: base and adapter, in 4 bit, 8 bit or as they are."""

# The model libraries are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from patzta.inference import BrokenModel
from patzta.inference.contract import Quantisation
from patzta.inference.folder import base_folder
from patzta.inference.packing import is_worth_it, pack
from patzta.inference.persona import Persona
from patzta.inference.precision import native_dtype


def load(
    path: Path,
    persona: Persona,
    remedy: str = "train it again",
    *,
    quantisation: Quantisation = "nf4",
    foreign: bool = False,
    packed: bool = False,
) -> Any:
    """The base with the adapter on it, or a whole model, ready to be asked. On CUDA where there is one.

    With ``foreign``, a program that the base brings along is run. ``packed``: for many short forwards, see `packing`.

    Raises BrokenModel or MissingBase, the first also if the base is another one than that which was trained on.
    """
    folder = base_folder(persona.base_source(path), foreign=foreign)
    persona.check_base(path, folder, remedy)
    base = load_weights(folder, remedy, quantisation, foreign=foreign)
    if packed and is_worth_it():
        pack(base)
    return base if persona.base == "." else PeftModel.from_pretrained(base, path).eval()


def load_weights(folder: Path, remedy: str, quantisation: Quantisation, *, foreign: bool = False) -> Any:
    """A model without an adapter. Raises BrokenModel."""
    if not any(folder.glob("*.safetensors")):
        raise BrokenModel(folder, "it has no weights as .safetensors, and other files can hold programs", remedy)
    base = AutoModelForCausalLM.from_pretrained(
        folder,
        quantization_config=quantised(quantisation),
        dtype=native_dtype(),
        device_map={"": torch.cuda.current_device()} if torch.cuda.is_available() else None,
        use_safetensors=True,
        trust_remote_code=foreign,
    ).eval()
    # The first forward repacks 4-bit weights on some CPUs: nothing else may run meanwhile.
    with torch.inference_mode():
        base(torch.tensor([[0]], device=base.device))
    return base


def quantised(quantisation: Quantisation) -> BitsAndBytesConfig | None:
    """How bitsandbytes is to do it; None for weights as they are."""
    match quantisation:
        case "nf4":
            return BitsAndBytesConfig(
                load_in_4bit=True,
                bnb_4bit_quant_type="nf4",
                bnb_4bit_use_double_quant=True,
                bnb_4bit_compute_dtype=native_dtype(),
            )
        case "int8":
            return BitsAndBytesConfig(load_in_8bit=True)
        case "none":
            return None
