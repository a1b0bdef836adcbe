"""The generate service, measured: ``.venv/bin/python -m benchmarks.serving [--new N] [--threads N]``.

A model of 80 million random weights, as it is and in 4 bit, in one run: eight chats together beside the same requests
one after the other by ``generate`` and beside the library's own continuous batching; a follow-up beside reading all of
it again; how long the others wait while a long prompt is read; and the bot's event loop while a worker answers eight.
Prints the figures as one JSON object on its last line.
"""

# The model libraries are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig, LlamaConfig, LlamaForCausalLM

from patzta.commandline import quiet
from patzta.inference.batching import Batcher
from patzta.inference.chats import Chat
from patzta.inference.client import WorkerClient
from patzta.inference.contract import Quantisation, Request
from patzta.inference.forward import Forward
from patzta.inference.heap import keep_freed_memory
from patzta.inference.loading import load_weights
from patzta.inference.packing import is_worth_it, pack
from patzta.inference.passing import in_passing
from patzta.inference.precision import native_dtype
from patzta.inference.sampling import Bans
from patzta.inference.slots import Slots
from patzta.training.demo.prepare import prepare

RANDOM = random.Random(0)
VOCABULARY, LONG = 16384, 1200
TEMPERATURE, TOP_P = 0.8, 0.95
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 768,
    "intermediate_size": 2048,
    "num_hidden_layers": 10,
    "num_attention_heads": 12,
    "num_key_value_heads": 4,
}


def make_model(folder: Path, **shape: int) -> Path:
    """Random weights in this shape (keys of the library's config), or about 80 million."""
    torch.manual_seed(0)
    usual = {"max_position_embeddings": 4096, "tie_word_embeddings": True, "bos_token_id": None, "eos_token_id": None}
    settings: dict[str, Any] = usual | (shape or SHAPE)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model: Any = LlamaForCausalLM(LlamaConfig(**settings))
    model.to(native_dtype()).save_pretrained(folder)
    return folder


def prompt(count: int) -> list[int]:
    """Random tokens."""
    return [RANDOM.randrange(5, VOCABULARY) for _ in range(count)]


class Timed:
    """A chat, and when its tokens came."""

    def __init__(self, batcher: Batcher, ids: Sequence[int], new: int) -> None:
        self.began, self.times, self._over = time.perf_counter(), list[float](), threading.Event()
        self.ids: list[int] = list(ids)
        chat = Chat(list(ids), new, self._said, lambda _: self._over.set(), "", TEMPERATURE, TOP_P)
        batcher.submit(chat)

    def _said(self, ids: list[int]) -> None:
        self.times.append(time.perf_counter())
        self.ids += ids

    def wait(self) -> Timed:
        """Until it is done."""
        self._over.wait()
        return self

    @property
    def first(self) -> float:
        """Seconds to the first token."""
        return self.times[0] - self.began


@contextlib.contextmanager
def serving(model: Any, rows: int = 16, together: int = 8) -> Any:
    """A batcher that never ends an answer early."""
    slots = Slots(model.config.num_hidden_layers, rows, 2048, model.device)
    batcher = Batcher(Forward(model, slots), slots, [], Bans([], [], model.device), together, 256)
    batcher.start()
    for _ in range(2):
        Timed(batcher, prompt(64), 4).wait()
    try:
        yield batcher
    finally:
        batcher.close()


def together(model: Any, prompts: Sequence[list[int]], new: int) -> float:
    """Seconds for all of them."""
    with serving(model) as batcher:
        began = time.perf_counter()
        for one in [Timed(batcher, ids, new) for ids in prompts]:
            one.wait()
        return time.perf_counter() - began


def one_by_one(model: Any, prompts: Sequence[list[int]], new: int) -> float:
    """Seconds for all of them by ``generate``."""
    began = time.perf_counter()
    for ids in prompts:
        read = torch.tensor([ids], device=model.device)
        given = {"input_ids": read, "attention_mask": torch.ones_like(read), "do_sample": True, "top_k": 0}
        with torch.inference_mode():
            model.generate(**given, temperature=TEMPERATURE, top_p=TOP_P, max_new_tokens=new, pad_token_id=0)
    return time.perf_counter() - began


def by_the_library(model: Any, prompts: Sequence[list[int]], new: int, **options: Any) -> float:
    """Seconds for all of them by transformers' continuous batching; ``options`` are its config's."""
    usual: dict[str, Any] = {
        "page_size": 32, "num_blocks": 256, "max_batch_tokens": 512, "max_requests_per_batch": 16
    }  # fmt: skip
    settings = usual | options
    manager = model.init_continuous_batching(
        generation_config=GenerationConfig(
            max_new_tokens=new, do_sample=True, temperature=TEMPERATURE, top_p=TOP_P, eos_token_id=-1, pad_token_id=0
        ),
        continuous_batching_config=ContinuousBatchingConfig(**settings),
    )
    manager.start()
    try:
        began = time.perf_counter()
        for number, ids in enumerate(prompts):
            manager.add_request(ids, request_id=str(number), max_new_tokens=new)
        done = 0
        while done < len(prompts):
            result = manager.get_result(timeout=60)
            done += result is not None and result.is_finished()
        return time.perf_counter() - began
    finally:
        manager.stop(block=True, timeout=5)


def concurrency(model: Any, plain: Any, new: int) -> dict[str, float]:
    """Eight chats of 100 tokens, the three ways in turns; the better of two rounds each. ``plain`` is not packed."""
    prompts = [prompt(100) for _ in range(8)]
    ways = ((together, model), (one_by_one, plain), (by_the_library, plain))
    rounds = [[in_passing(way, by, prompts, new).result() for way, by in ways] for _ in range(2)]
    ours, alone, library = (min(each) for each in zip(*rounds, strict=True))
    return {
        "together_tokens_per_s": round(8 * new / ours, 1),
        "concurrent_ratio": round(alone / ours, 2),
        "library_ratio": round(alone / library, 2),
    }


def bound(model: Any, plain: Any, rows: int = 8) -> dict[str, float]:
    """How many times faster ``rows`` chats together can be at most: by what the linear layers alone take."""

    def seconds(model: Any, count: int) -> float:
        linear = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
        with torch.inference_mode():
            given = [torch.randn(count, module.in_features, dtype=native_dtype()) for module in linear]
            began = time.perf_counter()
            for module, one in zip(linear, given, strict=True):
                module(one)
            return time.perf_counter() - began

    each = ((plain, 1), (plain, rows), (model, rows))
    alone, together, packed = (min(in_passing(seconds, by, count).result() for _ in range(10)) for by, count in each)
    return {
        "linear_layers_ratio": round(rows * alone / packed, 2),
        "linear_layers_ratio_not_packed": round(rows * alone / together, 2),
    }


def follow_up(model: Any) -> dict[str, float]:
    """The first token of a follow-up of 25 tokens in a chat of 1,000, beside reading all of it; medians of five."""
    kept, anew = list[float](), list[float]()
    with serving(model) as batcher:
        for _ in range(5):
            talk = Timed(batcher, prompt(1000), 2).wait().ids
            kept.append(Timed(batcher, [*talk, *prompt(25)], 2).wait().first)
            anew.append(Timed(batcher, prompt(len(talk) + 25), 2).wait().first)
    return {
        "followup_first_token_ms": round(1000 * statistics.median(kept), 1),
        "followup_first_token_ratio": round(statistics.median(anew) / statistics.median(kept), 1),
    }


def under_load(model: Any) -> dict[str, float]:
    """Four chats write; first tokens of others that come, and the longest gap while a long prompt is read."""
    with serving(model) as batcher:
        writing = [Timed(batcher, prompt(100), 400) for _ in range(4)]
        while any(len(one.times) < 10 for one in writing):
            time.sleep(0.01)
        firsts = [Timed(batcher, prompt(40), 2).wait().first for _ in range(20)]
        mark = time.perf_counter()
        Timed(batcher, prompt(LONG), 2).wait()
        over = time.perf_counter()
        gaps = [
            second - first for one in writing for first, second in itertools.pairwise(one.times) if mark < second < over
        ]
        for one in writing:
            one.wait()
    firsts.sort()
    return {
        "first_token_ms_p50": round(1000 * statistics.median(firsts), 1),
        "first_token_ms_p99": round(1000 * firsts[-1], 1),
        "longest_gap_ms": round(1000 * max(gaps, default=0.0), 1),
    }


async def with_a_worker() -> dict[str, float]:
    """The demo double in a worker: starting, finding it again, and the loop of the process that asks eight things."""
    with tempfile.TemporaryDirectory() as folder:
        model = await asyncio.to_thread(prepare, Path(folder) / "data")
        first, client = (WorkerClient(model, Path(folder) / "worker", 1) for _ in range(2))
        times = [await _ready(first)]
        await first.detach()
        times.append(await _ready(client))
        from patzta.chat.conversation import Conversation, Message

        chat = Conversation("benchmark", None, ("Robin", "me"), (Message("Robin", None, "ahoj, co dnes?"),))

        async def ask(number: int) -> None:
            for _ in range(10):
                async for _ in client.stream(Request(chat, "me", 5.0, 1.0, 100, str(number))):
                    pass

        lags = [await _lag(asyncio.sleep(5)), await _lag(asyncio.gather(*(ask(number) for number in range(8))))]
        await client.close()
    return {
        "worker_start_s": round(times[0], 2),
        "worker_found_again_s": round(times[1], 3),
        "loop_lag_idle_ms_p99": round(lags[0], 2),
        "loop_lag_ms_p99": round(lags[1], 2),
    }


async def _ready(client: WorkerClient) -> float:
    """Seconds until its model is loaded."""
    began = time.perf_counter()
    await client.ready()
    return time.perf_counter() - began


async def _lag(work: Any) -> float:
    """p99 of how late the loop is, in milliseconds, while ``work`` is done."""
    late: list[float] = []
    task = asyncio.ensure_future(work)
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        late.append(1000 * (time.perf_counter() - began - 0.005))
    await task
    return sorted(late)[int(0.99 * len(late))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--new", type=int, default=128, help="tokens of an answer (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="default: %(default)s")
    arguments = parser.parse_args()
    quiet()
    figures: dict[str, Any] = {"threads": arguments.threads, "dtype": str(native_dtype())}
    kinds: list[tuple[Quantisation, str]] = [("none", ""), ("nf4", "_4bit")]
    with tempfile.TemporaryDirectory() as folder:
        keep_freed_memory()
        in_passing(torch.set_num_threads, arguments.threads).result()
        path = in_passing(make_model, Path(folder) / "model").result()
        for kind, suffix in kinds:
            model, plain = (in_passing(load_weights, path, "", kind).result() for _ in range(2))
            if is_worth_it():
                in_passing(pack, model).result()
            found = concurrency(model, plain, arguments.new) | bound(model, plain)
            del plain
            found |= follow_up(model) | under_load(model)
            figures |= {f"{name}{suffix}": value for name, value in found.items()}
            print(kind, found, flush=True)
    figures |= asyncio.run(with_a_worker())
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
