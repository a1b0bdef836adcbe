"""What the communication cog reckons without a bot: limits, silent hours, emoji."""

from datetime import UTC, datetime, time, timedelta

from cogs.communication._context import plain_emoji
from cogs.communication._limits import HOUR, IN_A_ROW, Limits
from cogs.communication._triggers import is_silent


def test_limits_are_for_an_hour_and_cross_a_reload() -> None:
    limits = Limits(2, 3)
    assert [limits.allow(1, 5, now) for now in (0, 1, 2)] == [True, True, False]
    assert [limits.allow(2, 5, now) for now in (2, 3)] == [True, False]
    after = Limits(2, 3)
    after.take_over(limits.export())
    assert not after.allow(1, 5, 10)
    assert after.allow(1, 5, HOUR + 2)


def test_two_bots_do_not_talk_for_ever() -> None:
    limits = Limits(9, 9)
    assert [limits.may_answer_bot(5) for _ in range(IN_A_ROW + 2)] == [True] * IN_A_ROW + [False] * 2
    limits.person_wrote(5)
    assert limits.may_answer_bot(5)


def test_custom_emoji_are_written_as_people_type_them() -> None:
    assert plain_emoji("a <:pivo:1> <a:tanec:22> <#3>") == "a :pivo: :tanec: <#3>"


def test_silence_may_go_over_midnight() -> None:
    night = (time(22), time(7))
    at = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24)]
    assert [now.hour for now in at if is_silent(night, now)] == [0, 1, 2, 3, 4, 5, 6, 22, 23]
    assert [now.hour for now in at if is_silent((time(9), time(11)), now)] == [9, 10]
    assert not any(is_silent(None, now) for now in at)
