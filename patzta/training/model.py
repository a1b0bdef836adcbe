"""The model that is trained: a base and what of it learns.

QLoRA (Dettmers et al. 2023, https://arxiv.org/abs/2305.14314): NormalFloat4 weights with double quantisation,
computation in bfloat16 on GPUs and in float32 on CPUs; low-rank adapters in float32 on all linear layers.
"""

# transformers, peft and bitsandbytes give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from bitsandbytes.nn.modules import Linear4bit
from peft import LoraConfig, PromptTuningConfig, TaskType, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from patzta.inference.precision import native_dtype
from patzta.inference.prompt import PLAIN_TEMPLATE
from patzta.training.errors import UnusableBase
from patzta.training.settings import Settings

transformers.utils.logging.disable_progress_bar()


def load_config(folder: Path) -> Any:
    """The base's config. Raises UnusableBase, also for an architecture that the library does not know."""
    try:
        return AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).partition("\n")[0]
        raise UnusableBase(f"{folder} is no model of an architecture that is known here: {reason}") from error


def load_tokenizer(folder: Path) -> Any:
    """The base's tokenizer; a base that was not trained to chat gets a plain template.

    Raises UnusableBase if it has none, or one without an end token to close a turn with.
    """
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise UnusableBase(f"{folder} has no usable tokenizer: {error}") from error
    if not tokenizer.chat_template:
        if not tokenizer.eos_token:
            raise UnusableBase(f"{folder} has neither a chat template nor an end token; choose another base")
        tokenizer.chat_template = PLAIN_TEMPLATE
    return tokenizer


def check_fits(tokenizer: Any, config: Any, folder: Path) -> None:
    """Raises UnusableBase if the tokenizer gives numbers that the model has no vectors for."""
    vectors = config.get_text_config().vocab_size
    if len(tokenizer) > vectors:
        raise UnusableBase(
            f"the tokenizer in {folder} has {len(tokenizer)} tokens, the model {vectors}: they are not of one model"
        )


def load_base(folder: Path, *, in_4bit: bool = True, dtype: torch.dtype | None = None) -> Any:
    """The base, on this process's CUDA device where there is one; NF4 unless it is stored quantised or not wanted.

    ``dtype`` is that of what is not in 4 bit, by default what is fastest here. Raises UnusableBase.
    """
    quantised = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        # A CPU multiplies small matrices in float32 about twice as fast as in bfloat16.
        bnb_4bit_compute_dtype=torch.bfloat16 if torch.cuda.is_available() else torch.float32,
    )
    config = load_config(folder)
    stored = getattr(config, "quantization_config", None)
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            quantization_config=quantised if in_4bit and not stored else None,
            dtype=dtype or native_dtype(),
            device_map={"": torch.cuda.current_device()} if torch.cuda.is_available() else None,
        )
    except torch.OutOfMemoryError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise UnusableBase(f"the base in {folder} cannot be loaded: {error}") from error
    keep_gradients(model)
    return model


def trainable(folder: Path, settings: Settings) -> Any:
    """The base with what the method trains."""
    match settings.method:
        case "qlora":
            model = load_base(folder)
        case "full":
            # In bfloat16 the small steps of a whole model would be rounded away.
            model = load_base(folder, in_4bit=False, dtype=torch.float32)
        case _:
            model = load_base(
                folder, in_4bit=False, dtype=torch.bfloat16 if torch.cuda.is_available() else torch.float32
            )
    return with_adapter(model, settings)


def with_adapter(base: Any, settings: Settings) -> Any:
    """A loaded base, ready to be trained."""
    base.config.use_cache = False
    if settings.save_memory:
        base.activation_checkpointing_enable()
        base.enable_input_require_grads()
    match settings.method:
        case "full":
            return base.requires_grad_()
        case "prompt":
            config = PromptTuningConfig(TaskType.CAUSAL_LM, num_virtual_tokens=settings.prompt_tokens)
        case _:
            config = LoraConfig(
                r=settings.rank,
                lora_alpha=settings.alpha,
                lora_dropout=settings.dropout,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            )
    return get_peft_model(base, config)


def keep_gradients(model: torch.nn.Module) -> None:
    """Keep bitsandbytes from repacking weights on CPUs with AVX512-BF16.

    Its first forward outside training repacks them in place for a kernel without gradients: after any evaluation
    nothing would flow through the frozen layers any more, and the adapters would silently follow wrong gradients.
    """
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def save_adapter(model: Any, folder: Path, base: str) -> None:
    """Write the adapter, with ``base`` as the name of what it is for."""
    model.peft_config["default"].base_model_name_or_path = base
    model.save_pretrained(str(folder), selected_adapters=["default"], save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # peft's own card, all of it placeholders


def out_of_memory(error: BaseException) -> bool:
    """Whether that was it: CUDA has an exception of its own, CPUs only a message."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "DefaultCPUAllocator" in str(error)
