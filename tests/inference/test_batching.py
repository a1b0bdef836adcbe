"""Many chats with one real model: the same words as alone, what is read once, who waits for whom, what goes wrong."""

import threading
from pathlib import Path

import pytest
import torch

from patzta.inference import Busy, GenerationFailed
from patzta.inference.batching import Batcher
from patzta.inference.chats import Chat, common
from patzta.inference.forward import Forward
from patzta.inference.loading import load_weights
from patzta.inference.sampling import Bans
from patzta.inference.slots import Part, Slots
from tests.training.conftest import base

__all__ = ["base"]

GREEDY = {"temperature": 1e-6}
PROMPTS = [[5, 9, 40, 77], [200, 31, 8], list(range(20, 90)), [7] * 3 + [11, 12]]


class Served:
    """A batcher over a model, and what it was asked to read."""

    def __init__(self, model, rows: int = 8, length: int = 256, **options) -> None:
        self.read: list[list[int]] = []
        """How many tokens of each row, of each forward."""
        self.before = lambda: None
        slots = Slots(model.config.get_text_config().num_hidden_layers, rows, length)
        forward = Forward(model, slots)
        self.prefix = forward.prefix

        def watched(parts):
            self.read.append([part.width for part in parts for _ in part.ids])
            self.before()
            return forward(parts)

        self.batcher = Batcher(watched, slots, [], Bans([], [], model.device), **options)

    def __enter__(self):
        self.batcher.start()
        return self

    def __exit__(self, *_) -> None:
        self.batcher.close()

    def ask(self, ids: list[int], count: int = 12, **more) -> "Answer":
        return Answer(self.batcher, self.prefix + ids, count, more)


class Answer:
    def __init__(self, batcher: Batcher, ids: list[int], count: int, more: dict) -> None:
        self.ids: list[int] = []
        self.first, self._over = threading.Event(), threading.Event()
        self.end = None
        self.chat = Chat(list(ids), count, self._said, self._ended, **(GREEDY | more))
        batcher.submit(self.chat)

    def _said(self, ids: list[int]) -> None:
        self.ids += ids
        self.first.set()

    def _ended(self, end) -> None:
        self.end = end
        self._over.set()

    def wait(self) -> list[int]:
        assert self._over.wait(60)
        return self.ids


def plain(base: Path):
    return load_weights(base, "", "none")


@pytest.fixture(scope="module", params=["none", "nf4", "int8"])
def model(request, base: Path):
    return load_weights(base, "", request.param)


def alone(model, ids: list[int], count: int = 12) -> list[int]:
    """By the library; the model is none that a batcher has."""
    prompt = torch.tensor([ids])
    with torch.inference_mode():
        out = model.generate(
            input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=count,
            eos_token_id=None, pad_token_id=0,
        )  # fmt: skip
    return out[0, len(ids) :].tolist()


def test_together_they_say_what_each_says_alone(model) -> None:
    wanted = [alone(model, ids) for ids in PROMPTS]
    with Served(model) as served:
        found = [served.ask(ids) for ids in PROMPTS]
        agreeing = [common(answer.wait(), ids) for answer, ids in zip(found, wanted, strict=True)]
    # In 8 bit the outliers of a whole batch count, so that a tie may fall the other way.
    assert sum(agreeing) >= (0.6 if getattr(model, "is_loaded_in_8bit", False) else 1) * sum(map(len, wanted))
    assert {answer.end for answer in found} == {"length"}
    assert max(map(len, served.read)) == len(PROMPTS)


def test_prompts_of_unlike_length_are_read_in_one_forward(base) -> None:
    served = Served(plain(base))
    found = [served.ask(ids) for ids in PROMPTS]
    with served:
        assert [answer.wait() for answer in found] == [alone(plain(base), ids) for ids in PROMPTS]
    assert served.read[0] == [len(ids) for ids in PROMPTS]


def test_everything_that_a_forward_needs_is_on_the_models_device() -> None:
    slots = Slots(1, 4, 16, torch.device("meta"))
    parts = [Part(1, [[5], [6]], [4, 9]), Part(3, [[7, 8]], [0])]
    slots.read(parts)
    keys, values = slots.update(torch.ones(1, 1, 4, 8, device="meta"), torch.ones(1, 1, 4, 8, device="meta"), 0)
    assert keys.shape == values.shape == (4, 1, 16, 8)
    assert {slots.seen(part).device.type for part in parts} == {slots.positions.device.type} == {"meta"}
    assert [slots.seen(part).shape for part in parts] == [(2, 1, 1, 10), (1, 1, 2, 2)]


def test_who_goes_on_is_not_read_again(base) -> None:
    with Served(plain(base), rows=4) as served:
        first = served.ask(PROMPTS[2])
        talk = [*PROMPTS[2], *first.wait(), 50, 51, 52]
        other = served.ask(PROMPTS[0])
        other.wait()
        served.read.clear()
        second = served.ask(talk).wait()
    assert served.read[0] == [4]  # the last token of the answer, and the three new ones
    assert second == alone(plain(base), talk)


def test_another_chat_of_the_same_beginning_copies_it_and_spoils_nothing(base) -> None:
    with Served(plain(base), rows=4) as served:
        first = served.ask(PROMPTS[2], 40)
        assert first.first.wait(60)
        branch = [*PROMPTS[2][:60], 3, 4, 5]
        second = served.ask(branch)
        assert second.wait() == alone(plain(base), branch)
        assert first.wait() == alone(plain(base), PROMPTS[2], 40)[: len(first.ids)]
    assert sum(count for counts in served.read for count in counts if count > 1) < len(PROMPTS[2]) + len(branch)


def test_rows_are_given_to_whoever_comes_when_all_are_taken(base) -> None:
    with Served(plain(base), rows=2, together=2) as served:
        answers = [served.ask([*ids, number]) for number in range(3) for ids in PROMPTS]
        assert [answer.wait() for answer in answers] == [
            alone(plain(base), [*ids, number]) for number in range(3) for ids in PROMPTS
        ]


def test_a_long_prompt_is_read_in_pieces_while_others_write(base) -> None:
    with Served(plain(base), length=512) as served:
        writing = served.ask(PROMPTS[0], 200)
        assert writing.first.wait(60)
        served.batcher._piece = 32
        served.batcher._pace = lambda *_: None
        served.read.clear()
        served.ask([int(one) for one in torch.randint(5, 300, (300,))], 2).wait()
        pieces = [counts for counts in served.read if max(counts) > 1]
        writing.wait()
    assert len(pieces) == 10
    assert all(len(counts) == 2 and min(counts) == 1 for counts in pieces), "a token is written in each"


def test_a_cancelled_one_ends_within_a_step_and_is_told_so(base) -> None:
    with Served(plain(base)) as served:
        chat = served.ask(PROMPTS[0], 240)
        assert chat.first.wait(60)
        served.batcher.cancel(chat.chat)
        written = len(chat.ids)
        chat.wait()
        assert chat.end == "cancelled"
        assert len(chat.ids) <= written + 2
        assert served.ask(PROMPTS[1]).wait()


def test_places_take_turns_and_too_many_are_refused(base) -> None:
    order: list[str] = []
    go = threading.Event()
    with Served(plain(base), together=1, queue=4) as served:
        served.before = go.wait
        blocking = served.ask(PROMPTS[0], 2, place="a")
        while served.batcher.waiting:
            pass
        waiting = [served.ask(PROMPTS[1], 2, place=place) for place in "aabb"]
        for answer, place in zip(waiting, "aabb", strict=True):
            answer.chat.ended = lambda end, answer=answer, place=place: (order.append(place), answer._ended(end))
        with pytest.raises(Busy):
            served.ask(PROMPTS[2])
        go.set()
        for answer in [blocking, *waiting]:
            answer.wait()
    assert order == list("aabb")  # with one at a time, nobody else is in hand: who came first


def test_a_place_with_one_in_hand_lets_others_go_first(base) -> None:
    go = threading.Event()
    with Served(plain(base), together=2) as served:
        served.before = go.wait
        served.ask(PROMPTS[0], 30, place="a")
        while served.batcher.waiting:
            pass
        late, soon = served.ask(PROMPTS[1], 30, place="a"), served.ask(PROMPTS[3], 30, place="b")
        go.set()
        soon.wait()
        assert not late.ids or len(late.ids) < len(soon.ids)
        late.wait()


def test_without_memory_less_is_read_and_then_one_fails(base) -> None:
    with Served(plain(base)) as served:
        faults: list[Exception] = []

        def fail() -> None:
            if faults and len(served.read[-1]) == 2:
                raise faults.pop()

        served.before = fail
        faults += [torch.OutOfMemoryError("full")] * 2
        first = served.ask(PROMPTS[0], 60)
        assert first.first.wait(60)
        served.batcher._piece = 64
        second = served.ask(PROMPTS[2], 60)
        assert isinstance((second.wait(), second.end)[1], GenerationFailed)
        assert first.wait() == alone(plain(base), PROMPTS[0], 60)[: len(first.ids)]
        assert first.end in {"length", "repeat"}
        pieces = [max(counts) for counts in served.read if len(counts) == 2]
        assert pieces[:2] == [64, 32], "less is tried before one is given up"


@pytest.mark.parametrize("where", ["forward", "swap"])
def test_after_another_fault_all_in_hand_are_told_and_the_next_is_served(base, where: str) -> None:
    with Served(plain(base)) as served:
        faults: list[Exception] = []

        def fail(*_) -> None:
            if faults and len(served.read[-1]) == 2:
                raise faults[0]

        if where == "forward":
            served.before = fail
        else:
            swap = served.batcher._slots.swap
            served.batcher._slots.swap = lambda *how: (fail(), swap(*how))
        faults.append(torch.OutOfMemoryError("broken") if where == "swap" else RuntimeError("broken"))
        ends = [served.ask(ids, 60) for ids in PROMPTS[:2]]
        for answer in ends:
            answer.wait()
            assert "broken" in str(answer.end)
        faults.clear()
        assert served.ask(PROMPTS[0]).wait() == alone(plain(base), PROMPTS[0])


def test_whoever_cannot_be_told_harms_nobody_else(base) -> None:
    def fail(*_) -> None:
        raise RuntimeError("deaf")

    with Served(plain(base)) as served:
        ends: list = []
        served.batcher.submit(Chat(list(PROMPTS[0]), 20, fail, ends.append, **GREEDY))
        served.batcher.submit(Chat(list(PROMPTS[1]), 1, lambda _: None, fail, **GREEDY))
        assert served.ask(PROMPTS[0]).wait() == alone(plain(base), PROMPTS[0])
        assert "deaf" in str(ends[0])


def test_closing_ends_everything(base) -> None:
    with Served(plain(base), together=1) as served:
        both = [served.ask(ids, 250) for ids in PROMPTS[:2]]
    for answer in both:
        answer.wait()
        assert isinstance(answer.end, GenerationFailed)
    with pytest.raises(GenerationFailed):
        served.ask(PROMPTS[0])


def test_idle_waits_for_those_who_wait(base) -> None:
    with Served(plain(base), together=1) as served:
        both = [served.ask(ids, 20) for ids in PROMPTS[:2]]
        served.batcher.idle().result(60)
        assert all(answer.end == "length" for answer in both)


def test_a_learnt_prompt_stands_before_every_chat(base) -> None:
    from peft import PromptTuningConfig, TaskType, get_peft_model

    torch.manual_seed(1)
    model = get_peft_model(plain(base), PromptTuningConfig(TaskType.CAUSAL_LM, num_virtual_tokens=4)).eval()
    wanted = [alone(model, ids) for ids in PROMPTS]
    with torch.inference_mode():
        with_it, without = (one(torch.tensor(PROMPTS[:1])).logits[0, -1] for one in (model, plain(base)))
        forward = Forward(model, Slots(model.config.num_hidden_layers, 2, 64))
        found = forward([Part(0, [forward.prefix + PROMPTS[0]], [0])])[0]
    torch.testing.assert_close(found, with_it, rtol=1e-3, atol=1e-3)
    assert (found - without).abs().max() > 1e-2, "greedy words alone would not show it"
    with Served(model) as served:
        assert [served.ask(ids).wait() for ids in PROMPTS] == wanted
