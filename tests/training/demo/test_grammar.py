import random

import pytest

from patzta.training.demo.grammar import Grammar

LINES = [
    "@food pizza,pizzu; rice,rýži",
    "# dinner",
    "> What's for dinner?",
    "< [Just|Only] {food}. / [|] / And {food2}?",
    "> Is {food.1} healthy?",
    "< Who cares.",
]


def drawn(seed):
    grammar = Grammar(LINES)
    return grammar.draw(grammar.scenes[0], random.Random(seed))


def test_a_slot_stays_the_same_through_the_scene_and_a_second_one_differs():
    forms = {"pizza": "pizzu", "rice": "rýži"}
    for seed in range(20):
        first, second = drawn(seed)
        word = first.replies[0].split()[1].rstrip(".")
        assert second.asks == [f"Is {forms[word]} healthy?"]
        assert first.replies[1].removeprefix("And ").rstrip("?") in forms.keys() - {word}


def test_empty_sub_messages_vanish():
    assert all(len(drawn(seed)[0].replies) == 2 for seed in range(5))


def test_given_slots_are_used():
    grammar = Grammar(["# a", "> řekl{a}", "< jo"])
    assert grammar.draw(grammar.scenes[0], random.Random(1), {"a": ["a"]})[0].asks == ["řekla"]


def test_a_stray_line_is_refused():
    with pytest.raises(ValueError, match="stray"):
        Grammar(["stray line"])
