import json
import struct
from math import prod

import pytest

from patzta.training.demo.make_base import BASE, SPECIAL, learning_rate, row


def header():
    with (BASE / "model.safetensors").open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length))


@pytest.fixture(scope="module")
def tokenizer():
    transformers = pytest.importorskip("transformers")
    return transformers.AutoTokenizer.from_pretrained(BASE)


def test_size():
    assert 4_000_000 <= (BASE / "model.safetensors").stat().st_size <= 8_000_000


def test_every_linear_can_be_packed_on_cpus():
    shapes = {name: each["shape"] for name, each in header().items() if name.endswith("proj.weight")}
    assert len(shapes) >= 14
    for out_features, in_features in shapes.values():
        assert (in_features % 64, out_features % 32) == (0, 0)


def test_the_weights_are_bf16_and_there_are_enough_of_them():
    tensors = [each for name, each in header().items() if name != "__metadata__"]
    assert {each["dtype"] for each in tensors} == {"BF16"}
    assert 2_000_000 < sum(prod(each["shape"]) for each in tensors) < 4_000_000


def test_the_context_is_long_enough():
    assert json.loads((BASE / "config.json").read_text())["max_position_embeddings"] >= 1024


@pytest.mark.parametrize(
    "text", ["Příliš žluťoučký kůň úpěl ďábelské ódy", "jj v pohode 🪨🎸😅❤", "日本 \\ [photo]\n x"]
)
def test_the_tokenizer_gives_back_what_it_was_given(tokenizer, text):
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_czech_does_not_fall_apart_into_bytes(tokenizer):
    text = "Ahoj, jak se dneska máš? Co budeš dělat o víkendu?"
    assert len(tokenizer(text)["input_ids"]) < len(text.split()) * 2.2


def test_what_counts_in_the_loss(tokenizer):
    chat = [{"role": "user", "content": "Eva: ahoj"}, {"role": "assistant", "content": "Ahoj!\nJak je?"}]
    ids, weights = row(tokenizer, chat)
    learnt = [token for token, weight in zip(ids, weights, strict=True) if weight == 1]
    assert tokenizer.decode(learnt) == "Ahoj!\nJak je?" + SPECIAL[3]


def test_the_learning_rate_goes_up_and_comes_down():
    assert learning_rate(0.0, 0) < learning_rate(0.05, 99) > learning_rate(0.5, 1000) > learning_rate(1.0, 2000) > 0


def test_the_card_tells_how_it_was_made():
    card = (BASE / "README.md").read_text("utf-8")
    assert "make_base" in card
    assert "held_out_loss" in card
