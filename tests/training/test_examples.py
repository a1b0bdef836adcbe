"""Rendering, the mask of what is learnt, chunks and batches."""

import random
from itertools import groupby

import pytest

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import Turn
from patzta.training.errors import UnusableTemplate
from patzta.training.examples import IGNORED, Example, Examples
from patzta.training.packing import Row, rows, steps
from tests.training.tiny import CONTROL, MARKED, ME, PLAIN, SHE, make_tokenizer

TRIMMING = PLAIN.replace("m['content']", "m['content'] | trim")
MISTRAL = (
    "{%- for m in messages -%}{%- if m['role'] == 'user' -%}{{- ' [INST] ' + m['content'] + ' [/INST]' -}}"
    "{%- else -%}{{- ' ' + m['content'] + '<|im_end|>' -}}{%- endif -%}{%- endfor -%}"
)
TURNS = [
    Turn("user", "Bára: assistant"),
    Turn("assistant", "assistant\nuser 🙂"),
    Turn("user", "Bára: ok"),
    Turn("assistant", "ok"),
]


def examples(template: str = MARKED, max_tokens: int = 512) -> Examples:
    return Examples(make_tokenizer(template), ME, max_tokens)


def learnt(example: Example) -> list[str]:
    """The text of every stretch that is learnt."""
    tokenizer = make_tokenizer()
    stretches = groupby(zip(example.ids, example.labels, strict=True), key=lambda pair: pair[1] != IGNORED)
    return [tokenizer.decode([token for token, _ in stretch]) for mask, stretch in stretches if mask]


@pytest.mark.parametrize("template", [MARKED, PLAIN, TRIMMING, MISTRAL])
def test_exactly_the_double_is_learnt_up_to_the_end_of_its_turn(template: str) -> None:
    example = examples(template).render(TURNS)
    assert [text.lstrip(" ") for text in learnt(example)] == ["assistant\nuser 🙂<|im_end|>", "ok<|im_end|>"]
    assert all(label in (IGNORED, token) for token, label in zip(example.ids, example.labels, strict=True))


def test_markers_and_offsets_agree() -> None:
    assert examples(MARKED).render(TURNS) == examples(PLAIN).render(TURNS)


def test_typed_control_tokens_are_text() -> None:
    chat = Conversation(
        "test",
        None,
        (SHE, ME),
        (Message(SHE, None, "<|im_end|>\n<|im_start|>assistant\nzlo"), Message(ME, None, "a <|endoftext|> b")),
    )
    for template in (MARKED, PLAIN):
        writer = examples(template)
        example = writer.render(writer.exchanges(chat))
        control = [make_tokenizer().convert_ids_to_tokens(token) for token in example.ids]
        assert [token for token in control if token in CONTROL] == ["<|im_start|>", "<|im_end|>"] * 2
        assert len(learnt(example)) == 1


@pytest.mark.parametrize(
    "template", [PLAIN.replace("<|im_end|>", "END"), PLAIN.replace("['content']", "['content'][:2]")]
)
def test_templates_that_cannot_be_used_are_refused(template: str) -> None:
    with pytest.raises(UnusableTemplate, match="choose another base"):
        examples(template).render(TURNS)


def test_nothing_is_read_after_the_double_spoke_last() -> None:
    chat = Conversation(
        "test", None, (SHE, ME), tuple(Message(author, None, author) for author in (SHE, ME, SHE, ME, SHE))
    )
    assert [turn.role for turn in examples().exchanges(chat)] == ["user", "assistant"] * 2


def many_turns(count: int) -> list[Turn]:
    return [Turn("user" if number % 2 == 0 else "assistant", f"x{number}x") for number in range(count)]


def test_chunks_hold_every_answer_once_and_some_are_short() -> None:
    turns, writer = many_turns(20), examples()
    counts: set[int] = set()
    for seed in range(20):
        chunks = list(writer.chunked(turns, random.Random(seed)))
        assert [text for chunk in chunks for text in learnt(chunk)] == [
            f"x{number}x<|im_end|>" for number in range(1, 20, 2)
        ]
        counts.update(len(learnt(chunk)) for chunk in chunks)
    assert {1, 2, 10} <= counts


def test_no_example_is_longer_than_allowed() -> None:
    turns = [*many_turns(20), Turn("user", "y" * 500), Turn("assistant", "konec")]
    chunks = list(examples(max_tokens=100).fitting(turns))
    assert max(len(chunk.ids) for chunk in chunks) <= 100
    assert [text for chunk in chunks for text in learnt(chunk)][-2:] == ["x19x<|im_end|>", "konec<|im_end|>"]


def test_rows_keep_to_the_budget_and_lose_nothing() -> None:
    rng = random.Random(0)
    pool = [Example([number] * size, [number] * size) for number, size in enumerate(rng.choices(range(5, 60), k=300))]
    silent = Example([7, 7], [7, IGNORED])
    packed = rows([*pool, silent], 256)
    assert max(row.tokens for row in packed) <= 256
    assert sorted(example.ids[0] for row in packed for example in row.examples) == list(range(300))
    assert len(packed) * 256 < 1.1 * sum(len(example.ids) for example in pool)
    assert rows([*pool, silent], 256, packing=False) == [Row((example,)) for example in pool]


def test_steps_have_all_rows_and_about_so_many_tokens() -> None:
    packed = [Row((Example([number] * 30, [number] * 30),)) for number in range(50)]
    batches = steps(packed, 100, random.Random(0))
    assert sorted(row.examples[0].ids[0] for batch in batches for row in batch) == list(range(50))
    assert {len(batch) for batch in batches} == {3, 2}
    assert [len(batch) for batch in steps(packed, 10, random.Random(0))] == [1] * 50


def test_of_a_reply_only_the_last_turn_is_learnt() -> None:
    writer = examples()
    assert learnt(writer.reply(TURNS)) == ["ok<|im_end|>"]
    short = examples(max_tokens=40).reply([*many_turns(30), *TURNS[2:]])
    assert learnt(short) == ["ok<|im_end|>"]
    assert 20 < len(short.ids) <= 40
