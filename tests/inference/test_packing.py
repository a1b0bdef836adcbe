"""Packed layers give what plain ones give, also under adapters."""

import copy

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from patzta.inference.packing import PackedLinear, pack

SHAPE = {
    "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
    "tie_word_embeddings": True,
}  # fmt: skip
IDS = torch.arange(20).reshape(2, 10)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(**SHAPE)).eval()


def packed(model):
    other = copy.deepcopy(model)
    pack(other)
    return other


def same(one, other) -> None:
    with torch.inference_mode():
        torch.testing.assert_close(one(IDS).logits, other(IDS).logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 48), (8, 48), (2, 300, 48)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer(shape, bias) -> None:
    plain = torch.nn.Linear(48, 80, bias=bias)
    given = torch.randn(shape)
    with torch.inference_mode():
        layer = PackedLinear(plain)
        torch.testing.assert_close(layer(given), plain(given), rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(layer.weight, plain.weight)
        torch.testing.assert_close(layer(given[..., :1, :]), plain(given[..., :1, :]), rtol=1e-4, atol=1e-4)


def test_a_model(model) -> None:
    other = packed(model)
    assert isinstance(other.lm_head, PackedLinear)
    assert all(isinstance(one, PackedLinear) for one in other.modules() if isinstance(one, torch.nn.Linear))
    same(model, other)


@pytest.mark.parametrize("kind", [{}, {"use_dora": True}, {"target_modules": ["down_proj", "lm_head"]}])
def test_an_adapter_over_it(model, tmp_path, kind) -> None:
    adapted = get_peft_model(copy.deepcopy(model), LoraConfig(init_lora_weights=False, **kind))
    adapted.save_pretrained(tmp_path / "adapter")
    over_plain, over_packed = (
        PeftModel.from_pretrained(base, tmp_path / "adapter").eval() for base in (model, packed(model))
    )
    same(over_plain, over_packed)
    assert any(isinstance(one, PackedLinear) for one in over_packed.modules())
    over_packed.load_adapter(tmp_path / "adapter", adapter_name="anew")
    over_packed.set_adapter("anew", inference_mode=True)
    over_packed.delete_adapter("default")
    same(over_plain, over_packed)
