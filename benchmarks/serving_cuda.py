"""The generate service on a CUDA device: ``.venv/bin/python -m benchmarks.serving_cuda [--tiny]``.

Random weights in the shapes of Qwen2.5-1.5B and Llama-3.1-8B, in bfloat16 and in 4 bit, for 1 to 64 chats at a time:
our batcher beside ``generate`` with one batch, the library's continuous batching without and with CUDA graphs, and the
floor that the memory sets: weights and the chats' keys and values, read once a step. The bandwidth is measured.
``--tiny`` runs the same with small shapes on any device, to see that it runs. Prints JSON on its last line.
"""

# The model libraries are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.serving import TEMPERATURE, TOP_P, Timed, by_the_library, make_model, prompt, serving
from patzta.commandline import quiet
from patzta.inference.admission import bytes_a_token
from patzta.inference.contract import Quantisation
from patzta.inference.loading import load_weights
from patzta.inference.precision import native_dtype

SHAPES = {
    "1.5B": {
        "vocab_size": 151_936,
        "hidden_size": 1536,
        "intermediate_size": 8960,
        "num_hidden_layers": 28,
        "num_attention_heads": 12,
        "num_key_value_heads": 2,
    },
    "8B": {
        "vocab_size": 128_256,
        "hidden_size": 4096,
        "intermediate_size": 14_336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
}
TINY = {
    "tiny": {
        "vocab_size": 16_384,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
    }
}
BATCHES = (1, 4, 8, 16, 32, 64)
PROMPT, NEW = 256, 128
"""Tokens of each chat."""
KINDS: tuple[Quantisation, ...] = ("none", "nf4")


def bandwidth() -> float:
    """Bytes a second that the device's memory reads and writes in a long copy."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    source = torch.zeros(2**28, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * len(source) / min(timed(lambda: target.copy_(source)) for _ in range(20))


def timed(work: Callable[[], object]) -> float:
    """Seconds until the device is done with it."""
    _wait()
    began = time.perf_counter()
    work()
    _wait()
    return time.perf_counter() - began


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def floor(model: Any, batch: int, speed: float) -> float:
    """Tokens a second if reading the memory were all there is to a step (the embeddings' table is hardly read)."""
    weights = sum(one.numel() * one.element_size() for one in model.parameters())
    table = model.get_input_embeddings().weight
    weights -= table.numel() * table.element_size()
    chats = batch * (PROMPT + NEW / 2) * bytes_a_token(model.config)
    return batch * speed / (weights + chats)


def ours(model: Any, prompts: list[list[int]], new: int) -> float:
    """Tokens a second while all of them are written for, by our batcher."""
    with serving(model, len(prompts), len(prompts)) as batcher:
        chats = [Timed(batcher, ids, new) for ids in prompts]
        for one in chats:
            one.wait()
    begin, end = max(one.times[0] for one in chats), min(one.times[-1] for one in chats)
    written = sum(sum(begin < at <= end for at in one.times) for one in chats)
    return written / (end - begin)


def generated(model: Any, prompts: list[list[int]], new: int) -> float:
    """Tokens a second by ``generate`` with one batch; reading the prompts is taken off."""
    read = torch.tensor(prompts, device=model.device)
    given = {"input_ids": read, "attention_mask": torch.ones_like(read), "do_sample": True, "top_k": 0}

    def run(count: int) -> float:
        with torch.inference_mode():
            return timed(
                lambda: model.generate(
                    **given, temperature=TEMPERATURE, top_p=TOP_P, max_new_tokens=count, pad_token_id=0
                )
            )

    run(2)
    return len(prompts) * (new - 1) / (run(new) - run(1))


def library(model: Any, prompts: list[list[int]], new: int, *, graphs: bool) -> float:
    """Tokens a second by transformers' continuous batching; reading the prompts is within."""
    options = {"num_blocks": 1024, "max_batch_tokens": 2048, "max_requests_per_batch": 64, "use_cuda_graph": graphs}
    return len(prompts) * new / by_the_library(model, prompts, new, **options)


def measure(model: Any, batch: int, speed: float) -> dict[str, float]:
    """The figures of one batch."""
    prompts, least = [prompt(PROMPT) for _ in range(batch)], floor(model, batch, speed)
    found = ours(model, prompts, NEW)
    return {
        "ours": round(found, 1),
        "of_floor": round(found / least, 3),
        "generate": round(generated(model, prompts, NEW), 1),
        "library": round(library(model, prompts, NEW, graphs=False), 1),
        "library_graphs": round(library(model, prompts, NEW, graphs=torch.cuda.is_available()), 1),
    }


def crossing(figures: dict[str, dict[int, dict[str, float]]]) -> int | None:
    """The smallest batch at which the weights as they are beat 4 bit."""
    plain, packed = figures["none"], figures["nf4"]
    return next((batch for batch in plain if plain[batch]["ours"] > packed[batch]["ours"]), None)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="small shapes, on any device")
    arguments = parser.parse_args()
    quiet()
    if not torch.cuda.is_available() and not arguments.tiny:
        parser.error("there is no CUDA device; --tiny runs without one")
    batches = BATCHES[:2] if arguments.tiny else BATCHES
    speed = bandwidth()
    found: dict[str, Any] = {"bandwidth_gb_s": round(speed / 1e9, 1), "dtype": str(native_dtype())}
    for name, shape in (TINY if arguments.tiny else SHAPES).items():
        figures: dict[str, dict[int, dict[str, float]]] = {}
        with tempfile.TemporaryDirectory() as folder:
            path = make_model(Path(folder) / "model", tie_word_embeddings=False, **shape)
            for kind in KINDS:
                model = load_weights(path, "", kind)
                figures[kind] = {batch: measure(model, batch, speed) for batch in batches}
                print(name, kind, figures[kind], flush=True)
                del model
                gc.collect()
        found[name] = {**figures, "bf16_beats_4bit_from": crossing(figures)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
