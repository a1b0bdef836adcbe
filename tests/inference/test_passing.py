"""What computes in passing leaves no thread behind."""

import threading

import pytest

from patzta.inference.passing import in_passing
from tests.running import eventually


async def test_a_result_comes_and_the_thread_goes() -> None:
    thread = in_passing(threading.current_thread).result(5)
    assert thread is not threading.current_thread()
    await eventually(lambda: not thread.is_alive(), 5)


def test_an_error_reaches_who_asked() -> None:
    with pytest.raises(ZeroDivisionError):
        in_passing(divmod, 1, 0).result(5)
