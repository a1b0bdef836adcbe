"""Drawing, what is never written, and going round in circles."""

import pytest
import torch

from patzta.inference.repeats import repeats
from patzta.inference.sampling import TRIES, Bans, draw


def drawn(
    logits: torch.Tensor, times: int = 2000, temperature: float = 1.0, top_p: float = 1.0, top_k: int = 0
) -> dict:
    torch.manual_seed(0)
    rows = logits.expand(times, -1)
    ids = draw(rows, torch.full((times,), temperature), torch.full((times,), top_p), torch.full((times,), top_k))
    return dict(zip(*(part.tolist() for part in ids.unique(return_counts=True)), strict=True))


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    found = drawn(torch.tensor([0.5, 0.3, 0.2]).log())
    assert found[0] / 2000 == pytest.approx(0.5, abs=0.05)
    assert found[2] / 2000 == pytest.approx(0.2, abs=0.05)


def test_a_nucleus_includes_the_token_that_passes_it() -> None:
    shares = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    assert set(drawn(shares, top_p=0.6)) == {0, 1}
    assert set(drawn(shares, top_p=0.4)) == {0}
    assert set(drawn(shares, top_k=3)) == {0, 1, 2}


def test_a_long_tail_is_drawn_from_as_often_as_it_is_likely() -> None:
    shares = torch.cat([torch.tensor([0.5]), torch.full((1000,), 0.0005)])
    found = drawn(shares.log(), top_p=0.9)
    assert found[0] / 2000 == pytest.approx(0.5, abs=0.05)
    assert len(found) > 500


@pytest.mark.parametrize("settings", [{"top_p": 0.001}, {"top_k": 1}, {"top_p": 0.5, "top_k": 1}])
def test_what_is_hardly_ever_drawn_by_chance_is_found_all_the_same(settings: dict) -> None:
    """Many more tries than there are would be needed."""
    shares = torch.cat([torch.tensor([0.01]), torch.full((99 * TRIES,), 0.99 / (99 * TRIES))])
    assert set(drawn(shares.log(), times=50, **settings)) == {0}


def test_what_has_no_share_is_never_drawn() -> None:
    logits = torch.tensor([-torch.inf, 0.0, -torch.inf, 0.0, -torch.inf])
    assert set(drawn(logits)) == {1, 3}
    assert set(drawn(logits, temperature=1e-6)) == {1, 3}


def test_each_row_has_its_own_settings() -> None:
    logits = torch.tensor([[0.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    torch.manual_seed(0)
    rows = [draw(logits, torch.tensor([0.01, 1.0]), torch.tensor([1.0, 1.0]), torch.tensor([0, 0])) for _ in range(60)]
    first, second = ({int(row[place]) for row in rows} for place in (0, 1))
    assert first == {1}
    assert second == {0, 1, 2}


def test_what_is_banned_is_not_drawn() -> None:
    bans = Bans([[3], [1, 2]], [0], torch.device("cpu"))
    logits = torch.zeros(2, 5)
    bans.put(logits, [[], [4, 1]])
    banned = [[token for token in range(5) if row[token] == -torch.inf] for row in logits]
    assert banned == [[0, 3], [2, 3]]


@pytest.mark.parametrize(
    ("ids", "circle"),
    [
        ([7] * 24, True),
        ([7] * 20, False),
        ([1, 2] * 12, True),
        ([1, 2] * 5 + [3], False),
        (list(range(40)) * 4, True),
        (list(range(40)) * 3, False),
        ([9, 9, *list(range(12)) * 4], True),
        ([], False),
    ],
)
def test_a_circle_is_a_stretch_run_through_four_times(ids: list[int], circle: bool) -> None:
    assert repeats(ids) is circle
