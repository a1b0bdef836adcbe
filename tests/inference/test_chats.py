"""What two chats begin with alike."""

import pytest

from patzta.inference.chats import common


@pytest.mark.parametrize(
    ("one", "other", "count"), [("", "abc", 0), ("abc", "abd", 2), ("abc", "abc", 3), ("abcd", "abc", 3), ("x", "y", 0)]
)
def test_the_common_beginning(one: str, other: str, count: int) -> None:
    assert common(list(map(ord, one)), list(map(ord, other))) == count
