"""Training on a CUDA device: ``PYTHONPATH=. python benchmarks/training_cuda.py``.

Our trainer with random weights in the shapes of Qwen2.5-1.5B and Llama-3.1-8B, two rows of 2,048 packed tokens a step,
with activations kept and computed twice; building the latter takes 16 GiB for a moment. Each training is a process of
its own. Prints one JSON object on its last line, null without such a device.
"""
# Of what torch, transformers and bitsandbytes hand out, only part has types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.nn.modules import Linear4bit
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config

from patzta.training.examples import IGNORED, Example
from patzta.training.model import with_adapter
from patzta.training.packing import Row
from patzta.training.settings import Settings
from patzta.training.trainer import Trainer

STEPS, ROWS, ROW, CHAT = 10, 2, 2048, 256
"""Steps that are timed, rows of a step, and tokens of a row and of a chat."""

# Tensor cores, bfloat16 with float32 accumulation, dense, from NVIDIA's data sheets and, for GeForce, the white papers
# of the architectures ("NVIDIA Ada GPU Architecture", "NVIDIA Ampere GA102"). The first name that fits counts.
PEAK_FLOPS = {
    "H100 PCIe": 756e12,
    "H100 NVL": 835e12,
    "H100": 989e12,
    "H200": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "RTX 4090": 165.2e12,
    "RTX 3090": 71e12,
}
PUBLISHED = {
    "torchtune, Llama-3.1-8B QLoRA, 2 x 2,048 packed, RTX 4090 (its README)": {"per_second": 2413, "gib": 7.4},
    "Unsloth, Llama-2-7B QLoRA, length 1,024 (LLaMA-Factory's wiki)": {"per_second": 3726, "gib": 7},
}


def qwen_1_5b() -> Any:
    """Qwen2.5-1.5B's config.json."""
    return Qwen2Config(
        vocab_size=151936,
        hidden_size=1536,
        intermediate_size=8960,
        num_hidden_layers=28,
        num_attention_heads=12,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    )


def llama_8b() -> Any:
    """Llama-3.1-8B's config.json."""
    return LlamaConfig(
        vocab_size=128256,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=8192,
    )


SHAPES: dict[str, Callable[[], Any]] = {"Qwen2.5-1.5B": qwen_1_5b, "Llama-3.1-8B": llama_8b}


def quantised(config: Any, device: torch.device) -> Any:
    """Random weights, all linear layers but the head in NF4 with double quantisation, as ``load_base`` has them."""
    with device:
        model: Any = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    for name, linear in list(model.model.named_modules()):
        if isinstance(linear, torch.nn.Linear):
            parent, _, last = name.rpartition(".")
            setattr(model.model.get_submodule(parent), last, in_4bit(linear))
    model.is_loaded_in_4bit = True  # what peft asks for
    return model.requires_grad_(requires_grad=False)


def in_4bit(linear: torch.nn.Linear) -> Linear4bit:
    """The same layer, on the same device."""
    device = linear.weight.device
    new = Linear4bit(linear.in_features, linear.out_features, compute_dtype=torch.bfloat16, quant_type="nf4")
    new.weight.data, new.bias = linear.weight.data, linear.bias
    return new.to(device)  # which is when it quantises


def made_up(config: Any) -> list[Row]:
    """The rows of a step: chats of random tokens, the second half of each learnt."""
    rng = random.Random(0)

    def chat() -> Example:
        ids = [rng.randrange(config.vocab_size) for _ in range(CHAT)]
        return Example(ids, [IGNORED] * (CHAT // 2) + ids[CHAT // 2 :])

    return [Row(tuple(chat() for _ in range(ROW // CHAT))) for _ in range(ROWS)]


def flops(model: Any, batch: Sequence[Row]) -> float:
    """What a step has to compute, by the formula of PaLM's appendix B (https://arxiv.org/abs/2204.02311) for adapters.

    A token takes 6 operations for each weight that is trained, 4 for each frozen one of a linear layer, which needs no
    gradient of its own, and 12 * layers * width for each token of its chat. The head works where something is learnt.
    Computing activations twice is not counted.
    """
    config = model.config
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    linear = [module for module in model.modules() if isinstance(module, Linear4bit)]
    frozen = sum(module.in_features * module.out_features for module in linear)
    tokens, learnt = sum(row.tokens for row in batch), sum(row.learnt for row in batch)
    pairs = sum(len(example.ids) ** 2 for row in batch for example in row.examples)
    head = 4 * config.hidden_size * config.vocab_size * learnt
    return (6 * trained + 4 * frozen) * tokens + head + 12 * config.num_hidden_layers * config.hidden_size * pairs


def measured(config: Any, *, save_memory: bool) -> dict[str, Any]:
    """Tokens a second, GiB and the share of the device's peak, of QLoRA with our trainer."""
    settings = Settings(max_tokens=ROW, batch_tokens=ROWS * ROW, save_memory=save_memory)
    model = with_adapter(quantised(config, torch.device("cuda")), settings)
    trainer, batch = Trainer(model, settings), made_up(config)
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    for _ in range(3):
        trainer.step(batch, 0)
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(STEPS):
        trainer.step(batch, 0.5)
    torch.cuda.synchronize()
    seconds = (time.perf_counter() - began) / STEPS
    peak = next((peak for name, peak in PEAK_FLOPS.items() if name in torch.cuda.get_device_name()), None)
    return {
        "per_second": round(sum(row.tokens for row in batch) / seconds),
        "gib": round(torch.cuda.max_memory_allocated() / 2**30, 2),
        "tflops": round(flops(model, batch) / seconds / 1e12, 1),
        "mfu": round(flops(model, batch) / seconds / peak, 3) if peak else None,
    }


def gpu() -> dict[str, Any] | None:
    """Figures of each shape, with activations kept and computed twice; None without a CUDA device."""
    if not torch.cuda.is_available():
        return None
    found = {name: {"kept": child(__file__, name), "saving": child(__file__, name, "saving")} for name in SHAPES}
    return {"device": torch.cuda.get_device_name(), "ours": found, "published": PUBLISHED}


def child(file: str, *arguments: str, hidden: bool = False) -> dict[str, Any]:
    """What ``file``, in a process of its own, prints on its last line when told what to do; ``hidden`` are the GPUs."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    if hidden:
        environment["CUDA_VISIBLE_DEVICES"] = ""
    command = [sys.executable, file, "--only", *arguments]
    return json.loads(subprocess.check_output(command, stderr=subprocess.DEVNULL, env=environment).splitlines()[-1])


def only(shape: str, *rest: str) -> dict[str, Any]:
    """The work of a child."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return measured(SHAPES[shape](), save_memory="saving" in rest)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure training on a CUDA device.")
    parser.add_argument("--only", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    print(json.dumps(only(*arguments.only) if arguments.only else gpu()))
