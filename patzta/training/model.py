"""The model that is trained: a base in 4 bit, frozen, and low-rank adapters on all its linear layers.

QLoRA (Dettmers et al. 2023, https://arxiv.org/abs/2305.14314): NormalFloat4 weights with double quantisation,
computation in bfloat16 on GPUs and in float32 on CPUs, adapters in float32.
"""

# transformers, peft and bitsandbytes give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from bitsandbytes.nn.modules import Linear4bit
from huggingface_hub import snapshot_download
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from patzta.training.errors import UnusableBase

transformers.utils.logging.disable_progress_bar()

WANTED = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")


def base_folder(base: Path | str) -> Path:
    """The folder of a base given as a path or as a hub name, which is downloaded if it is not cached.

    Raises UnusableBase.
    """
    if Path(base).is_dir():
        return Path(base)
    try:
        return Path(snapshot_download(str(base), allow_patterns=list(WANTED)))
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise UnusableBase(f"{base} is neither a folder nor a model that can be downloaded: {reason}") from error


def load_tokenizer(folder: Path) -> Any:
    """The base's tokenizer. Raises UnusableBase if it has none, or no chat template."""
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError, KeyError) as error:
        raise UnusableBase(f"{folder} has no usable tokenizer: {error}") from error
    if not tokenizer.chat_template:
        raise UnusableBase(f"{folder} has no chat template; choose a base that was trained to chat")
    return tokenizer


def load_base(folder: Path) -> Any:
    """The base in NF4, on the first CUDA device where there is one. Raises UnusableBase."""
    quantised = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        # A CPU multiplies small matrices in float32 about twice as fast as in bfloat16.
        bnb_4bit_compute_dtype=torch.bfloat16 if torch.cuda.is_available() else torch.float32,
    )
    try:
        stored = getattr(AutoConfig.from_pretrained(folder), "quantization_config", None)
        return AutoModelForCausalLM.from_pretrained(
            folder,
            quantization_config=None if stored else quantised,
            dtype=torch.bfloat16,
            device_map={"": 0} if torch.cuda.is_available() else None,
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise UnusableBase(f"the base in {folder} cannot be loaded: {error}") from error


def with_adapter(base: Any, rank: int, alpha: int, dropout: float, save_memory: bool) -> PeftModel:
    """The base with a fresh adapter, ready to be trained.

    ``save_memory`` computes activations twice instead of keeping them: about a third slower.
    """
    base.config.use_cache = False
    if save_memory:
        base.activation_checkpointing_enable()
        base.enable_input_require_grads()
    config = LoraConfig(
        r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    model = get_peft_model(base, config)
    _keep_gradients(model)
    return model


def _keep_gradients(model: torch.nn.Module) -> None:
    """Keep bitsandbytes from repacking weights on CPUs with AVX512-BF16.

    Its first forward outside training repacks them in place for a kernel without gradients: after any evaluation
    nothing would flow through the frozen layers any more, and the adapters would silently follow wrong gradients.
    """
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False
