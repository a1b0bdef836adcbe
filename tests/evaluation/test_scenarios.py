"""What makes a scenario fail."""

import json
from pathlib import Path

import pytest

from patzta.evaluation import BrokenScenarios
from patzta.evaluation.scenarios import BUNDLED, Scenario, faults, read_scenarios

TALK = Scenario("talk", ("hele jak se dneska máš ty kluku jeden", "co děláš?"), "cs")


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        (["docela dobře", "nic moc"], []),
        (["", "nic"], ["empty"]),
        (["[reacts ❤]", "nic"], ["empty"]),
        (["jo<|im_end|>", "nic"], ["a piece of the template"]),
        (["<think>hm</think> jo", "nic"], ["a piece of the template"]),
        (["⟪user⟫", "nic"], ["a piece of the template"]),
        (["MÁM", "nic"], ["a piece of the template"]),
        (["hele jak se dneska máš ty kluku jeden", "nic"], ["copies what was asked"]),
        (["I am doing fine today, thank you for asking me", "just sitting at home"], ["language en instead of cs"]),
    ],
)
def test_faults_are_named(answers: list[str], wrong: list[str]) -> None:
    assert list(faults(TALK, answers, ["<|im_end|>", "MÁM"])) == wrong


def test_ours_cover_what_a_friend_would_try() -> None:
    names = [scenario.name for scenario in read_scenarios(BUNDLED)]
    assert names == ["introduction", "small talk", "discussion", "personal question", "intellectual question"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '[{"name": "a"}]', '[{"name": "a", "says": []}]', '["a"]'])
def test_another_file_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scenarios.json"
    path.write_text(text, "utf-8")
    with pytest.raises(BrokenScenarios, match=r"scenarios\.json is no file of scenarios"):
        read_scenarios(path)
    path.write_text(json.dumps([{"name": "a", "says": ["ahoj"]}]), "utf-8")
    assert read_scenarios(path) == [Scenario("a", ("ahoj",))]
