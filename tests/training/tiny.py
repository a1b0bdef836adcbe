"""A base model and a dataset made on the spot, small enough to be trained in seconds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from patzta.chat.conversation import Conversation, Message
from patzta.dataset.build import build

ME, SHE = "Vilém", "Bára"
CONTROL = ["<|pad|>", "<|endoftext|>", "<|im_start|>", "<|im_end|>"]

HEAD = "{{- '<|im_start|>' + m['role'] + '\n' -}}"
BODY = "{{- m['content'] + '<|im_end|>' -}}"
MARKED = (
    "{%- for m in messages -%}" + HEAD + "{%- if m['role'] == 'assistant' -%}"
    "{% generation %}" + BODY + "{% endgeneration %}{%- else -%}" + BODY + "{%- endif -%}{{- '\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}"
)
PLAIN = MARKED.replace("{% generation %}", "").replace("{% endgeneration %}", "")


def chats(days: int = 30) -> list[Conversation]:
    """Every day the same few questions with the same answers."""
    talk = [(SHE, "ahoj, jak je?"), (ME, "jde to"), (ME, "a ty?"), (SHE, "taky 🙂 pivo?"), (ME, "v pět u Dvořáka")]
    start = datetime(2024, 5, 1, 12, tzinfo=UTC)
    messages = [
        Message(author, start + timedelta(days=day, minutes=minute), f"{text} {day % 3}")
        for day in range(days)
        for minute, (author, text) in enumerate(talk)
    ]
    return [Conversation("test", None, (SHE, ME), tuple(messages))]


def make_dataset(folder: Path) -> Path:
    build(chats(), ME, folder)
    return folder


def make_tokenizer(template: str = MARKED) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=CONTROL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [message.text for thread in chats() for message in thread.messages]
    tokenizer.train_from_iterator([*texts, "user", "assistant"], trainer)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=CONTROL[0], eos_token=CONTROL[3])
    wrapped.add_special_tokens({"additional_special_tokens": CONTROL[1:3]})
    wrapped.chat_template = template
    return wrapped


def make_base(folder: Path) -> Path:
    """Random weights; the dimensions are multiples of 64, as 4-bit kernels on CPUs want them."""
    tokenizer = make_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=1,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=3,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
