"""Many architectures, each with chats of unlike length in one forward: the words of the library's own generation."""

from pathlib import Path

import pytest
import torch
import transformers
from transformers import AutoModelForCausalLM

from patzta.inference import UnknownArchitecture
from patzta.inference.admission import admit, room
from patzta.inference.contract import Serving
from patzta.inference.forward import Forward
from patzta.inference.slots import Slots
from tests.inference.test_batching import PROMPTS, Served, alone

SIZES = {
    "vocab_size": 320, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 512,
}  # fmt: skip
SHORT = {"sliding_window": 16}
KINDS = {"layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}
EXPERTS = {"num_local_experts": 4, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 64}
MODELS = {
    "Llama": {},
    "Mistral": SHORT,
    "Qwen2": SHORT | KINDS | {"use_sliding_window": True},
    "Qwen3": {},
    "Qwen2Moe": SHORT | KINDS | EXPERTS | {"use_sliding_window": True},
    "Qwen3Moe": EXPERTS,
    "Phimoe": SHORT | EXPERTS,
    "Gemma2": SHORT | KINDS | {"query_pre_attn_scalar": 16},
    "Gemma3Text": SHORT | KINDS,
    "Gemma4Text": SHORT | KINDS | {"num_kv_shared_layers": 1, "global_head_dim": 16, "vocab_size_per_layer_input": 320},
    "Phi3": SHORT | {"pad_token_id": 0},
    "GptOss": SHORT | KINDS | EXPERTS,
    "GPT2": {"n_embd": 64, "n_layer": 3, "n_head": 4},
    "GPTNeoX": {},
    "SmolLM3": {},
    "Granite": {},
    "Cohere2": SHORT | KINDS,
    "Olmo3": SHORT | KINDS,
    "Afmoe": SHORT | KINDS,
}
OTHERS = {
    "Bloom": {},
    "Mamba": {},
    "Qwen3Next": {"layer_types": ["linear_attention", "full_attention", "linear_attention"]},
}


def made(kind: str, more: dict):
    torch.manual_seed(0)
    ids = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
    config = getattr(transformers, f"{kind}Config")(**(SIZES | ids | more))
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()


@pytest.mark.parametrize("kind", MODELS)
def test_chats_of_unlike_length_say_what_each_says_alone(kind: str) -> None:
    model = made(kind, MODELS[kind])
    wanted = [alone(model, ids, 20) for ids in PROMPTS]
    served = Served(model)
    served.batcher._piece, served.batcher._pace = 8, lambda *_: None
    answers = [served.ask(ids, 20) for ids in PROMPTS]
    with served:
        assert [answer.wait() for answer in answers] == wanted
    mixed = [counts for counts in served.read if counts.count(1) > 1 and max(counts) > 1]
    assert mixed, "several are written for while a piece is read"


@pytest.mark.parametrize("kind", OTHERS)
def test_what_keeps_other_things_than_keys_and_values_is_refused(kind: str, tmp_path: Path) -> None:
    made(kind, OTHERS[kind]).config.save_pretrained(tmp_path)
    with pytest.raises(UnknownArchitecture, match="engine = openai"):
        admit(tmp_path, Serving())


@pytest.mark.parametrize("kind", ["Nemotron", "Doge"])
def test_what_does_not_pass_on_what_its_attention_needs_or_masks_itself_is_refused(kind: str) -> None:
    with pytest.raises(UnknownArchitecture, match=f"{kind}ForCausalLM cannot"):
        Forward(made(kind, {}), Slots(3, 4, 64))


def test_a_chat_is_no_longer_than_positions_are_the_same_for_all() -> None:
    short, long = [1.0] * 8, [2.0] * 8
    rope = {"rope_type": "longrope", "rope_theta": 10000.0, "short_factor": short, "long_factor": long}
    config = transformers.Phi3Config(
        **SIZES | {"pad_token_id": 0, "max_position_embeddings": 4096, "original_max_position_embeddings": 1024},
        rope_parameters=rope | {"original_max_position_embeddings": 1024},
    )
    assert room(config, Serving())[0] == 1024
